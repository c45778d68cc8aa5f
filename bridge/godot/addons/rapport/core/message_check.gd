extends RefCounted
## Whether a state or an event is what the protocol says (bridge/protocol/SPEC.md).

const STATE_TOPIC := "state "
const EVENT_TOPIC := "event "
const LABELS: PackedStringArray = [
	"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
]
const UNCERTAIN := "uncertain"
## How far a bounded number may lie outside its range: rounding, not meaning.
const TOLERANCE := 1e-6
## How far a sum may lie from what it must be.
const SUM_TOLERANCE := 1e-3
const SCHEMA_MAX := 2147483647.0

const INTEGER := TYPE_INT
const NUMBER := TYPE_FLOAT
const TEXT := TYPE_STRING
const FLAG := TYPE_BOOL
const LIST := TYPE_ARRAY
const MAP := TYPE_DICTIONARY

# The largest finite number: infinity lies outside every range.
const LARGEST := 1.7976931348623157e308
const ANY := [-LARGEST, LARGEST]
const COUNT := [0.0, LARGEST]
const SHARE := [0.0, 1.0]
const SIGNED := [-1.0, 1.0]
# Field -> what it is, whether it is required, whether it may be nil, its range.
const STATE := {
	"captured_ns": [INTEGER, true, false, COUNT],
	"captured_wall": [NUMBER, true, false, COUNT],
	"label": [TEXT, true, false],
	"confidence": [NUMBER, true, false, SHARE],
	"modalities": [MAP, true, false],
	"probabilities": [LIST, false, true],
	"valence": [NUMBER, false, true, SIGNED],
	"arousal": [NUMBER, false, true, SIGNED],
	"dominance": [NUMBER, false, true, SIGNED],
	"trend": [NUMBER, false, true, ANY],
	"speaking": [FLAG, false, true],
	"face_present": [FLAG, false, true],
	"incongruence": [NUMBER, false, true, SHARE],
	"baseline": [TEXT, false, false],
	"schema": [INTEGER, false, false, [1.0, SCHEMA_MAX]],
	"sequence": [INTEGER, false, false, COUNT],
	"published_ns": [INTEGER, false, false, COUNT],
	"published_wall": [NUMBER, false, false, COUNT],
	"burst": [MAP, false, true],
	"replay": [FLAG, false, false],
	"granular": [MAP, false, false],
	"contradiction": [MAP, false, true],
	"mood": [MAP, false, true],
	"moments": [MAP, false, false],
	"conversation": [MAP, false, true],
}
const MODALITY := {
	"weight": [NUMBER, true, false, SHARE],
	"condition": [TEXT, true, false],
	"quality": [MAP, false, false],
	"age_ms": [NUMBER, false, true, COUNT],
	"distribution": [LIST, false, true],
	"valence": [NUMBER, false, true, SIGNED],
	"arousal": [NUMBER, false, true, SIGNED],
	"model": [TEXT, false, false],
}
const QUALITY := {"score": [NUMBER, false, false, SHARE], "measures": [MAP, false, false]}
const MEASURE := {"value": [NUMBER, true, false, ANY], "score": [NUMBER, true, false, SHARE]}
const BURST := {"name": [TEXT, true, false], "confidence": [NUMBER, true, false, SHARE]}
const GRANULAR := {"value": [NUMBER, true, false, SHARE], "confidence": [NUMBER, true, false, SHARE]}
const CONTRADICTION := {
	"kind": [TEXT, true, false],
	"strength": [NUMBER, true, false, SHARE],
	"before": [TEXT, true, false],
	"after": [TEXT, true, false],
	"line": [TEXT, false, false],
}
const MOOD := {
	"valence": [NUMBER, true, false, SIGNED],
	"arousal": [NUMBER, true, false, SIGNED],
	"long_valence": [NUMBER, true, false, SIGNED],
	"long_arousal": [NUMBER, true, false, SIGNED],
	"volatility": [NUMBER, true, false, SHARE],
	"confidence": [NUMBER, true, false, SHARE],
}
const MOMENT := {
	"course": [TEXT, true, false],
	"strength": [NUMBER, true, false, SHARE],
	"confidence": [NUMBER, true, false, SHARE],
	"since_s": [NUMBER, true, false, COUNT],
}
const CONVERSATION := {
	"utterances": [INTEGER, false, false, COUNT],
	"line": [TEXT, false, false],
	"role": [TEXT, false, false],
	"pause_s": [NUMBER, false, true, COUNT],
	"reading": [LIST, false, true],
	"expected": [LIST, false, true],
}
const EVENT := {
	"kind": [TEXT, true, false],
	"at_ns": [INTEGER, true, false, COUNT],
	"at_wall": [NUMBER, true, false, COUNT],
	"code": [TEXT, false, false],
	"detail": [TEXT, false, false],
	"schema": [INTEGER, false, false, [1.0, SCHEMA_MAX]],
	"sequence": [INTEGER, false, false, COUNT],
	"reaction": [MAP, false, true],
}
const REACTION := {
	"name": [TEXT, true, false],
	"npc": [TEXT, true, false],
	"firing": [INTEGER, true, false, COUNT],
	"strength": [NUMBER, true, false, SHARE],
	"reason": [TEXT, true, false],
	"why": [LIST, false, false],
	"app": [TEXT, false, false],
}
const CAUSE := {
	"signal": [TEXT, true, false],
	"value": [NUMBER, false, true, ANY],
	"level": [NUMBER, false, true, ANY],
	"word": [TEXT, false, false],
	"modality": [TEXT, false, false],
}


