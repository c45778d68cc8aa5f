class_name RapportState
extends RefCounted
## How the player seems to feel now, and why Rapport thinks so.
##
## Numbers that are not known are [constant @GDScript.NAN]: ask [method @GlobalScope.is_nan], and never
## take unknown for zero. Ranges and meanings are those of bridge/protocol/SPEC.md.
## [codeblock]
## if Rapport.state.granular_value("frustration") > 0.6:  # false while it is not known
##     offer_help()
## [/codeblock]

## The basic emotions, in this order everywhere.
const LABELS: PackedStringArray = [
	"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
]
## The granular states, in this order everywhere.
const GRANULAR: PackedStringArray = [
	"frustration", "confusion", "overwhelm", "boredom", "engagement", "amusement", "scepticism", "grief",
]
## The label of a state that names no emotion.
const UNCERTAIN := "uncertain"
## A state older than this, in seconds, must not be taken for the present.
const FRESH_S := 1.0

## The emotion that stands out, one of [constant LABELS], or [constant UNCERTAIN].
var label: String:
	get:
		return _map.get("label", UNCERTAIN)
## Calibrated probability that [member label] is right, 0 … 1.
var confidence: float:
	get:
		return _map.get("confidence", 0.0)
## Probabilities in the order of [constant LABELS]; empty when there is nothing to go by.
var probabilities: PackedFloat64Array:
	get:
		return PackedFloat64Array(_list("probabilities"))
## Unpleasant to pleasant, −1 … 1, or NAN.
var valence: float:
	get:
		return _number("valence")
## Calm to excited, −1 … 1, or NAN.
var arousal: float:
	get:
		return _number("arousal")
## Helpless to in control, −1 … 1, or NAN.
var dominance: float:
	get:
		return _number("dominance")
## Slope of the valence over the last seconds, per second, or NAN.
var trend: float:
	get:
		return _number("trend")
## How far the modalities contradict each other, 0 … 1, or NAN.
var incongruence: float:
	get:
		return _number("incongruence")
## Whether the player speaks; null while the microphone is not captured.
var speaking: Variant:
	get:
		return _map.get("speaking")
## Whether a face is seen; null while the camera is not captured.
var face_present: Variant:
	get:
		return _map.get("face_present")
## The vocal burst that is heard just now, such as [code]laugh[/code]; empty: none.
var burst: String:
	get:
		return _map.burst.name if _map.get("burst") != null else ""
## Probability of [member burst], 0 … 1; 0 without one.
var burst_confidence: float:
	get:
		return _map.burst.confidence if _map.get("burst") != null else 0.0
## By name, a [RapportModality] each: face, voice, text.
var modalities: Dictionary:
	get:
		if _modalities.is_empty():
			for name: String in _map.get("modalities", {}):
				_modalities[name] = RapportModality.new(name, _map.modalities[name] as Dictionary)
		return _modalities
## Whether values are relative to the player's own rest: [code]none[/code], or what says so.
var baseline: String:
	get:
		return _map.get("baseline", "none")
## Nobody is sensed just now: this comes from a recording or a script.
var replay: bool:
	get:
		return _map.get("replay", false)
## Counts up by one per state.
var sequence: int:
	get:
		return _map.get("sequence", 0)
## Version of the sender's schema.
var schema: int:
	get:
		return _map.get("schema", 1)
## When the newest picture or sound behind it was captured, seconds since the Unix epoch.
var captured_wall: float:
	get:
		return _map.get("captured_wall", 0.0)
## When it was sent, seconds since the Unix epoch.
var published_wall: float:
	get:
		return _map.get("published_wall", 0.0)

const _NUMBERS: PackedStringArray = ["valence", "arousal", "dominance", "trend", "incongruence"]

var _map: Dictionary
var _modalities: Dictionary = {}


func _init(map: Dictionary = {}) -> void:
	_map = map


## Whether anything is known at all.
func is_known() -> bool:
	return _map.get("probabilities") != null


## Whether it is old news; also true of the empty state before the first.
func is_stale() -> bool:
	return Time.get_unix_time_from_system() - published_wall > FRESH_S


## Milliseconds since the picture or sound behind it was captured.
func age_ms() -> float:
	return (Time.get_unix_time_from_system() - captured_wall) * 1000.0


## Probability of an emotion, 0 … 1, or NAN.
func probability(emotion: String) -> float:
	var place := LABELS.find(emotion)
	var shares := _list("probabilities")
	return shares[place] if place >= 0 and place < shares.size() else NAN


## How far the player is in a granular state, 0 … 1, or NAN while that is not known.
func granular_value(name: String) -> float:
	var found: Variant = (_map.get("granular", {}) as Dictionary).get(name)
	return found.value if found != null else NAN


## How sure [method granular_value] is, 0 … 1; 0 while it is not known.
func granular_confidence(name: String) -> float:
	var found: Variant = (_map.get("granular", {}) as Dictionary).get(name)
	return found.confidence if found != null else 0.0


## The value of a signal as profiles name it, or NAN while it is not known: an emotion, a granular state,
## [code]valence[/code], [code]arousal[/code], [code]dominance[/code], [code]trend[/code],
## [code]incongruence[/code], [code]confidence[/code].
func value_of(signal_name: String) -> float:
	if LABELS.has(signal_name):
		return probability(signal_name)
	if GRANULAR.has(signal_name):
		return granular_value(signal_name)
	if signal_name == "confidence":
		return confidence if is_known() else NAN
	return _number(signal_name) if signal_name in _NUMBERS else NAN


## The granular states that something is known about.
func granular_names() -> PackedStringArray:
	return PackedStringArray((_map.get("granular", {}) as Dictionary).keys())


## A modality's part, or null if this sidecar does not know it.
func modality(name: String) -> RapportModality:
	return modalities.get(name) as RapportModality


## The fields as they came over the wire. Not to be changed.
func to_dictionary() -> Dictionary:
	return _map


func _number(name: String) -> float:
	var value: Variant = _map.get(name)
	return NAN if value == null else float(value)


func _list(name: String) -> Array:
	var value: Variant = _map.get(name)
	return [] if value == null else value as Array
