extends "res://case.gd"
## Judges frames of a file, each behind its length in four bytes (the least first): two letters for each, whether it
## is a state and whether it is an event. Argument: the file.

const MessagePack := preload("res://addons/rapport/core/message_pack.gd")
const Check := preload("res://addons/rapport/core/message_check.gd")

var _reader := MessagePack.new()


func _ready() -> void:
	var file := FileAccess.open(arguments[0], FileAccess.READ)
	var verdicts := PackedStringArray()
	while file.get_position() < file.get_length():
		var frame := file.get_buffer(file.get_32())
		verdicts.append(_judged(frame, Check.STATE_TOPIC, Check.state) + _judged(frame, Check.EVENT_TOPIC, Check.event))
	print("JUDGED %s" % "".join(verdicts))
	passed()


func _judged(frame: PackedByteArray, topic: String, check: Callable) -> String:
	if frame.slice(0, topic.length()) != topic.to_ascii_buffer():
		return "N"
	var read: Variant = _reader.read(frame, topic.length())
	if not read is Dictionary or check.call(read) != "":
		return "N"
	if check == Check.state:  # what is taken can be looked at
		var state := RapportState.new(read as Dictionary)
		for name: String in state.modalities:
			(state.modalities[name] as RapportModality).age_ms
	else:
		RapportEvent.new(read as Dictionary)
	return "Y"
