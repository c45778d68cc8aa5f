@tool
@icon("../icon.svg")
class_name RapportCondition
extends Resource
## One condition of a [RapportRule]: a level, a flag or a word of a signal, or a group of conditions.
##
## A level has two readings: it is [i]entered[/i] at [member enter] and [i]left[/i] at the exit
## level, so that a value that trembles around one number does not make a character tremble too.
## [codeblock]
## var sad := RapportCondition.level("sadness", 0.6)
## var quiet := RapportCondition.opposite(RapportCondition.flag("speaking", true))
## rule.when = RapportCondition.every([sad, quiet])
## [/codeblock]

enum Kind {
	LEVEL, ## A number that is beyond a level.
	FLAG, ## A signal that is true or false, such as [code]speaking[/code].
	WORD, ## A signal that is one of some words, such as [code]face.condition[/code].
	ALL, ## Every one of [member parts].
	ANY, ## At least one of [member parts].
	NOT, ## The opposite of the one in [member parts].
}

## What an unknown signal means: a covered camera, a silent microphone, a context that was never set.
enum Unknown {
	INHERIT, ## What the rule says.
	HOLD, ## Goes on as it last was for [member unknown_s], but never begins.
	END, ## Does not go on, and never begins.
	IGNORE, ## As if the condition were not there.
}

## Signals in -1 ... +1; [code]trend[/code] is in 1/s.
const SIGNED: PackedStringArray = [
	"valence", "arousal", "dominance", "trend",
	"mood.valence", "mood.arousal", "mood.long_valence", "mood.long_arousal",
]
## In seconds, up to an hour. All other numbers are in 0 ... 1.
const PAUSE := "conversation.pause_s"
const FLAGS: PackedStringArray = ["speaking", "face_present"]
const WORDS: PackedStringArray = [
	"label", "face.condition", "voice.condition", "text.condition", "appraisal.condition",
	"contradiction", "conversation.role", "conversation.line",
]
## Every signal with a fixed name; beside them [code]moment.<name>[/code] is the course of a moment that the game has
## marked, [code]moment.<name>.strength[/code] how far it goes, and [code]context.<name>[/code] what the game sets.
const SIGNALS := (
	"frustration,confusion,overwhelm,boredom,engagement,amusement,scepticism,grief,"
	+ "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
	+ "valence,arousal,dominance,trend,incongruence,confidence,speaking,face_present,label,"
	+ "burst.laugh,burst.cheer,burst.sigh,burst.gasp,burst.cry,burst.ouch,burst.yuck,burst.huh,"
	+ "mood.valence,mood.arousal,mood.long_valence,mood.long_arousal,mood.volatility,"
	+ "contradiction,contradiction.strength,conversation.pause_s,conversation.role,conversation.line,"
	+ "face.condition,voice.condition,text.condition,appraisal.condition,"
	+ "face.quality,voice.quality,text.quality,appraisal.quality,"
	+ "face.weight,voice.weight,text.weight,appraisal.weight,moment.,context."
)
## Where a level has no exit of its own, it lies this part of the signal's range below (0 ... 1: 0.1).
const EXIT_GAP := 0.1
## A pause has no such range: its exit level is this part of the enter level.
const PAUSE_EXIT := 0.5
const PAUSE_MAX_S := 3600.0
const PARTS_MAX := 16
const DEPTH_MAX := 6
## What the inspector has room for.
const NAME_LENGTH := 60

## What sort of condition it is.
@export var kind: Kind = Kind.LEVEL:
	set(value):
		kind = value
		notify_property_list_changed()
		_edited()
## What is watched: an emotion, a granular state, a measure, or [code]context.<name>[/code].
@export_custom(PROPERTY_HINT_ENUM_SUGGESTION, SIGNALS) var signal_name := "frustration":
	set(value):
		signal_name = value.strip_edges()
		notify_property_list_changed()
		_edited()
## The value that begins it, in the signal's own range.
@export_range(-1.0, 1.0, 0.01, "or_greater", "or_less") var enter := 0.6:
	set(value):
		enter = value
		_edited()
## Switches on an exit level of your own; else it lies a tenth of the range below [member enter].
@export var own_exit := false:
	set(value):
		own_exit = value
		notify_property_list_changed()
		_edited()
## The value that ends it. Below [member enter]: high values count. Above it: low values count.
@export_range(-1.0, 1.0, 0.01, "or_greater", "or_less") var exit := 0.4:
	set(value):
		exit = value
		_edited()
## What the flag must be.
@export var is_true := true:
	set(value):
		is_true = value
		_edited()
## The words that count; one of them is enough.
@export var words: PackedStringArray = []:
	set(value):
		words = value
		_edited()
## It must stay entered for so many seconds before it counts.
@export_range(0.0, 30.0, 0.1, "or_greater", "suffix:s") var for_s := 0.0:
	set(value):
		for_s = value
		_edited()
