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
	mock.queue_free()
	await get_tree().process_frame
	Rapport.feed_state(_sarcastic())
	await _save("overlay_dialogue")
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


# The golden vector of a conversation, as if it came just now.
func _sarcastic() -> Dictionary:
	var golden: Dictionary = JSON.parse_string(FileAccess.get_file_as_string(arguments[1]))
	for vector: Dictionary in golden.vectors:
		if vector.name == "sarcastic":
			var map: Dictionary = vector.expected
			for field: String in ["captured_ns", "schema", "sequence", "published_ns"]:
				map[field] = int(map[field] as float)
			map.conversation.utterances = int(map.conversation.utterances as float)
			map.published_wall = Time.get_unix_time_from_system()
			map.captured_wall = map.published_wall
			return map
	return {}


func _save(picture: String) -> void:
	for index: int in 8:
		await get_tree().process_frame
	await RenderingServer.frame_post_draw
	get_viewport().get_texture().get_image().save_png(arguments[0].path_join(picture + ".png"))
