@tool
@icon("../icon.svg")
class_name RapportMoodStep
extends Resource
## One step of a [RapportMoodScript]: a mood and how long it lasts.

## How long the mood lasts.
@export_range(0.1, 120.0, 0.1, "or_greater", "suffix:s") var seconds := 5.0
## The mood; empty: nothing is known about the player.
@export var mood: RapportMood


## A step with a mood of [constant RapportMood.NAMED].
static func make(name: String, lasts_s: float) -> RapportMoodStep:
	var made := RapportMoodStep.new()
	made.seconds = lasts_s
	made.mood = RapportMood.named(name)
	return made
