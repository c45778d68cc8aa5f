extends "res://keyboard.gd"
## The indicator with a real sidecar and a real camera: on while it is open, off when it is paused.


func _ready() -> void:
	var indicator := show_scene("indicator") as RapportIndicator
	if not await until(func() -> bool: return indicator.capturing == PackedStringArray(["face"]), 60.0):
		failed("the camera is not shown: %s" % Rapport.status)
		return
	print("SHOWN %s %s" % [indicator.visible, indicator._parts[0][1]])
	indicator.grab_focus()
	await press(KEY_ENTER)
	if not await until(func() -> bool: return indicator.paused and indicator.capturing.is_empty()):
		failed("it is not paused: %s" % Rapport.status)
		return
	print("SHOWN %s %s" % [indicator.visible, indicator._parts[0][1]])
	await press(KEY_ENTER)
	if await until(func() -> bool: return indicator.capturing == PackedStringArray(["face"]), 30.0):
		passed()
	else:
		failed("it does not go on: %s" % Rapport.status)
