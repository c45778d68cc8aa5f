class_name TravellerFigure
extends Figure
## The traveller, who is the player: a dusty cloak, a teal scarf and a bundle.


func _draw_behind() -> void:
	Shapes.ellipse(self, at_body(Vector2(-30.0 * signf(face.turn + 0.01), -86.0)), Vector2(19, 24), Color("6d4c33"))
	Shapes.fill(self, coat(31.0, 36.0, 45.0, -11.0), cloth.darkened(0.3))


func _draw_body() -> void:
	Shapes.fill_vertical(self, coat(29.0, 29.0, 39.0, -14.0), cloth.lightened(0.05), cloth.darkened(0.18))
	var strap := PackedVector2Array([at_body(Vector2(-24, -112)), at_body(Vector2(2, -88)), at_body(Vector2(26, -64))])
	Shapes.line(self, Shapes.smooth(strap, false), Color("6d4c33"), 6.0)


func _draw_in_front() -> void:
	Shapes.ellipse(self, at_body(Vector2(0, -115)), Vector2(23, 10), trim)
	var tail := PackedVector2Array([
		at_body(Vector2(8, -112)), at_body(Vector2(18, -110)), at_body(Vector2(20, -84)), at_body(Vector2(9, -82)),
	])
	Shapes.fill(self, Shapes.smooth(tail), trim.darkened(0.12))
