extends "res://keyboard.gd"
## The indicator shows what the status says, whatever was wished, and pauses at a press.

var _asked := PackedStringArray()


func _ready() -> void:
	TranslationServer.set_locale("fr")
	Rapport.set_process(false)  # the status of this case, not that of a sidecar
	var indicator := show_scene("indicator") as RapportIndicator
	indicator.capturing_changed.connect(func(now: PackedStringArray) -> void: print("CAPTURING ", ",".join(now)))
	await _frames()
	print("VISIBLE %s" % indicator.visible)
	Rapport.is_connected = true
	for capturing: Array in [["face"], ["face", "voice"], ["voice"], ["smell"], []]:
		Rapport.status = { "capturing": capturing, "paused": false }
		await _frames()
		print("SHOWN %s %s %.0f" % [indicator.visible, _words(indicator), indicator.size.x])
	Rapport.status = { "capturing": ["face"], "paused": false }
	await _frames()
	indicator.grab_focus()
	print("TOOLTIP ", indicator.tooltip_text)
	Rapport.status = { "capturing": [], "paused": true }
	await _frames()
	print("SPOKEN ", spoken(indicator))
	print("PAUSED %s %s" % [indicator.visible, _words(indicator)])
	print("TOOLTIP ", indicator.tooltip_text)
	indicator.when_off = RapportIndicator.WhenOff.SHOW
	Rapport.status = { "capturing": [], "paused": false }
	await _frames()
	print("OFF %s %s" % [indicator.visible, _words(indicator)])
	# A sidecar that is gone captures nothing.
	Rapport.status = { "capturing": ["face"], "paused": false }
	await _frames()
	Rapport.is_connected = false
	await _frames()
	print("GONE %s" % _words(indicator))
	passed()


func _words(indicator: RapportIndicator) -> String:
	return ",".join(indicator._parts.map(func(part: PackedStringArray) -> String: return part[1]))


func _frames() -> void:
	await get_tree().process_frame
	await get_tree().process_frame
