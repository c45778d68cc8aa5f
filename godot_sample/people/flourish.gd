class_name Flourish
extends Node2D
## Small things that fly up around somebody, so that a reaction is seen at a glance: notes, coins, hearts,
## confetti, sparks.

enum Kind { NOTE, COIN, HEART, CONFETTI, SPARK }

const LIFE_S := 2.4
## With less motion, so many times more seldom.
const FEWER := 4.0

@export var kind: Kind = Kind.HEART
@export var colours := PackedColorArray([Color("ffcf6a")])
## How many a second.
@export var rate := 4.0
## How far to each side they begin.
@export var width := 36.0
## In pixels a second, and a second squared.
@export var rise := 70.0
@export var weight := 0.0
## Whether they fly; a binding or code may say so.
@export var active := false

## Fewer of them, for players who ask for less motion.
var still := false

# Each: {at, speed, age, colour, size, phase}.
var _flying: Array[Dictionary] = []
var _wait := 0.0


func _ready() -> void:
	add_to_group(&"flickering")


func _process(delta: float) -> void:
	_wait -= delta
	if active and rate > 0.0 and _wait <= 0.0:
		_wait = (FEWER if still else 1.0) / rate
		launch()
	for each: Dictionary in _flying:
		each.age += delta
		each.speed.y += weight * delta
		each.at += each.speed * delta
	_flying = _flying.filter(func(each: Dictionary) -> bool: return each.age < LIFE_S)
	queue_redraw()


## One more.
func launch() -> void:
	_flying.append({
		"at": Vector2(randf_range(-width, width), 0.0),
		"speed": Vector2(randf_range(-0.35, 0.35) * rise, -rise * randf_range(0.8, 1.25)),
		"age": 0.0,
		"colour": colours[randi() % colours.size()],
		"size": randf_range(0.8, 1.2),
		"phase": randf() * TAU,
	})


func _draw() -> void:
	for each: Dictionary in _flying:
		var age: float = each.age
		var colour := Color(each.colour as Color, clampf(minf(age * 5.0, (LIFE_S - age) * 1.4), 0.0, 1.0))
		var sway := Vector2(sin(age * 3.0 + each.phase) * 6.0, 0.0)
		draw_set_transform(each.at + sway, 0.3 * sin(age * 2.3 + each.phase), Vector2.ONE * (each.size as float))
		_draw_one(colour, age * 5.0 + each.phase)
	draw_set_transform(Vector2.ZERO)


func _draw_one(colour: Color, turned: float) -> void:
	match kind:
		Kind.NOTE:
			Shapes.fill(self, Shapes.ellipse_points(Vector2.ZERO, Vector2(7.5, 5.6), -0.35), colour)
			draw_polyline(PackedVector2Array([Vector2(6.4, -1), Vector2(6.4, -27), Vector2(15, -20)]), colour, 3.0, true)
		Kind.COIN:
			var across := maxf(1.2, 8.5 * absf(cos(turned)))
			Shapes.fill(self, Shapes.ellipse_points(Vector2.ZERO, Vector2(across, 8.5)), colour)
			Shapes.fill(self, Shapes.ellipse_points(Vector2.ZERO, Vector2(across * 0.6, 5.2)), colour.darkened(0.22))
		Kind.HEART:
			var half := PackedVector2Array()
			for step: int in 24:
				var angle := TAU * step / 24.0
				half.append(Vector2(pow(sin(angle), 3.0) * 9.0, -(13.0 * cos(angle) - 5.0 * cos(2.0 * angle) - 2.0 * cos(3.0 * angle)) * 0.56))
			Shapes.fill(self, half, colour)
		Kind.CONFETTI:
			draw_rect(Rect2(-4.0, -3.0 * absf(cos(turned)) - 0.8, 8.0, 6.0 * absf(cos(turned)) + 1.6), colour)
		Kind.SPARK:
			for arm: int in 2:
				var along := Vector2.from_angle(PI / 2.0 * arm) * 8.0 * absf(sin(turned * 0.5))
				draw_line(-along, along, colour, 2.2, true)
