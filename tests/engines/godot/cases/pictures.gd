extends "res://keyboard.gd"
## Draws each scene of the bridge and saves its picture. Argument: the folder for the pictures.


func _ready() -> void:
	Rapport.set_process(false)
	var mock := RapportMock.new()
	mock.only_without_sidecar = false
	mock.set_mood("frustrated")
	add_child(mock)
	await until(func() -> bool: return Rapport.state.is_known())
	Rapport.is_connected = true
	Rapport.status = { "capturing": ["face", "voice"], "paused": false }
	await _save("nothing")
	var overlay := show_scene("overlay")
	await press(KEY_F3)
	print("VISIBLE %s" % overlay.visible)
	await _save("overlay")
	await press(KEY_F3)
	print("VISIBLE %s" % overlay.visible)
	show_scene("indicator")
	await _save("indicator")
	var menu := show_scene("mood_menu") as RapportMoodMenu
	menu.open()
	await _save("mood_menu")
	menu.close()
	Rapport.is_connected = false
	var panel := show_scene("consent_panel") as RapportConsentPanel
	panel.open()
	await _save("consent_panel")
	passed()


func _save(picture: String) -> void:
	for index: int in 8:
		await get_tree().process_frame
	await RenderingServer.frame_post_draw
	get_viewport().get_texture().get_image().save_png(arguments[0].path_join(picture + ".png"))
