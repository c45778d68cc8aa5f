@tool
@icon("../icon.svg")
class_name RapportMoodScript
extends Resource
## A player who is played from a script: moods, one after the other. For demos, tests and tuning without
## a camera; give it to a [RapportMock].

## The moods in their order.
@export var steps: Array[RapportMoodStep] = []
## Begins anew after the last step.
@export var loop := true


## The whole length in seconds.
func length() -> float:
	var sum := 0.0
	for step: RapportMoodStep in steps:
		sum += step.seconds if step != null else 0.0
	return sum


## The mood at a time in seconds from the start; null: the script is over, or says nothing then.
func mood_at(seconds: float) -> RapportMood:
	var left := seconds
	if loop and length() > 0.0:
		left = fmod(seconds, length())
	for step: RapportMoodStep in steps:
		if step != null:
			if left < step.seconds:
				return step.mood
			left -= step.seconds
	return null
