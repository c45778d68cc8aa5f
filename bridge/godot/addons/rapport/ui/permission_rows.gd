extends VBoxContainer
## One row for each permission: a box that is never ticked beforehand, or what is allowed with a button to
## take it back.

const Words := preload("words.gd")

## A box was ticked, or is not ticked any more.
signal chosen
## The player takes a permission back.
signal taken_back(permission: String)

# By permission.
var _boxes: Dictionary = {}
var _focusable: Array[Control] = []


## Shows a row for each of these permissions. [param sentences] says what is sensed, by permission;
## [param granted] are the grants that hold now, by permission.
func show_rows(permissions: Array[String], sentences: Dictionary, granted: Dictionary) -> void:
	_boxes.clear()
	_focusable.clear()
	for child: Node in get_children():
		remove_child(child)
		child.queue_free()
	for permission: String in permissions:
		var sentence: String = sentences.get(permission, permission)
		if granted.has(permission):
			var until: float = granted[permission].until_wall
			add_child(_allowed(permission, sentence, until))
		else:
			add_child(_box(permission, sentence))
	visible = not permissions.is_empty()


## Whether there is anything to choose.
func has_boxes() -> bool:
	return not _boxes.is_empty()


## What is ticked.
func ticked() -> PackedStringArray:
	var found := PackedStringArray()
	for permission: String in _boxes:
		if (_boxes[permission] as CheckBox).button_pressed:
			found.append(permission)
	return found


## What takes the focus, in order.
func focusable() -> Array[Control]:
	return _focusable


func _box(permission: String, sentence: String) -> CheckBox:
	var box := CheckBox.new()
	box.text = sentence
	box.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	box.toggled.connect(func(_on: bool) -> void: chosen.emit())
	_boxes[permission] = box
	_focusable.append(box)
	return box


func _allowed(permission: String, sentence: String, until_wall: float) -> Control:
	var row := HBoxContainer.new()
	row.add_theme_constant_override("separation", 14)
	var tick := TextureRect.new()
	tick.texture = get_theme_icon("checked", "CheckBox")
	tick.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	row.add_child(tick)
	var words := Label.new()
	words.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	words.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	var date := Time.get_date_string_from_unix_time(int(until_wall))
	words.text = "%s\n%s" % [tr("RAPPORT_ALLOWED_UNTIL").format({ "date": date }), sentence]
	row.add_child(words)
	var button := Button.new()
	button.text = tr("RAPPORT_TAKE_BACK")
	button.size_flags_vertical = Control.SIZE_SHRINK_CENTER
	button.tooltip_text = sentence
	button.pressed.connect(func() -> void: taken_back.emit(permission))
	Words.describe(button, button.text, sentence)
	row.add_child(button)
	_focusable.append(button)
	var panel := PanelContainer.new()
	panel.theme_type_variation = &"RapportRow"
	panel.add_child(row)
	return panel
