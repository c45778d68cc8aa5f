class_name Figure
extends Node2D
## A body that stands on its origin: posture as a handful of numbers, for bindings and tweens to move.
##
## Each person extends it with clothes. The child [code]Face[/code] is carried along on the neck.

const HEIGHT := 128.0
const NECK := Vector2(0.0, -152.0)
const SHOULDER := Vector2(27.0, -108.0)
const SEAT := 34.0
const ARM := 31.0
const STEP_LENGTH := 34.0

@export_group("Posture")
## Bends to the side, in radians; positive is right.
@export_range(-0.6, 0.6, 0.01) var lean := 0.0
## 0 stands, 1 sits.
@export_range(0.0, 1.0, 0.01) var sit := 0.0
## How far the head hangs, 0 … 1.
@export_range(0.0, 1.0, 0.01) var droop := 0.0
## Where the hands are, from their shoulders.
@export var left_hand := Vector2(-12.0, 52.0)
@export var right_hand := Vector2(12.0, 52.0)
## How much it bounces with joy, 0 … 1.
@export_range(0.0, 1.0, 0.01) var bounce := 0.0
@export_group("Looks")
@export var cloth := Color("4f7f5e")
@export var trim := Color("e6d5b0")
@export var boots := Color("4a3026")

## Stands without breathing and bouncing, for players who ask for less motion.
var still := false
## How fast it walks, in pixels a second; its sign is the direction.
var pace := 0.0

var _walked := 0.0
var _lived_s := 0.0

@onready var face: Face = $Face


func _ready() -> void:
	add_to_group(&"flickering")


func _process(delta: float) -> void:
	_lived_s += delta
	_walked += absf(pace) * delta
	face.position = at_body(NECK) + Vector2(0.0, droop * 12.0)
	face.rotation = lean * 0.7 + droop * 0.12 * signf(face.turn + 0.01)
	queue_redraw()


func _draw() -> void:
	_draw_shadow()
	_draw_legs()
	_draw_behind()
	_draw_body()
	_draw_arms()
	_draw_in_front()


## A point of the upright body, where it is in this posture.
func at_body(point: Vector2) -> Vector2:
	var hips := Vector2(0.0, -48.0)
	return hips + (point - hips).rotated(lean) + Vector2(0.0, _sink() + _breath() * (-point.y / HEIGHT))


## Where a hand is; [param side] −1 left, 1 right.
func hand(side: float) -> Vector2:
	return _shoulder(side) + (left_hand if side < 0.0 else right_hand)


func _draw_shadow() -> void:
	draw_set_transform(Vector2(0.0, 2.0), 0.0, Vector2(1.0, 0.24))
	for ring: int in 3:
		draw_circle(Vector2.ZERO, 50.0 - ring * 9.0, Color(0.05, 0.02, 0.05, 0.14))
	draw_set_transform(Vector2.ZERO)


func _draw_legs() -> void:
	var swing := sin(_walked / STEP_LENGTH * PI) * minf(1.0, absf(pace) / 60.0)
	for side: float in [-1.0, 1.0]:
		var lift := maxf(0.0, side * swing) * 9.0
		var foot := Vector2(side * (12.0 + sit * 6.0) + side * swing * 12.0 * signf(pace), -5.0 - lift - _hop())
		var knee := at_body(Vector2(side * 13.0, -40.0)).lerp(foot, 0.5) + Vector2(signf(pace) * 3.0 + side * sit * 6.0, 0.0)
		Shapes.line(self, Shapes.arc(at_body(Vector2(side * 12.0, -46.0)), knee, foot), boots.lightened(0.12), 15.0)
		Shapes.ellipse(self, foot + Vector2(signf(pace) * 3.0, 0.0), Vector2(12.5, 7.5), boots)


## What is behind the body: a cape, a braid.
func _draw_behind() -> void:
	pass


## The body itself.
func _draw_body() -> void:
	pass


## What is in front of the arms.
func _draw_in_front() -> void:
	pass


func _draw_arms() -> void:
	for side: float in [-1.0, 1.0]:
		draw_arm(side, cloth.darkened(0.12))


## An arm with its hand; the elbow goes where it must.
func draw_arm(side: float, sleeve: Color) -> void:
	var from := _shoulder(side)
	var to := hand(side)
	var span := minf(from.distance_to(to), 2.0 * ARM)
	var height := sqrt(maxf(0.0, ARM * ARM - span * span / 4.0))
	var outward := (to - from).orthogonal().normalized() * side
	var elbow := (from + to) / 2.0 + outward * height * 1.25
	Shapes.line(self, Shapes.arc(from, elbow, to), sleeve, 17.0)
	draw_circle(to, 9.0, face.skin, true, -1.0, true)


## The outline of a coat: [param top] and [param hem] are half widths.
func coat(top: float, waist: float, hem: float, hem_height: float = -16.0) -> PackedVector2Array:
	var outline := PackedVector2Array()
	for point: Vector2 in [
		Vector2(0.0, -122.0), Vector2(top * 0.7, -119.0), Vector2(top, -104.0), Vector2(waist, -66.0),
		Vector2(hem, hem_height), Vector2(0.0, hem_height + 5.0), Vector2(-hem, hem_height),
		Vector2(-waist, -66.0), Vector2(-top, -104.0), Vector2(-top * 0.7, -119.0),
	]:
		outline.append(_hem(point) if point.y > -30.0 else at_body(point))
	return Shapes.smooth(outline)


# The hem hangs, whatever the upper body does.
func _hem(point: Vector2) -> Vector2:
	return Vector2(point.x + lean * 18.0, point.y * (1.0 - 0.45 * sit) - _hop())


func _shoulder(side: float) -> Vector2:
	return at_body(Vector2(side * SHOULDER.x, SHOULDER.y))


func _sink() -> float:
	return sit * SEAT - _hop() - absf(sin(_walked / STEP_LENGTH * PI)) * 3.0 * minf(1.0, absf(pace) / 60.0)


func _hop() -> float:
	return 0.0 if still else absf(sin(_lived_s * 7.0)) * 18.0 * bounce


func _breath() -> float:
	return 0.0 if still else -sin(_lived_s * 1.9) * 1.2
