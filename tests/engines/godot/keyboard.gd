extends "res://case.gd"
## A case that plays a scene of the bridge with the keyboard alone.


## Puts a scene of the bridge on the screen.
func show_scene(scene: String) -> Control:
	var node := (load("res://addons/rapport/ui/%s.tscn" % scene) as PackedScene).instantiate() as Control
	add_child(node)
	return node


## Presses and lets go of a key, and waits until what follows has happened.
func press(key: Key, count: int = 1) -> void:
	for index: int in count:
		for down: bool in [true, false]:
			var event := InputEventKey.new()
			event.keycode = key
			event.physical_keycode = key
			event.pressed = down
			get_viewport().push_input(event)
			await get_tree().process_frame
			await get_tree().process_frame


## Presses and lets go of a button of a gamepad.
func press_pad(button: JoyButton) -> void:
	for down: bool in [true, false]:
		var event := InputEventJoypadButton.new()
		event.button_index = button
		event.pressed = down
		get_viewport().push_input(event)
		await get_tree().process_frame
		await get_tree().process_frame


## What a screen reader says of a control; empty before Godot 4.5, which tells it nothing.
func spoken(control: Control) -> String:
	return str(control.get("accessibility_name")) if "accessibility_name" in control else ""


## What has the focus, as the text on it; empty: nothing.
func focused() -> String:
	var control := get_viewport().gui_get_focus_owner()
	if control == null:
		return ""
	return str(control.get("text")) if "text" in control else str(control.name)
