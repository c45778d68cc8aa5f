extends "res://case.gd"
## Judges frames of a file, each behind its length in four bytes (the least first): two letters for each, whether it
## is a state and whether it is an event. A state that was read by its shape must be the one that it is field by
## field. Argument: the file.

const MessagePack := preload("res://addons/rapport/core/message_pack.gd")
const StateReader := preload("res://addons/rapport/core/state_reader.gd")
const Check := preload("res://addons/rapport/core/message_check.gd")
const OF_STATES: PackedStringArray = [
	"label", "confidence", "probabilities", "valence", "arousal", "dominance", "trend", "incongruence", "speaking",
	"face_present", "burst", "burst_confidence", "baseline", "replay", "sequence", "schema", "captured_wall",
	"published_wall",
]
const OF_MODALITIES: PackedStringArray = [
	"name", "weight", "condition", "quality", "measures", "age_ms", "distribution", "valence", "arousal", "model",
]

const OF_PARTS: Dictionary = {
	"contradiction": ["kind", "strength", "before", "after", "line"],
	"mood": ["valence", "arousal", "long_valence", "long_arousal", "volatility", "confidence"],
	"conversation": ["utterances", "line", "role", "pause_s", "reading", "expected"],
}
const OF_MOMENTS: PackedStringArray = ["name", "course", "strength", "confidence", "since_s"]

var _reader := MessagePack.new()
var _states := StateReader.new()
var _by_shape := 0


func _ready() -> void:
	var file := FileAccess.open(arguments[0], FileAccess.READ)
	var verdicts := PackedStringArray()
	while file.get_position() < file.get_length():
		var frame := file.get_buffer(file.get_32())
		var state := _states.read(frame)
		var map := _map_of(frame, Check.STATE_TOPIC, Check.state)
		if (state == null) != map.is_empty() or (state != null and not _is_same(state, map)):
			return failed("by its shape it is another: %s" % frame.hex_encode())
		var event := _map_of(frame, Check.EVENT_TOPIC, Check.event)
		if not event.is_empty():
			RapportEvent.new(event)  # what is taken can be used
		verdicts.append("N" if state == null else "Y")
		verdicts.append("N" if event.is_empty() else "Y")
	print("JUDGED %s" % "".join(verdicts))
	print("SHAPED %d" % _by_shape)
	passed()


func _map_of(frame: PackedByteArray, topic: String, check: Callable) -> Dictionary:
	if frame.slice(0, topic.length()) != topic.to_ascii_buffer():
		return {}
	var read: Variant = _reader.read(frame, topic.length())
	return read if read is Dictionary and check.call(read) == "" else {}


func _is_same(state: RapportState, map: Dictionary) -> bool:
	_by_shape += int(not state._frame.is_empty())
	var other := RapportState.new(map)
	for name: String in OF_STATES:
		if not _equal(state.get(name), other.get(name)):
			return false
	for name: String in RapportState.GRANULAR:
		if not _equal(state.granular_value(name), other.granular_value(name)):
			return false
		if state.granular_confidence(name) != other.granular_confidence(name):
			return false
	for part: String in OF_PARTS:
		for field: String in OF_PARTS[part]:
			if not _equal((state.get(part) as Object).get(field), (other.get(part) as Object).get(field)):
				return false
	for name: String in other.moment_names():
		for field: String in OF_MOMENTS:
			if not _equal(state.moment(name).get(field), other.moment(name).get(field)):
				return false
	for name: String in other.modalities:
		for field: String in OF_MODALITIES:
			if not _equal(state.modality(name).get(field), other.modality(name).get(field)):
				return false
	if state.granular_names() != other.granular_names() or state.moment_names() != other.moment_names():
		return false
	return var_to_bytes(state.to_dictionary()) == var_to_bytes(map)


func _equal(one: Variant, other: Variant) -> bool:
	return one == other or (one is float and other is float and is_nan(one as float) and is_nan(other as float))
