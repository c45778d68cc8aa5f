@tool
@icon("../icon.svg")
class_name RapportMood
extends Resource
## A mood that [RapportMock] plays instead of a camera: an emotion, how strong it is, and what goes with it.

enum Emotion { NEUTRAL, HAPPINESS, SURPRISE, SADNESS, ANGER, DISGUST, FEAR, CONTEMPT }

## Valence, arousal and dominance of each emotion, as the sidecar has them (plugin/rapport/state.py).
const VAD: PackedVector3Array = [
	Vector3.ZERO,
	Vector3(0.81, 0.51, 0.46),
	Vector3(0.40, 0.67, -0.13),
	Vector3(-0.63, -0.27, -0.33),
	Vector3(-0.51, 0.59, 0.25),
	Vector3(-0.60, 0.35, 0.11),
	Vector3(-0.64, 0.60, -0.43),
	Vector3(-0.30, -0.10, 0.40),
]
## What a granular state is worth that a mood does not name: next to nothing, but known.
const LITTLE := 0.05
## The moods that [RapportMock] and the menu know by name: emotion, strength, granular states.
const NAMED: Dictionary = {
	"calm": [Emotion.NEUTRAL, 0.85, { "engagement": 0.3 }],
	"happy": [Emotion.HAPPINESS, 0.85, { "engagement": 0.6 }],
	"amused": [Emotion.HAPPINESS, 0.7, { "amusement": 0.85, "engagement": 0.6 }],
	"surprised": [Emotion.SURPRISE, 0.85, { "engagement": 0.6 }],
	"sad": [Emotion.SADNESS, 0.85, { "grief": 0.3 }],
	"frustrated": [Emotion.ANGER, 0.5, { "frustration": 0.85 }],
	"angry": [Emotion.ANGER, 0.85, { "frustration": 0.6 }],
	"afraid": [Emotion.FEAR, 0.85, { "overwhelm": 0.5 }],
	"disgusted": [Emotion.DISGUST, 0.85, {}],
	"confused": [Emotion.SURPRISE, 0.4, { "confusion": 0.85 }],
	"bored": [Emotion.NEUTRAL, 0.7, { "boredom": 0.85 }],
	"sceptical": [Emotion.CONTEMPT, 0.55, { "scepticism": 0.85 }],
	"overwhelmed": [Emotion.FEAR, 0.5, { "overwhelm": 0.85 }],
	"grieving": [Emotion.SADNESS, 0.7, { "grief": 0.85 }],
}
## The mood of somebody who prefers not to say: nothing is known.
const UNSAID := "unsaid"

## The emotion that stands out.
@export var emotion: Emotion = Emotion.NEUTRAL
## Its probability; the rest is neutral.
@export_range(0.0, 1.0, 0.01) var strength := 0.85
## Granular states by name, such as [code]"frustration": 0.85[/code]; those not named are low.
@export var granular: Dictionary = {}
## Whether the player speaks.
@export var speaking := false
## A vocal burst that is heard, such as [code]laugh[/code] or [code]sigh[/code].
@export_enum("none", "laugh", "cheer", "sigh", "gasp", "cry", "ouch", "yuck", "huh") var burst := "none"
## What glad words are found to be that the player has just said, such as [code]sarcasm[/code].
@export_enum("none", "sarcasm", "masking", "forced_politeness") var contradiction := "none"
## Nothing is known about the player; all the rest counts for nothing.
@export var unsaid := false


## A mood of [constant NAMED], or the unsaid one for [constant UNSAID] and names that there are not.
static func named(name: String) -> RapportMood:
	var made := RapportMood.new()
	var values: Array = NAMED.get(name, [])
	made.unsaid = values.is_empty()
	if not made.unsaid:
		made.emotion = values[0]
		made.strength = values[1]
		made.granular = values[2]
	return made


## The eight probabilities, in the order of the labels.
func probabilities() -> PackedFloat64Array:
	var made := PackedFloat64Array()
	made.resize(VAD.size())
	made[Emotion.NEUTRAL] = 1.0 - strength
	made[emotion] += strength
	return made


## Valence, arousal and dominance, each -1 ... +1.
func vad() -> Vector3:
	return VAD[emotion] * strength


## How far the player is in a granular state, 0 ... 1.
func granular_value(state: String) -> float:
	return granular.get(state, LITTLE)
