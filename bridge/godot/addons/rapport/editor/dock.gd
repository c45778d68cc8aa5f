@tool
extends ScrollContainer
## The Rapport dock: the live state, moods for the running game, and a check of a profile.
##
## Nothing is connected until the switch is on, and the dock's connection is its own: scripts of edited
## scenes never open one.

const Client := preload("../rapport.gd")
const Application := preload("../core/application.gd")
const Link := preload("../core/link.gd")
const Chart := preload("../ui/overlay_chart.gd")
const MoodSender := preload("mood_sender.gd")

## Edits that come thick and fast are sent this often at most.
const PUSH_EVERY_S := 0.15

## Sends moods to the running game; set by the plugin.
var moods: MoodSender

var _link: Link
var _state := RapportState.new()
var _version := ""
var _profile: RapportProfile
var _unsent := false
var _wait_s := 0.0

@onready var _watch: CheckButton = %Watch
@onready var _status: Label = %Status
@onready var _view: Control = %View
@onready var _mood_grid: HFlowContainer = %Moods
@onready var _mood_note: Label = %MoodNote
@onready var _profile_name: Label = %ProfileName
@onready var _check: Button = %Check
@onready var _live: CheckBox = %Live
@onready var _report: Label = %Report


func _ready() -> void:
	# While the dock's own scene is edited it is no dock.
	set_process(moods != null)
	if moods == null:
		return
	_watch.toggled.connect(_on_watch)
	_check.pressed.connect(_on_check)
	_view.draw.connect(_draw_view)
	for mood: String in RapportMood.NAMED.keys() + [RapportMood.UNSAID]:
		var button := Button.new()
		button.text = mood.capitalize()
		button.pressed.connect(_on_mood.bind(mood))
		_mood_grid.add_child(button)
	_show()


func _exit_tree() -> void:
	if _link != null:
		_link.close()


## The profile that the inspector shows: it can be checked, and edits of it can be sent.
func follow(profile: RapportProfile) -> void:
	if _profile != null and _profile.changed.is_connected(_on_changed):
		_profile.changed.disconnect(_on_changed)
	_profile = profile
	_profile.changed.connect(_on_changed)
	_report.text = ""
	_show()


func _process(delta: float) -> void:
	if _link == null:
		return
	_link.poll()
	var newest := _link.take_state()
	if newest != null:
		_state = newest
		_view.queue_redraw()
	_wait_s -= delta
	if _unsent and _live.button_pressed and _wait_s <= 0.0 and _link.is_open():
		_unsent = false
		_wait_s = PUSH_EVERY_S
		_push()
	_show()


func _on_watch(on: bool) -> void:
	if on:
		_link = Link.new(Application.id(), Application.title())  # the game's own: what is pushed is the game's
		_link.directory = str(Client.setting("rapport/sidecar/runtime_directory"))
		_link.control.welcomed.connect(func(told: Dictionary) -> void: _version = told.version)
	elif _link != null:
		_link.close()
		_link = null
	_state = RapportState.new()
	_version = ""
	_view.queue_redraw()
	_show()


func _show() -> void:
	var open := _link != null and _link.is_open()
	_view.visible = open
	if _link == null:
		_status.text = "Off: nothing is connected."
	else:
		_status.text = "Connected to Rapport %s." % _version if open else "Looking for a sidecar (%s) …" % _link.reason
	_profile_name.text = "Profile: %s" % ("none is in the inspector" if _profile == null else _name_of(_profile))
	_check.disabled = _profile == null


func _name_of(profile: RapportProfile) -> String:
	# A profile inside a scene has the scene's path, and its own id behind that.
	var file := profile.resource_path.get_slice("::", 0).get_file()
	return profile.title if file.is_empty() else "%s (%s)" % [profile.title, file]


func _draw_view() -> void:
	var chart := Chart.new(_view)
	chart.begin(_view.size)
	chart.state(_state)
	_view.custom_minimum_size.y = chart.total_height()


func _on_mood(mood: String) -> void:
	var running := moods.send(mood)
	_mood_note.text = (
		"Start the game from the editor first." if running == 0 else "Sent. A RapportMock in the game plays it."
	)


func _on_changed() -> void:
	_unsent = true
	_report.text = ""


func _on_check() -> void:
	var found := Array(_profile.warnings())
	if _link != null and _link.is_open():
		var answer: Dictionary = await _link.control.ask("profile.check", { "profile": _profile.to_json(), "format": "json" })
		found = _told(answer)
	elif found.is_empty():
		found = ["No mistake that can be seen from here. Switch the dock on for the sidecar's own check."]
	_report.text = "\n".join(found) if not found.is_empty() else "The sidecar takes it as it is."


func _told(answer: Dictionary) -> Array:
	if answer.has("error"):
		return [str(answer.error.what)]
	var found: Array = []
	for problem: Dictionary in answer.reply.problems:
		var meant: String = problem.get("suggestion", "")
		found.append("%s: %s%s" % [problem.key, problem.what, "; did you mean %s?" % meant if meant else ""])
	return found


# To every character of the edited scene that reacts by this profile.
func _push() -> void:
	var root := EditorInterface.get_edited_scene_root()
	for node: Node in (root.find_children("*", "Node") + [root] as Array[Node] if root != null else [] as Array[Node]):
		var reactor := node as RapportReactor
		if reactor != null and reactor.profile == _profile:
			var fields := { "npc": reactor.character(), "profile": _profile.to_json(), "format": "json" }
			var answer: Dictionary = await _link.control.ask("profile.set", fields)
			_report.text = "\n".join(_told(answer)) if answer.has("error") else "Sent to %s." % reactor.character()
