extends Node2D
## The hearth: stones, logs, a fire of particles, and a light that flickers. The origin is the middle of
## its foot.

const STONE := Color("756b70")
const OPENING := Rect2(-78.0, -162.0, 156.0, 152.0)
const FLICKER := 0.16

## The light keeps still, for players who ask for less motion.
var still := false

var _noise := FastNoiseLite.new()
var _burnt_s := 0.0
var _full := 0.0

@onready var _light: PointLight2D = $Light


func _ready() -> void:
	_noise.frequency = 0.9
	_full = _light.energy


func _process(delta: float) -> void:
	_burnt_s += delta
	var flicker := 0.0 if still else FLICKER * _noise.get_noise_1d(_burnt_s * 3.0)
	_light.energy = _full * (1.0 + flicker)
	_light.position.x = 0.0 if still else 14.0 * _noise.get_noise_1d(_burnt_s * 2.0 + 50.0)


func _draw() -> void:
	var breast := PackedVector2Array([
		Vector2(-98, -560), Vector2(98, -560), Vector2(112, -232), Vector2(128, -196), Vector2(128, 0), Vector2(-128, 0),
		Vector2(-128, -196), Vector2(-112, -232),
	])
	Shapes.fill_vertical(self, breast, STONE.darkened(0.32), STONE.darkened(0.16))
	_draw_stones()
	_draw_opening()
	Shapes.box(self, Rect2(-142, -216, 284, 22), Color("6b4431"), 5)
	draw_rect(Rect2(-138, -196, 276, 5), Color(0, 0, 0, 0.3))
	_draw_mantel()
	Shapes.box(self, Rect2(-140, -6, 280, 18), STONE.darkened(0.25), 5)


func _draw_stones() -> void:
	var rng := RandomNumberGenerator.new()
	rng.seed = 5
	for row: int in 20:
		var top := -552.0 + row * 28.0
		var half := 92.0 if top < -244.0 else 122.0
		var left := -half - rng.randf_range(0.0, 14.0)
		while left < half - 8.0:
			var width := minf(rng.randf_range(34.0, 58.0), half - left)
			var begin := maxf(left, -half)
			if width - (begin - left) > 9.0:
				var colour := STONE.darkened(rng.randf_range(0.0, 0.2)).lerp(Color("8a6a58"), rng.randf_range(0.0, 0.35))
				Shapes.box(self, Rect2(begin, top, width - (begin - left) - 4.0, 24.0), colour, 6)
			left += width
	draw_rect(Rect2(-128, -196, 256, 60), Color(0, 0, 0, 0.12))


func _draw_opening() -> void:
	var mouth := PackedVector2Array([
		OPENING.position + Vector2(0, 46), OPENING.position + Vector2(26, 12), Vector2(0, OPENING.position.y),
		OPENING.position + Vector2(OPENING.size.x - 26, 12), OPENING.position + Vector2(OPENING.size.x, 46),
		OPENING.end, OPENING.position + Vector2(0, OPENING.size.y),
	])
	var rim := PackedVector2Array()
	for point: Vector2 in mouth:
		rim.append(point + Vector2(signf(point.x) * 10.0, -10.0 if point.y < -40.0 else 0.0))
	Shapes.fill(self, rim, STONE.darkened(0.4))
	Shapes.fill_vertical(self, mouth, Color("150a0c"), Color("4a1a10"))
	for wood: Array in [[-46, -18, 44, -12, 17], [-40, -12, 50, -20, 15], [-20, -30, 30, -26, 14]]:
		var from := Vector2(wood[0] as float, wood[1] as float)
		var to := Vector2(wood[2] as float, wood[3] as float)
		Shapes.line(self, PackedVector2Array([from, to]), Color("3b2018"), wood[4] as float)
		draw_circle(from, (wood[4] as float) * 0.34, Color("c98a55"), true, -1.0, true)
	Shapes.ellipse(self, Vector2(0, -14), Vector2(52, 7), Color(1.0, 0.42, 0.12, 0.75))


func _draw_mantel() -> void:
	Shapes.box(self, Rect2(-112, -248, 24, 32), Color("3f6f86"), 8)
	Shapes.box(self, Rect2(-106, -256, 12, 12), Color("3f6f86"), 3)
	Shapes.box(self, Rect2(-80, -238, 22, 22), Color("b4633f"), 6)
	for spine: Array in [[54, 30, "7c3a3f"], [66, 34, "3d6650"], [78, 28, "c79a4a"], [90, 33, "34466e"]]:
		var height: float = spine[1]
		Shapes.box(self, Rect2(spine[0] as float, -216.0 - height, 10, height), Color(spine[2] as String), 2)
	# A shield of the house: a lute under a flame.
	var shield := PackedVector2Array([
		Vector2(-36, -384), Vector2(0, -390), Vector2(36, -384), Vector2(35, -340), Vector2(0, -300), Vector2(-35, -340),
	])
	Shapes.fill(self, Shapes.smooth(shield), Color("c79a4a"))
	var field := PackedVector2Array()
	for point: Vector2 in shield:
		field.append(Vector2(0, -346) + (point - Vector2(0, -346)) * 0.86)
	Shapes.fill(self, Shapes.smooth(field), Color("6f2b33"))
	var flame := PackedVector2Array([Vector2(0, -378), Vector2(12, -352), Vector2(8, -330), Vector2(0, -322), Vector2(-8, -330), Vector2(-11, -350)])
	Shapes.fill(self, Shapes.smooth(flame), Color("f0a040"))
	Shapes.ellipse(self, Vector2(0, -334), Vector2(4.5, 8), Color("ffe39a"))
