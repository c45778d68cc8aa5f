extends RefCounted
## The signals that a profile may name, as a state has them: what the sidecar takes them for (docs/reactions.md),
## the game's own [code]context.<name>[/code] apart.

const MOMENT := "moment."
## Behind the name of a moment: how far its course goes.
const STRENGTH := ".strength"
## A longer silence is as long as this.
const PAUSE_MAX_S := 3600.0
## The word of [code]contradiction[/code] while there is none, and that is known.
const NO_CONTRADICTION := "none"

const _OF_STATE: PackedStringArray = [
	"valence", "arousal", "dominance", "trend", "incongruence", "speaking", "face_present",
]
const _OF_MODALITY: PackedStringArray = ["condition", "quality", "weight"]
const _OF_MOOD: PackedStringArray = ["valence", "arousal", "long_valence", "long_arousal", "volatility"]
# Conditions of the voice in which nobody can say that no burst is heard.
const _NOT_HEARD: PackedStringArray = ["disabled", "lost", "failed", "starting"]
# Those that are as sure as the label is.
const _AS_SURE_AS_THE_LABEL: PackedStringArray = ["valence", "arousal", "dominance", "trend", "label"]


## The value of a signal: a number, a flag or a word; null: unknown.
static func value_of(named: String, state: RapportState) -> Variant:
	var value: Variant = _value(named, state)
	var says_nothing := value is float and is_nan(value as float) or value is String and (value as String).is_empty()
	return null if says_nothing else value


## How sure a signal is that is known, 0 … 1.
static func confidence_of(named: String, state: RapportState) -> float:
	if named in RapportState.GRANULAR:
		return state.granular_confidence(named)
	if named in RapportState.LABELS or named in _AS_SURE_AS_THE_LABEL:
		return state.confidence
	if named == "contradiction":
		return state.contradiction.strength if state.contradiction.is_known() else 1.0
	if named.begins_with("mood."):
		return state.mood.confidence
	return _moment(named, state).confidence if named.begins_with(MOMENT) else 1.0


static func _value(named: String, state: RapportState) -> Variant:
	if named in RapportState.LABELS:
		return state.probability(named)
	if named in RapportState.GRANULAR:
		return state.granular_value(named)
	if named in _OF_STATE:
		return state.get(named)
	if named == "confidence" or named == "label":
		return state.get(named) if state.is_known() else null
	if named.begins_with("contradiction"):
		return _contradiction(named, state)
	var part := named.get_slice(".", 1)
	match named.get_slice(".", 0):
		"burst":
			return _burst(part, state)
		"mood":
			return state.mood.get(part) if part in _OF_MOOD else null
		"moment":
			return _of_moment(named, state)
		"conversation":
			return _conversation(part, state)
		var name:
			var modality := state.modality(name)
			return modality.get(part) if modality != null and part in _OF_MODALITY else null


static func _burst(named: String, state: RapportState) -> Variant:
	var voice := state.modality("voice")
	if voice == null or voice.condition in _NOT_HEARD:
		return null
	return state.burst_confidence if state.burst == named else 0.0


# That there is none is known only where somebody could tell.
static func _contradiction(named: String, state: RapportState) -> Variant:
	var found := state.contradiction
	if not found.is_known() and is_nan(state.incongruence):
		return null
	if named == "contradiction":
		return found.kind if found.is_known() else NO_CONTRADICTION
	return found.strength if named == "contradiction.strength" else NAN


static func _conversation(part: String, state: RapportState) -> Variant:
	var found := state.conversation
	match part:
		"role", "line":
			return found.get(part)
		"pause_s" when found.utterances > 0:
			return 0.0 if is_nan(found.pause_s) else minf(found.pause_s, PAUSE_MAX_S)
	return null


static func _of_moment(named: String, state: RapportState) -> Variant:
	var found := _moment(named, state)
	if found.is_known() and named.ends_with(STRENGTH):
		return found.strength
	return found.course if found.is_known() else ""


static func _moment(named: String, state: RapportState) -> RapportMoment:
	return state.moment(named.trim_prefix(MOMENT).trim_suffix(STRENGTH))