# Typed as resources, because Godot never frees a script with an array of its own type.
## The conditions of a group, each a [RapportCondition].
@export_custom(PROPERTY_HINT_TYPE_STRING, "24/17:RapportCondition") var parts: Array[Resource] = []:
	set(value):
		for part: RapportCondition in parts:
			if part != null and part.changed.is_connected(_edited):
				part.changed.disconnect(_edited)
		parts = value
		for part: RapportCondition in parts:
			if part != null and not part.changed.is_connected(_edited):
				part.changed.connect(_edited)
		_edited()
@export_group("When it is not sure", "")
## A signal that is less sure counts as unknown; -1: what the rule says.
@export_range(-1.0, 1.0, 0.01) var min_confidence := -1.0:
	set(value):
		min_confidence = value
		_edited()
## What to do while the signal is unknown.
@export var unknown: Unknown = Unknown.INHERIT:
	set(value):
		unknown = value
		_edited()
## How long [constant HOLD] holds; -1: what the rule says.
@export_range(-1.0, 60.0, 0.1, "or_greater", "suffix:s") var unknown_s := -1.0:
	set(value):
		unknown_s = value
		_edited()


## A level of a number. Pass [param until] for an exit level of your own.
static func level(of_signal: String, from: float, until: float = NAN, dwell_s: float = 0.0) -> RapportCondition:
	var made := RapportCondition.new()
	made.signal_name = of_signal
	made.enter = from
	made.own_exit = not is_nan(until)
	if made.own_exit:
		made.exit = until
	made.for_s = dwell_s
	return made


## A signal that is true or false.
static func flag(of_signal: String, must_be: bool) -> RapportCondition:
	var made := RapportCondition.new()
	made.kind = Kind.FLAG
	made.signal_name = of_signal
	made.is_true = must_be
	return made


## A signal that is one of these words.
static func word(of_signal: String, any_of: PackedStringArray) -> RapportCondition:
	var made := RapportCondition.new()
	made.kind = Kind.WORD
	made.signal_name = of_signal
	made.words = any_of
	return made


## Every one of these.
static func every(of: Array[Resource]) -> RapportCondition:
	return _group(Kind.ALL, of)


## At least one of these.
static func some(of: Array[Resource]) -> RapportCondition:
	return _group(Kind.ANY, of)


## The opposite of this one.
static func opposite(of: RapportCondition) -> RapportCondition:
	return _group(Kind.NOT, [of])


static func _group(as_kind: Kind, of: Array[Resource]) -> RapportCondition:
	var made := RapportCondition.new()
	made.kind = as_kind
	made.parts = of
	return made


## Whether it holds other conditions rather than looking at a signal.
func is_group() -> bool:
	return kind in [Kind.ALL, Kind.ANY, Kind.NOT]


## Whether low values count: the exit level lies above the enter level.
func counts_low() -> bool:
	return own_exit and exit > enter


## The level at which it ends, in the signal's own range.
func exit_level() -> float:
	if own_exit:
		return exit
	return enter * PAUSE_EXIT if signal_name == PAUSE else enter - EXIT_GAP * (highest() - lowest())


## The lower end of the signal's range.
func lowest() -> float:
	return -1.0 if signal_name in SIGNED else 0.0


## The upper end of the signal's range.
func highest() -> float:
	return PAUSE_MAX_S if signal_name == PAUSE else 1.0


## One line for people, such as [code]frustration ≥ 0.60 for 1.5 s[/code].
func summary() -> String:
	return _line(false)


func _line(inside: bool) -> String:
	if is_group():
		var lines := PackedStringArray()
		for part: RapportCondition in parts:
			lines.append(part._line(true) if part != null else "?")
		if kind == Kind.NOT:
			return "not " + ", ".join(lines)
		var joined := (" and " if kind == Kind.ALL else " or ").join(lines)
		return "(%s)" % joined if inside else joined
	var line := signal_name
	match kind:
		Kind.LEVEL:
			line += " %s %.2f" % ["≤" if counts_low() else "≥", enter]
		Kind.FLAG:
			line += "" if is_true else " is false"
		Kind.WORD:
			line += " is " + " or ".join(words)
	return line + (" for %.1f s" % for_s if for_s > 0.0 else "")


## At most [constant NAME_LENGTH] characters of a text.
static func shortened(text: String) -> String:
	return text if text.length() <= NAME_LENGTH else text.left(NAME_LENGTH - 1) + "…"


func _validate_property(property: Dictionary) -> void:
	var name: String = property.name
	var shown: bool = {
		"signal_name": not is_group(),
		"enter": kind == Kind.LEVEL,
		"own_exit": kind == Kind.LEVEL,
		"exit": kind == Kind.LEVEL and own_exit,
		"is_true": kind == Kind.FLAG,
		"words": kind == Kind.WORD,
		"for_s": not is_group(),
		"parts": is_group(),
		"min_confidence": not is_group(),
		"unknown": not is_group(),
		"unknown_s": not is_group(),
	}.get(name, true)
	if not shown:
		property.usage &= ~PROPERTY_USAGE_EDITOR


func _edited() -> void:
	# The inspector shows the name, so that a list of conditions can be read without opening each.
	# Naming a resource emits `changed` too.
	resource_name = shortened(summary())
