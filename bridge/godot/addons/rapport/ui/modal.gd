extends Control
## What the bridge's two panels do alike: they fit into every window, keep the focus, free the mouse, give
## both back, and can be used with a gamepad.

const Words := preload("words.gd")
const Client := preload("../rapport.gd")

## Nothing is drawn smaller than this part of its size.
const SMALLEST := 0.2
## Godot's own actions know a gamepad's arrows and stick, but not its buttons.
const PAD_ACTIONS: Dictionary = { JOY_BUTTON_A: &"ui_accept", JOY_BUTTON_B: &"ui_cancel" }

# In a smaller window all is drawn smaller, so that it fits.
var _least := Vector2(840.0, 600.0)
var _focus_before: Control
var _mouse_before := Input.MOUSE_MODE_VISIBLE

@onready var _center: CenterContainer = $Center


func _init() -> void:
	Words.add()
	process_mode = Node.PROCESS_MODE_ALWAYS


func _ready() -> void:
	visible = false
	resized.connect(_fit)
	# Wrapped words know their height only once they were laid out.
	_center.minimum_size_changed.connect(_fit, CONNECT_DEFERRED)


## Closes the panel without an answer.
func close() -> void:
	if not visible:
		return
	visible = false
	Input.mouse_mode = _mouse_before
	if is_instance_valid(_focus_before) and _focus_before.is_visible_in_tree():
		_focus_before.grab_focus()


func _show_panel() -> void:
	if not visible:
		_focus_before = get_viewport().gui_get_focus_owner()
		_mouse_before = Input.mouse_mode
		Input.mouse_mode = Input.MOUSE_MODE_VISIBLE
	visible = true
	_fit()


# Lays all out over an area that is at least so large; returns that area.
func _fit() -> Vector2:
	# A control that was not laid out yet has no size.
	var shrunk := clampf(minf(size.x / _least.x, size.y / _least.y), SMALLEST, 1.0)
	_center.scale = Vector2.ONE * shrunk
	_center.position = Vector2.ZERO
	_center.size = size / shrunk
	return size / shrunk


# What Escape does.
func _cancel() -> void:
	close()


# The focus goes round among these controls, and nowhere else.
func _ring(controls: Array[Control]) -> void:
	for index: int in controls.size():
		var here := controls[index]
		var next := here.get_path_to(controls[(index + 1) % controls.size()])
		var before := here.get_path_to(controls[index - 1])
		here.focus_next = next
		here.focus_previous = before
		here.focus_neighbor_bottom = next
		here.focus_neighbor_top = before


func _input(event: InputEvent) -> void:
	var pad := event as InputEventJoypadButton
	if not visible or pad == null or not PAD_ACTIONS.has(pad.button_index):
		return
	var action: StringName = PAD_ACTIONS[pad.button_index]
	if not InputMap.event_is_action(event, action):
		get_viewport().set_input_as_handled()
		var meant := InputEventAction.new()
		meant.action = action
		meant.pressed = pad.pressed
		get_viewport().push_input.call_deferred(meant)


func _unhandled_input(event: InputEvent) -> void:
	if visible and event.is_action_pressed("ui_cancel"):
		get_viewport().set_input_as_handled()
		_cancel()


func _rapport() -> Client:
	return get_node_or_null(^"/root/Rapport") as Client
