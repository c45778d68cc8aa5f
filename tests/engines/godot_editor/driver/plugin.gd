@tool
extends EditorPlugin
## Drives the Rapport dock as a designer would, and prints what it shows. What to do stands in the
## environment variable RAPPORT_TEST_DRIVE: `open` (only look) or `watch` (switch the dock on).

const SECONDS := 40.0

var _dock: Control


func _enter_tree() -> void:
	_drive.call_deferred()


func _drive() -> void:
	await get_tree().create_timer(1.0).timeout
	_dock = EditorInterface.get_base_control().find_children("Rapport", "ScrollContainer", true, false)[0] as Control
	var scene := EditorInterface.get_edited_scene_root()
	print("SCENE ", scene.name if scene != null else &"none")
	print("STATUS ", _text("Status"))
	if OS.get_environment("RAPPORT_TEST_DRIVE") == "watch":
		await _watch(scene)
	print("DRIVEN")
	get_tree().quit()


func _watch(scene: Node) -> void:
	var reactor := scene.get_node("Reactor") as RapportReactor
	EditorInterface.edit_resource(reactor.profile)
	await get_tree().create_timer(0.5).timeout
	print("PROFILE ", _text("ProfileName"))
	await _press("Check")
	print("UNCONNECTED ", _text("Report"))
	(_dock.get_node("%Watch") as CheckButton).button_pressed = true
	await _until(func() -> bool: return _text("Status").begins_with("Connected"))
	print("STATUS ", _text("Status"))
	await _until(func() -> bool: return _dock.get("_state").is_known())
	print("LABEL ", _dock.get("_state").label)
	await _press("Check")
	await _until(func() -> bool: return _text("Report").begins_with("The sidecar"))
	print("CHECKED ", _text("Report"))
	(_dock.get_node("%Live") as CheckBox).button_pressed = true
	reactor.profile.reactions[0].when.enter = 0.7
	await _until(func() -> bool: return _text("Report").begins_with("Sent"))
	print("PUSHED ", _text("Report"))
	reactor.profile.reactions[0].when.signal_name = "anga"
	await _press("Check")
	await _until(func() -> bool: return "anga" in _text("Report"))
	print("MISTAKE ", _text("Report").replace("\n", " "))
	(_dock.get_node("%Watch") as CheckButton).button_pressed = false
	print("STATUS ", _text("Status"))


func _press(button: String) -> void:
	(_dock.get_node("%" + button) as Button).pressed.emit()
	await get_tree().process_frame


func _text(label: String) -> String:
	return str(_dock.get_node("%" + label).get("text"))


func _until(what: Callable) -> void:
	var end := Time.get_ticks_msec() + int(SECONDS * 1000.0)
	while not what.call():
		if Time.get_ticks_msec() > end:
			print("TIMEOUT ", _text("Status"), " ", _text("Report"))
			return
		await get_tree().process_frame
