class_name Person
extends Node2D
## Somebody who can walk along the floor and speak.

## Says something out loud, in a bubble for [param seconds].
signal spoke(person: Person, text: String, seconds: float)

const SPEED := 190.0
const ARRIVED := 3.0
## A bubble stays as long as is needed to read it.
const READING_S := 2.2
const READING_S_PER_CHARACTER := 0.045

## What people call them.
@export var title := ""
## Of the name and the bubble.
@export var colour := Color("ffcf6a")
## How much higher than the top of the head a bubble points.
@export var hat_height := 0.0

## Where they are on their way to.
var goal_x := 0.0
## Which way the head turns when they stand, −1 … 1.
var attention := 0.0

@onready var figure: Figure = $Figure
@onready var face: Face = $Figure/Face


func _ready() -> void:
	goal_x = position.x


func _process(delta: float) -> void:
	var way := goal_x - position.x
	var walks := absf(way) > ARRIVED
	figure.pace = signf(way) * SPEED if walks else 0.0
	if walks:
		position.x = move_toward(position.x, goal_x, SPEED * delta)
	var turn := signf(way) * 0.85 if walks else attention
	face.turn = lerpf(face.turn, turn, 1.0 - exp(-delta * 8.0))
	face.gaze.x = face.turn


## Whether they are on their way.
func is_walking() -> bool:
	return absf(goal_x - position.x) > ARRIVED


## Looks towards a place on the floor.
func look_at_x(x: float) -> void:
	attention = clampf((x - position.x) / 160.0, -0.8, 0.8)


func speak(text: String) -> void:
	spoke.emit(self, text, READING_S + READING_S_PER_CHARACTER * text.length())


## Where a bubble points to.
func mouthpiece() -> Vector2:
	return to_global(figure.position + face.position * figure.scale + Vector2(0.0, -62.0 - hat_height))
