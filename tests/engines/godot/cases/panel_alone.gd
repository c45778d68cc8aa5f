extends "res://keyboard.gd"
## The consent panel without a sidecar: it says so, and the game plays on.


func _ready() -> void:
	TranslationServer.set_locale("en")
	var behind := Button.new()
	behind.text = "Play"
	add_child(behind)
	behind.grab_focus()
	var panel := show_scene("consent_panel") as RapportConsentPanel
	panel.answered.connect(func(_granted: PackedStringArray) -> void: failed("nobody has answered"))
	print("NEEDED %s" % await panel.ask_if_needed())
	panel.open()
	await get_tree().process_frame
	print("TITLE ", panel._title.text)
	await press(KEY_TAB, 2)
	print("FOCUS ", focused())
	await press(KEY_ENTER)
	print("OPEN %s" % panel.visible)
	# Opened anew, it begins with the text again.
	await press(KEY_TAB)
	print("FOCUS ", focused())
	await press(KEY_ENTER)
	print("OPEN %s FOCUS %s" % [panel.visible, focused()])
	passed()
