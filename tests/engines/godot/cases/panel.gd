extends "res://keyboard.gd"
## The consent panel with a real sidecar, by keyboard alone: asks, refuses, allows one thing, takes it back.

var _panel: RapportConsentPanel


func _ready() -> void:
	TranslationServer.set_locale("de_AT")
	await until(func() -> bool: return Rapport.is_connected)
	_panel = show_scene("consent_panel") as RapportConsentPanel
	_panel.answered.connect(func(granted: PackedStringArray) -> void: print("ANSWERED ", ",".join(granted)))
	_panel.revoked.connect(func(permission: String) -> void: print("REVOKED ", permission))
	print("NEEDED %s" % await _asked())
	await _refuse()
	# A player who has said no is not asked again.
	print("NEEDED %s" % await _panel.ask_if_needed())
	if not await _allow_the_camera(): return
	if not await _take_back(): return
	# There is no text in this language, so it is read in English.
	TranslationServer.set_locale("pt_BR")
	_panel.open()
	await until(func() -> bool: return _shown() and _panel._rows._boxes.size() == 2)
	print("TITLE ", _panel._title.text)
	print("SPOKEN ", spoken(_panel._pane))
	passed()


# Asks if it is needed, and returns at once whether it is.
func _asked() -> bool:
	_panel.ask_if_needed()
	return await until(func() -> bool: return _shown(), 5.0)


func _shown() -> bool:
	return _panel.visible and _panel._title.text.length() > 0 and not _panel._pane._body.text.is_empty()


func _refuse() -> void:
	await until(func() -> bool: return _panel._rows._boxes.size() == 2)
	await get_tree().create_timer(0.2).timeout  # until all is laid out
	print("TITLE ", _panel._title.text)
	print("BUTTONS %s|%s" % [_panel._decline.text, _panel._agree.text])
	print("ALIKE %s" % (absf(_panel._decline.size.x - _panel._agree.size.x) < 1.0 and _panel._decline.size.y == _panel._agree.size.y))
	print("TICKED %s" % _panel._rows._boxes.values().any(func(box: CheckBox) -> bool: return box.button_pressed))
	print("FOCUS ", focused())
	# The text scrolls under the arrow keys before the focus leaves it.
	await press(KEY_DOWN)
	print("SCROLLED %s" % (_panel._pane.scroll_vertical > 0 and focused() == "Scroll"))
	# Nothing is chosen, so nothing is allowed, and that is said.
	await press(KEY_TAB, 4)
	print("FOCUS ", focused())
	await press(KEY_ENTER)
	print("HINT ", _panel._hint.text)
	print("OPEN %s" % _panel.visible)
	await press(KEY_ESCAPE)
	print("OPEN %s" % _panel.visible)


func _allow_the_camera() -> bool:
	_panel.open()
	await until(func() -> bool: return _shown() and _panel._rows._boxes.size() == 2)
	# Tab goes round and never leaves the panel.
	var round_trip := PackedStringArray()
	for index: int in 5:
		await press(KEY_TAB)
		round_trip.append(focused())
	print("ROUND %d %s" % [round_trip.size(), round_trip[4]])
	await press(KEY_TAB)
	print("FOCUS ", focused())
	await press(KEY_SPACE)
	await press(KEY_TAB, 3)
	await press(KEY_ENTER)
	return await _closes("the camera was not allowed")


func _take_back() -> bool:
	_panel.open()
	await until(func() -> bool: return _shown() and _panel._rows._boxes.size() == 1)
	await press(KEY_TAB)
	print("FOCUS ", focused())
	await press(KEY_ENTER)
	if not await until(func() -> bool: return _panel._rows._boxes.size() == 2):
		failed("the camera was not taken back")
		return false
	await press(KEY_ESCAPE)
	return await _closes("it stays open")


func _closes(why: String) -> bool:
	if await until(func() -> bool: return not _panel.visible):
		return true
	failed("%s: %s" % [why, _panel._hint.text])
	return false
