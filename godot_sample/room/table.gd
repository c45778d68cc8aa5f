extends Node2D
## A table with bread and a mug. The origin is the middle of its foot.

const WOOD := Color("7a4c33")
const TOP := -66.0


func _draw() -> void:
	Shapes.ellipse(self, Vector2(0, 2), Vector2(92, 10), Color(0, 0, 0, 0.3))
	for leg: float in [-66.0, 66.0]:
		Shapes.line(self, PackedVector2Array([Vector2(leg * 0.9, TOP), Vector2(leg, -2)]), WOOD.darkened(0.35), 13.0)
	Shapes.fill(self, PackedVector2Array([
		Vector2(-84, TOP - 16), Vector2(84, TOP - 16), Vector2(96, TOP), Vector2(-96, TOP),
	]), WOOD.lightened(0.18))
	Shapes.box(self, Rect2(-98, TOP, 196, 13), WOOD, 5)
	Shapes.ellipse(self, Vector2(-46, TOP - 16), Vector2(24, 11), Color("c98a4b"))
	for cut: float in [-56.0, -46.0, -36.0]:
		draw_line(Vector2(cut - 3, TOP - 24), Vector2(cut + 3, TOP - 18), Color("8a5a2b"), 2.0, true)
	Shapes.box(self, Rect2(34, TOP - 28, 18, 22), Color("8a94a0"), 4)
	draw_arc(Vector2(54, TOP - 18), 6.0, -PI / 2.0, PI / 2.0, 12, Color("6a747f"), 3.0, true)
