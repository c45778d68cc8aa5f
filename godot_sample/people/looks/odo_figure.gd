class_name OdoFigure
extends Figure
## Odo, who sells: a round man in an apron behind his counter.

## How clearly he holds up the maker's mark, 0 … 1.
@export_range(0.0, 1.0, 0.01) var proof := 0.0

const BRASS := Color("e2b64c")


func _draw_body() -> void:
	Shapes.fill_vertical(self, coat(37.0, 47.0, 46.0, -12.0), cloth.lightened(0.06), cloth.darkened(0.18))
	var apron := PackedVector2Array([
		at_body(Vector2(-19, -104)), at_body(Vector2(19, -104)), at_body(Vector2(28, -78)), at_body(Vector2(36, -52)),
		_hem(Vector2(34, -14)), _hem(Vector2(-34, -14)), at_body(Vector2(-36, -52)), at_body(Vector2(-28, -78)),
	])
	Shapes.fill_vertical(self, Shapes.smooth(apron), trim, trim.darkened(0.14))
	for side: float in [-1.0, 1.0]:
		Shapes.line(self, PackedVector2Array([at_body(Vector2(side * 18, -102)), at_body(Vector2(side * 24, -119))]), trim.darkened(0.1), 6.0)
	var chain := Shapes.arc(at_body(Vector2(-18, -74)), at_body(Vector2(0, -60)), at_body(Vector2(20, -76)))
	draw_polyline(chain, BRASS, 2.6, true)
	draw_circle(at_body(Vector2(20, -75)), 4.5, BRASS, true, -1.0, true)


func _draw_in_front() -> void:
	if proof > 0.02:
		_draw_glass(hand(1.0))


# A magnifying glass over a coin with the maker's mark.
func _draw_glass(at: Vector2) -> void:
	var radius := 21.0 * minf(1.0, proof * 1.6)
	var centre := at + Vector2(0.0, -radius - 14.0)
	Shapes.line(self, PackedVector2Array([at + Vector2(0, 6), centre + Vector2(0, radius)]), Color("6b3f26"), 6.0)
	draw_circle(centre, radius, Color("cfe6ee"), true, -1.0, true)
	var points := PackedVector2Array()
	for ray: int in 16:
		points.append(centre + Vector2.from_angle(TAU * ray / 16.0 - PI / 2.0) * radius * (0.62 if ray % 2 == 0 else 0.34))
	Shapes.fill(self, points, Color("b98a22"))
	draw_circle(centre, radius * 0.2, BRASS.lightened(0.3), true, -1.0, true)
	draw_arc(centre, radius, 0.0, TAU, 40, BRASS, 5.0, true)
	var shine := fmod(_lived_s * 1.3, 2.0)
	if shine < 1.0:
		var from := centre + Vector2(-radius, radius) * 0.55 + Vector2(radius, -radius) * shine * 0.8
		draw_line(from - Vector2(7, 7), from + Vector2(7, 7), Color(1, 1, 1, 0.75 * proof * sin(shine * PI)), 5.0, true)
	draw_circle(at, 9.0, face.skin, true, -1.0, true)
