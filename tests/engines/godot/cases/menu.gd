extends "res://keyboard.gd"
## The mood menu by keyboard alone, and the mock that plays what was chosen.


func _ready() -> void:
	TranslationServer.set_locale("es")
	var mock := RapportMock.new()
	mock.blend_s = 0.0
	add_child(mock)
	var menu := show_scene("mood_menu") as RapportMoodMenu
	menu.mock = mock
	menu.chosen.connect(func(mood: String) -> void: print("CHOSEN ", mood))
	menu.open()
	await get_tree().process_frame
	print("FOCUS ", (get_viewport().gui_get_focus_owner() as Button).atr(focused()))
	await press(KEY_UP)
	await press(KEY_RIGHT)
	print("FOCUS ", (get_viewport().gui_get_focus_owner() as Button).atr(focused()))
	await press(KEY_ENTER)
	print("OPEN %s" % menu.visible)
	if not await until(func() -> bool: return Rapport.state.granular_value("boredom") > 0.8, 5.0):
		failed("the mood is not played: %s" % Rapport.state.to_dictionary())
		return
	menu.open()
	await get_tree().process_frame
	print("FOCUS ", (get_viewport().gui_get_focus_owner() as Button).atr(focused()))
	await press(KEY_DOWN)
	await press(KEY_ENTER)
	if not await until(func() -> bool: return not Rapport.state.is_known(), 5.0):
		failed("unsaid is known")
		return
	# With a gamepad: up from the last row, to the right, and there it is.
	menu.open()
	await press_pad(JOY_BUTTON_DPAD_UP)
	await press_pad(JOY_BUTTON_DPAD_RIGHT)
	await press_pad(JOY_BUTTON_A)
	menu.open()
	await press(KEY_ESCAPE)
	print("OPEN %s" % menu.visible)
	passed()
