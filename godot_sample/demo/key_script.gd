extends RefCounted
## Presses keys as somebody at the keyboard would: [code]enter; right 1.5; e; 1[/code].

## How long a key is held that says nothing else.
const TAP_S := 0.08
## Between two keys.
const REST_S := 0.25


## Plays a script of keys, separated by semicolons; each a name of Godot's with the seconds that it is
## held. [code]wait 2[/code] presses none. Returns when all of it was played.
static func play(script: String, tree: SceneTree) -> void:
	for step: String in script.split(";", false):
		var parts := step.strip_edges().split(" ", false)
		var seconds := float(parts[1]) if parts.size() > 1 else TAP_S
		if parts[0] != "wait":
			_press(parts[0], true)
		await tree.create_timer(seconds).timeout
		if parts[0] != "wait":
			_press(parts[0], false)
		await tree.create_timer(REST_S).timeout


static func _press(key: String, pressed: bool) -> void:
	var event := InputEventKey.new()
	event.physical_keycode = OS.find_keycode_from_string(key)
	event.keycode = event.physical_keycode
	event.pressed = pressed
	Input.parse_input_event(event)
