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
		return _fields.map.get("label", UNCERTAIN)
## Calibrated probability that [member label] is right, 0 … 1.
var confidence: float:
	get:
		return _fields.number("confidence", 0.0)
## Probabilities in the order of [constant LABELS]; empty when there is nothing to go by.
var probabilities: PackedFloat64Array:
	get:
		return _fields.numbers("probabilities", LABELS.size())
## Unpleasant to pleasant, −1 … 1, or NAN.
var valence: float:
	get:
		return _fields.number("valence")
## Calm to excited, −1 … 1, or NAN.
var arousal: float:
	get:
		return _fields.number("arousal")
## Helpless to in control, −1 … 1, or NAN.
var dominance: float:
	get:
		return _fields.number("dominance")
## Slope of the valence over the last seconds, per second, or NAN.
var trend: float:
	get:
		return _fields.number("trend")
## How far the modalities contradict each other, 0 … 1, or NAN.
var incongruence: float:
	get:
		return _fields.number("incongruence")
## Whether the player speaks; null while the microphone is not captured.
var speaking: Variant:
	get:
		return _fields.map.get("speaking")
## Whether a face is seen; null while the camera is not captured.
var face_present: Variant:
	get:
		return _fields.map.get("face_present")
## The vocal burst that is heard just now, such as [code]laugh[/code]; empty: none.
var burst: String:
	get:
		return _fields.inside("burst").map.get("name", "")
## Probability of [member burst], 0 … 1; 0 without one.
var burst_confidence: float:
	get:
		return _fields.inside("burst").number("confidence", 0.0)
## That the words, the voice and the face of the newest line contradict each other. Never null: its kind is empty
## while nothing is known of one.
var contradiction: RapportContradiction:
	get:
		return RapportContradiction.new(_fields.inside("contradiction"))
## Where the emotion has been over seconds and minutes. Never null.
var mood: RapportMoodState:
	get:
		return RapportMoodState.new(_fields.inside("mood"))
## Where the dialogue stands. Never null: it has no utterances before anything was said.
var conversation: RapportConversation:
	get:
		return RapportConversation.new(_fields.inside("conversation"))
## By name, a [RapportModality] each: face, voice, text, and appraisal where a language model is asked.
var modalities: Dictionary:
	get:
		if _modalities.is_empty():
			var all := _fields.inside("modalities")
			for name: String in all.map:
				_modalities[name] = RapportModality.new(name, all.inside(name))
		return _modalities
## Whether values are relative to the player's own rest: [code]none[/code], or what says so.
var baseline: String:
	get:
		return _fields.map.get("baseline", "none")
## Nobody is sensed just now: this comes from a recording or a script.
var replay: bool:
	get:
		return _fields.map.get("replay", false)
## Counts up by one per state.
var sequence: int:
	get:
		return int(_fields.number("sequence", 0.0))
## Version of the sender's schema.
var schema: int:
	get:
		return int(_fields.number("schema", 1.0))
## When the newest picture or sound behind it was captured, seconds since the Unix epoch.
var captured_wall: float:
	get:
		return _fields.number("captured_wall", 0.0)
## When it was sent, seconds since the Unix epoch.
var published_wall: float:
	get:
		return _fields.number("published_wall", 0.0)

const _Fields := preload("../core/fields.gd")
const _MessagePack := preload("../core/message_pack.gd")
const _Check := preload("../core/message_check.gd")
const _Signals := preload("signals.gd")

var _fields: _Fields
var _modalities: Dictionary = {}
# What it came as, where its map is not its own.
var _frame := PackedByteArray()


## A state of the fields of bridge/protocol/SPEC.md; none: nothing is known.
func _init(map: Dictionary = {}) -> void:
	_fields = _Fields.new(map)


# Whether the conditions of all modalities are those of another state, as far as can be told at once.
func _has_conditions_of(other: RapportState) -> bool:
	return is_same(_fields.map, other._fields.map)


# A state that shares all but its numbers with others.
static func _of(fields: _Fields, frame: PackedByteArray) -> RapportState:
	var state := RapportState.new()
	state._fields = fields
	state._frame = frame
	return state


## Whether anything is known at all.
func is_known() -> bool:
	return _fields.map.get("probabilities") != null


## Whether it is old news; also true of the empty state before the first.
func is_stale() -> bool:
	return Time.get_unix_time_from_system() - published_wall > FRESH_S


## Milliseconds since the picture or sound behind it was captured.
func age_ms() -> float:
	return (Time.get_unix_time_from_system() - captured_wall) * 1000.0


## Probability of an emotion, 0 … 1, or NAN.
func probability(emotion: String) -> float:
	var place := LABELS.find(emotion)
	var shares := probabilities
	return shares[place] if place >= 0 and place < shares.size() else NAN


## How far the player is in a granular state, 0 … 1, or NAN while that is not known.
func granular_value(name: String) -> float:
	return _fields.inside("granular").inside(name).number("value")


## How sure [method granular_value] is, 0 … 1; 0 while it is not known.
func granular_confidence(name: String) -> float:
	return _fields.inside("granular").inside(name).number("confidence", 0.0)


## How the player has taken a moment that the game has named with [code]Rapport.mark[/code]. Never null: nothing
## is known of one that is not followed.
func moment(name: String) -> RapportMoment:
	return RapportMoment.new(name, _fields.inside("moments").inside(name))


## The moments that are followed.
func moment_names() -> PackedStringArray:
	return PackedStringArray(_fields.inside("moments").map.keys())


## The value of a signal that is a number, as profiles name it (docs/reactions.md), or NAN while it is not known: an
## emotion, a granular state, [code]valence[/code], [code]mood.long_valence[/code],
## [code]contradiction.strength[/code], [code]face.quality[/code] … A flag is 1 or 0.
func value_of(signal_name: String) -> float:
	var value: Variant = _Signals.value_of(signal_name, self)
	return NAN if value == null or value is String else float(value)


## The word of a signal that is one, as profiles name it: [code]label[/code], [code]contradiction[/code],
## [code]moment.betrayal[/code], [code]face.condition[/code] …; empty while it is not known.
func word_of(signal_name: String) -> String:
	var value: Variant = _Signals.value_of(signal_name, self)
	return value if value is String else ""


## The granular states that something is known about.
func granular_names() -> PackedStringArray:
	return PackedStringArray(_fields.inside("granular").map.keys())


## A modality's part, or null if this sidecar does not know it.
func modality(name: String) -> RapportModality:
	return modalities.get(name) as RapportModality


## The fields as they came over the wire. Not to be changed. Takes half a millisecond: for showing and
## recording, not for every frame.
func to_dictionary() -> Dictionary:
	if not _frame.is_empty():
		_fields = _Fields.new(_MessagePack.new().read(_frame, _Check.STATE_TOPIC.length()) as Dictionary)
		_frame = PackedByteArray()
	return _fields.map
