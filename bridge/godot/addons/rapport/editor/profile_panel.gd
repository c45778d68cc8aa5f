@tool
extends VBoxContainer
## What stands above a profile in the inspector: its warnings, and ways to fill and save it.

const PRESETS := "res://addons/rapport/presets/"
const FILTERS: PackedStringArray = ["*.toml, *.json ; Rapport profiles"]
const WARNING := Color("e8b86d")

## The profile that is edited.
var profile: RapportProfile

var _warnings := Label.new()
var _presets := MenuButton.new()
var _dialog: EditorFileDialog


func _ready() -> void:
	_warnings.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_warnings.add_theme_color_override("font_color", WARNING)
	add_child(_warnings)
	var row := HBoxContainer.new()
	add_child(row)
	_presets.text = "Presets"
	_presets.tooltip_text = "Fill this profile with one that comes with Rapport."
	_presets.flat = false
	for file: String in DirAccess.get_files_at(PRESETS):
		if file.get_extension() == "toml":
			_presets.get_popup().add_item(file.get_basename())
	_presets.get_popup().index_pressed.connect(_on_preset)
	row.add_child(_presets)
	for button: Array in [
		["Import…", "Fill this profile from a TOML or JSON file.", EditorFileDialog.FILE_MODE_OPEN_FILE],
		["Export…", "Save it as JSON, for other engines and for `rapport try`.", EditorFileDialog.FILE_MODE_SAVE_FILE],
	]:
		var made := Button.new()
		made.text = button[0]
		made.tooltip_text = button[1]
		made.pressed.connect(_open_dialog.bind(button[2]))
		row.add_child(made)
	profile.changed.connect(_show_warnings)
	_show_warnings()


func _show_warnings() -> void:
	var found := profile.warnings()
	_warnings.visible = not found.is_empty()
	_warnings.text = "⚠ " + "\n⚠ ".join(found)


func _on_preset(index: int) -> void:
	_fill("%s%s.toml" % [PRESETS, _presets.get_popup().get_item_text(index)])


func _fill(path: String) -> void:
	var format := "json" if path.get_extension() == "json" else "toml"
	var read := RapportProfile.from_text(FileAccess.get_file_as_string(path), format)
	var problems: PackedStringArray = read.problems
	if not problems.is_empty():
		_warnings.text = "%s is not taken: %s" % [path.get_file(), "\n".join(problems)]
		_warnings.visible = true
		return
	var undo := EditorInterface.get_editor_undo_redo()
	undo.create_action("Fill Rapport profile", UndoRedo.MERGE_DISABLE, profile)
	undo.add_do_method(profile, &"become", read.profile)
	undo.add_undo_method(profile, &"become", profile.duplicate())
	undo.add_do_method(profile, &"notify_property_list_changed")
	undo.add_undo_method(profile, &"notify_property_list_changed")
	undo.commit_action()


func _open_dialog(mode: EditorFileDialog.FileMode) -> void:
	if _dialog == null:
		_dialog = EditorFileDialog.new()
		_dialog.access = EditorFileDialog.ACCESS_FILESYSTEM
		_dialog.file_selected.connect(_on_file)
		add_child(_dialog)
	_dialog.file_mode = mode
	_dialog.filters = FILTERS if mode == EditorFileDialog.FILE_MODE_OPEN_FILE else PackedStringArray(["*.json ; JSON"])
	_dialog.popup_file_dialog()


func _on_file(path: String) -> void:
	if _dialog.file_mode == EditorFileDialog.FILE_MODE_OPEN_FILE:
		_fill(path)
		return
	var file := FileAccess.open(path, FileAccess.WRITE)
	if file != null:
		file.store_string(profile.to_json() + "\n")
