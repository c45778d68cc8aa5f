extends Node2D
## The bard's corner: a low stage, a stool and what hangs on the wall. The origin is the middle of the
## stage's front edge.

const WIDTH := 214.0
const HEIGHT := 20.0
const WOOD := Color("6a4330")


func _draw() -> void:
	_draw_hanging(Vector2(-52.0, -322.0), Color("3f4f86"), "d9b65a")
	_draw_hanging(Vector2(40.0, -338.0), Color("7c2f4a"), "d9b65a")
	Shapes.ellipse(self, Vector2(0, 1), Vector2(WIDTH / 2.0 + 14, 9), Color(0, 0, 0, 0.3))
	Shapes.fill(self, PackedVector2Array([
		Vector2(-WIDTH / 2.0 + 16, -HEIGHT - 26), Vector2(WIDTH / 2.0 + 40, -HEIGHT - 26), Vector2(WIDTH / 2.0 + 40, -HEIGHT), Vector2(-WIDTH / 2.0, -HEIGHT),
	]), WOOD.lightened(0.14))
	Shapes.box(self, Rect2(-WIDTH / 2.0 - 2, -HEIGHT, WIDTH + 44, HEIGHT), WOOD, 3)
	draw_rect(Rect2(-WIDTH / 2.0 - 2, -HEIGHT, WIDTH + 44, 4), WOOD.lightened(0.22))
	for leg: float in [-20.0, 20.0]:
		Shapes.line(self, PackedVector2Array([Vector2(leg * 0.7, -66), Vector2(leg, -HEIGHT - 8)]), WOOD.darkened(0.3), 8.0)
	Shapes.box(self, Rect2(-32, -74, 64, 13), WOOD.darkened(0.12), 6)


# A pennant with a note on it.
func _draw_hanging(top: Vector2, cloth: Color, gold: String) -> void:
	var shape := PackedVector2Array([
		top + Vector2(-28, 0), top + Vector2(28, 0), top + Vector2(28, 92), top + Vector2(0, 116), top + Vector2(-28, 92),
	])
	Shapes.fill_vertical(self, shape, cloth.lightened(0.1), cloth.darkened(0.12))
	Shapes.line(self, PackedVector2Array([top + Vector2(-32, -1), top + Vector2(32, -1)]), Color(gold).darkened(0.2), 6.0)
	var note := top + Vector2(-6, 62)
	Shapes.ellipse(self, note, Vector2(9, 7), Color(gold), -0.3)
	Shapes.line(self, PackedVector2Array([note + Vector2(8, -2), note + Vector2(8, -34), note + Vector2(19, -26)]), Color(gold), 3.4)
