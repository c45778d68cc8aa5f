class_name MiraFigure
extends Figure
## Mira, who looks after people: a green cloak over a linen dress, and a mug that is never empty.

## How clearly she holds her mug out, 0 … 1; it steams.
@export_range(0.0, 1.0, 0.01) var mug := 0.0

const CLAY := Color("b4633f")


func _draw_behind() -> void:
	Shapes.fill(self, coat(34.0, 40.0, 47.0, -10.0), cloth.darkened(0.28))


func _draw_body() -> void:
	Shapes.fill_vertical(self, coat(27.0, 26.0, 36.0, -15.0), trim.lightened(0.05), trim.darkened(0.16))
	var belt := PackedVector2Array([at_body(Vector2(-27, -66)), at_body(Vector2(0, -61)), at_body(Vector2(27, -66))])
	Shapes.line(self, Shapes.smooth(belt, false), Color("7b4a30"), 8.0)
	for side: float in [-1.0, 1.0]:
		var half := PackedVector2Array([
			at_body(Vector2(side * 5, -121)), at_body(Vector2(side * 31, -113)), at_body(Vector2(side * 37, -80)),
			_hem(Vector2(side * 46, -13)), _hem(Vector2(side * 26, -11)), at_body(Vector2(side * 20, -72)),
		])
		Shapes.fill_vertical(self, Shapes.smooth(half), cloth.lightened(0.06), cloth.darkened(0.1))


func _draw_in_front() -> void:
	Shapes.ellipse(self, at_body(Vector2(0, -117)), Vector2(17, 9), cloth.lightened(0.1))
	draw_circle(at_body(Vector2(0, -112)), 5.5, Color("e2b64c"), true, -1.0, true)
	var braid := PackedVector2Array([
		face.position + Vector2(-38, 26), at_body(Vector2(-36, -102)), at_body(Vector2(-30, -82)),
	])
	for step: int in 4:
		var at := Shapes.arc(braid[0], braid[1], braid[2], 4)[step]
		Shapes.ellipse(self, at, Vector2(9.0 - step, 9.0), face.hair.darkened(0.05 + 0.05 * (step % 2)))
	draw_circle(braid[2], 4.0, Color("e2b64c"), true, -1.0, true)
	if mug > 0.02:
		_draw_mug(hand(1.0) + Vector2(8.0, -4.0))


func _draw_mug(at: Vector2) -> void:
	var size := Vector2(20.0, 23.0) * minf(1.0, mug * 2.0)
	draw_arc(at + Vector2(size.x * 0.5, 0.0), size.x * 0.36, -PI / 2.0, PI / 2.0, 12, CLAY.darkened(0.2), 4.0, true)
	Shapes.box(self, Rect2(at - size / 2.0, size), CLAY, 4)
	Shapes.ellipse(self, at - Vector2(0.0, size.y * 0.46), Vector2(size.x * 0.5, 3.4), CLAY.lightened(0.25))
	draw_circle(hand(1.0), 8.0, face.skin, true, -1.0, true)
	for wisp: int in 2:
		var steam := PackedVector2Array()
		for step: int in 7:
			var sway := sin(_lived_s * 2.2 + step * 0.8 + wisp * 2.0) * (1.0 + step * 0.5)
			steam.append(at + Vector2(wisp * 9.0 - 4.5 + sway, -size.y * 0.6 - step * 6.0))
		draw_polyline(steam, Color(1, 1, 1, 0.34 * mug), 3.0, true)