## What is wrong with a state; empty: nothing.
static func state(map: Dictionary) -> String:
	var wrong := _fields(map, STATE)
	if wrong:
		return wrong
	if map.label != UNCERTAIN and not LABELS.has(map.label as String):
		return "label"
	wrong = _distribution(map.get("probabilities"))
	if wrong == "" and map.get("burst") != null:
		wrong = _fields(map.burst as Dictionary, BURST)
	if wrong == "":
		wrong = _each(map.get("granular", {}) as Dictionary, GRANULAR)
	if wrong == "":
		wrong = _dialogue(map)
	if wrong:
		return wrong
	var weights := 0.0
	for name: Variant in map.modalities:
		var modality: Variant = map.modalities[name]
		wrong = _modality(modality) if name is String else "no text"
		if wrong:
			return "modalities.%s: %s" % [name, wrong]
		weights += modality.weight
	var off := absf(weights - 1.0) > SUM_TOLERANCE and weights > SUM_TOLERANCE
	return "the weights sum neither to one nor to zero" if off else ""


## What is wrong with an event; empty: nothing.
static func event(map: Dictionary) -> String:
	var wrong := _fields(map, EVENT)
	if wrong or map.get("reaction") == null:
		return wrong
	wrong = _fields(map.reaction as Dictionary, REACTION)
	if wrong:
		return wrong
	for cause: Variant in map.reaction.get("why", []):
		wrong = _fields(cause as Dictionary, CAUSE) if cause is Dictionary else "why"
		if wrong:
			return wrong
	return ""


static func _dialogue(map: Dictionary) -> String:
	var wrong := _each(map.get("moments", {}) as Dictionary, MOMENT)
	if wrong == "" and map.get("contradiction") != null:
		wrong = _fields(map.contradiction as Dictionary, CONTRADICTION)
	if wrong == "" and map.get("mood") != null:
		wrong = _fields(map.mood as Dictionary, MOOD)
	if wrong or map.get("conversation") == null:
		return wrong
	var conversation: Dictionary = map.conversation
	wrong = _fields(conversation, CONVERSATION)
	if wrong == "":
		wrong = _distribution(conversation.get("reading"))
	return wrong if wrong else _distribution(conversation.get("expected"))


static func _modality(told: Variant) -> String:
	if not told is Dictionary:
		return "no map"
	var wrong := _fields(told as Dictionary, MODALITY)
	if wrong == "":
		wrong = _distribution(told.get("distribution"))
	var quality: Dictionary = told.get("quality", {}) if wrong == "" else {}
	if wrong == "":
		wrong = _fields(quality, QUALITY)
	return wrong if wrong else _measures(quality.get("measures", {}) as Dictionary)


# As `_each` with MEASURE would, written out: they are half of a state.
static func _measures(measures: Dictionary) -> String:
	for name: Variant in measures:
		var measure: Variant = measures[name]
		if typeof(measure) != MAP or typeof(name) != TEXT:
			return "%s: no map" % name
		var value: Variant = measure.get("value")
		var score: Variant = measure.get("score")
		if typeof(value) != NUMBER or typeof(score) != NUMBER:
			var wrong := _fields(measure as Dictionary, MEASURE)
			if wrong:
				return "%s: %s" % [name, wrong]
		elif not (absf(value) <= LARGEST and score >= -TOLERANCE and score <= 1.0 + TOLERANCE):
			return "%s: out of range" % name
	return ""


static func _each(maps: Dictionary, kind: Dictionary) -> String:
	for name: Variant in maps:
		var sound := name is String and maps[name] is Dictionary
		var wrong := _fields(maps[name] as Dictionary, kind) if sound else "no map"
		if wrong:
			return "%s: %s" % [name, wrong]
	return ""


static func _distribution(told: Variant) -> String:
	if told == null:
		return ""
	var shares := told as Array
	if shares.size() != LABELS.size():
		return "not eight shares"
	var sum := 0.0
	for share: Variant in shares:
		if not (share is float or share is int):
			return "a share that is no number"
		var value: float = share
		if not (value >= -TOLERANCE and value <= 1.0 + TOLERANCE):
			return "a share out of range"
		sum += value
	return "shares that do not sum to one" if absf(sum - 1.0) > SUM_TOLERANCE else ""


static func _fields(map: Dictionary, kind: Dictionary) -> String:
	for name: String in kind:
		var what: Array = kind[name]
		var value: Variant = map.get(name)
		if value == null:
			if what[1] or (not what[2] and map.has(name)):
				return name
			continue
		var type := typeof(value)
		if type != what[0] and not (what[0] == NUMBER and type == TYPE_INT):
			return name
		if what.size() > 3 and not _within(value, what[3] as Array):
			return name
	return ""


# Written so that NaN, for which every comparison is false, is refused.
static func _within(value: float, ends: Array) -> bool:
	return value >= ends[0] - TOLERANCE and value <= ends[1] + TOLERANCE
