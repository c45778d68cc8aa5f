extends "res://case.gd"
## Every golden vector, read and refused as the specification says. Argument: the folder.

const MessagePack := preload("res://addons/rapport/core/message_pack.gd")
const Writer := preload("res://addons/rapport/core/message_writer.gd")
const Check := preload("res://addons/rapport/core/message_check.gd")

var _reader := MessagePack.new()
var _count := 0


func _ready() -> void:
	for name: String in ["states", "events", "invalid"]:
		for vector: Dictionary in _load(name).vectors:
			var frame := (vector.frame_hex as String).hex_decode()
			var state: Variant = _message(frame, Check.STATE_TOPIC)
			var event: Variant = _message(frame, Check.EVENT_TOPIC)
			_count += 1
			if name == "invalid" and (state != null or event != null):
				return failed("%s was taken" % vector.name)
			if name == "states" and not _is_state(state, vector.expected as Dictionary):
				return failed("state %s" % vector.name)
			if name == "events" and not _is_event(event, vector.expected as Dictionary):
				return failed("event %s" % vector.name)
	var control := _load("control")
	for vector: Dictionary in control.requests:
		var expected: Dictionary = vector.expected
		var written: Variant = _reader.read(Writer.write(expected))
		var given: Variant = _reader.read((vector.payload_hex as String).hex_decode())
		_count += 1
		if not _same(written, expected) or (vector.name != "newer_client" and not _holds(expected, given as Dictionary)):
			return failed("request %s" % vector.name)
	for vector: Dictionary in control.replies:
		_count += 1
		if not _same(_reader.read((vector.payload_hex as String).hex_decode()), vector.expected):
			return failed("reply %s" % vector.answer)
	print("VECTORS %d" % _count)
	passed()


func _load(name: String) -> Dictionary:
	return JSON.parse_string(FileAccess.get_file_as_string(arguments[0].path_join(name + ".json")))


func _message(frame: PackedByteArray, topic: String) -> Variant:
	if frame.slice(0, topic.length()) != topic.to_ascii_buffer():
		return null
	var read: Variant = _reader.read(frame, topic.length())
	if not read is Dictionary:
		return null
	var wrong := Check.state(read as Dictionary) if topic == Check.STATE_TOPIC else Check.event(read as Dictionary)
	return read if wrong.is_empty() else null


func _is_state(read: Variant, expected: Dictionary) -> bool:
	if read == null:
		return false
	var state := RapportState.new(read as Dictionary)
	for field: String in ["label", "confidence", "baseline", "schema", "sequence", "replay", "captured_wall", "published_wall", "speaking", "face_present"]:
		if not _same(state.get(field), expected[field]):
			return false
	for field: String in ["valence", "arousal", "dominance", "trend", "incongruence"]:
		var value: float = state.get(field)
		if is_nan(value) != (expected[field] == null) or (not is_nan(value) and not _same(value, expected[field])):
			return false
	if not _same(Array(state.probabilities), expected.probabilities if expected.probabilities != null else []):
		return false
	if state.burst != (expected.burst.name if expected.burst != null else ""):
		return false
	for name: String in expected.granular:
		if not _same(state.granular_value(name), expected.granular[name].value):
			return false
		if not _same(state.granular_confidence(name), expected.granular[name].confidence):
			return false
	for part: String in ["contradiction", "mood", "conversation"]:
		if not _is_part(state.get(part) as Object, expected[part]):
			return false
	for name: String in expected.moments:
		if not _is_part(state.moment(name), expected.moments[name]):
			return false
	if not _same(Array(state.moment_names()), (expected.moments as Dictionary).keys()):
		return false
	for name: String in expected.modalities:
		var modality := state.modality(name)
		var told: Dictionary = expected.modalities[name]
		if modality == null or not _same(modality.weight, told.weight) or modality.condition != told.condition:
			return false
		if not _same(modality.quality, told.quality.score) or modality.model != told.model:
			return false
		if is_nan(modality.age_ms) != (told.age_ms == null):
			return false
		for measure: String in told.quality.measures:
			if not _same(modality.measures[measure].value, told.quality.measures[measure].value):
				return false
	return true


# Whether a part of a state has the fields that are told; where it is nil, what it says when nothing is known.
func _is_part(part: Object, told: Variant) -> bool:
	if told == null:
		return not part.call("is_known") if part.has_method("is_known") else part.get("utterances") == 0
	for field: String in told:
		var value: Variant = part.get(field)
		if told[field] == null:
			if not (value is PackedFloat64Array and (value as PackedFloat64Array).is_empty() or is_nan(value as float)):
				return false
		elif not _same(Array(value as PackedFloat64Array) if value is PackedFloat64Array else value, told[field]):
			return false
	return true


func _is_event(read: Variant, expected: Dictionary) -> bool:
	if read == null:
		return false
	var event := RapportEvent.new(read as Dictionary)
	for field: String in ["kind", "code", "detail", "at_wall", "sequence"]:
		if not _same(event.get(field), expected[field]):
			return false
	if (event.reaction == null) != (expected.reaction == null):
		return false
	if event.reaction != null:
		for field: String in ["name", "npc", "firing", "strength", "reason", "app"]:
			if not _same(event.reaction.get(field), expected.reaction[field]):
				return false
		if event.reaction.why.size() != (expected.reaction.why as Array).size():
			return false
	return true


# Whether a map holds all that another one has, defaults apart.
func _holds(expected: Dictionary, given: Dictionary) -> bool:
	for key: String in given:
		if not expected.has(key) or not _same(given[key], expected[key]):
			return false
	return true


func _same(one: Variant, other: Variant) -> bool:
	if (one is float or one is int) and (other is float or other is int):
		return absf(float(one) - float(other)) <= 1e-9 * maxf(1.0, absf(float(other)))
	if one is Dictionary and other is Dictionary:
		if one.size() != other.size():
			return false
		for key: Variant in one:
			if not other.has(key) or not _same(one[key], other[key]):
				return false
		return true
	if one is Array and other is Array:
		if one.size() != other.size():
			return false
		for place: int in one.size():
			if not _same(one[place], other[place]):
				return false
		return true
	return typeof(one) == typeof(other) and one == other
