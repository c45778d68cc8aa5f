extends Node2D
## A stool. The origin is its foot.

const WOOD := Color("6a4330")


func _draw() -> void:
	Shapes.ellipse(self, Vector2(0, 1), Vector2(34, 6), Color(0, 0, 0, 0.28))
	for leg: float in [-22.0, 22.0]:
		Shapes.line(self, PackedVector2Array([Vector2(leg * 0.7, -40), Vector2(leg, -4)]), WOOD.darkened(0.3), 8.0)
	Shapes.box(self, Rect2(-32, -48, 64, 12), WOOD, 6)
