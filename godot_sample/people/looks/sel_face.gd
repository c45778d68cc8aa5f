class_name SelFace
extends Face
## Sel: black hair over one eye, to be blown away when it suits.

## How far the fringe is brushed aside, 0 … 1.
@export_range(0.0, 1.0, 0.01) var fringe_aside := 0.0


func _draw_behind() -> void:
	var back := PackedVector2Array([
		Vector2(0, -54), Vector2(36, -44), Vector2(50, -8), Vector2(50, 30), Vector2(36, 56), Vector2(22, 40),
		Vector2(-22, 40), Vector2(-38, 54), Vector2(-50, 28), Vector2(-50, -8), Vector2(-36, -44),
	])
	Shapes.fill(self, Shapes.smooth(back), hair.darkened(0.2))


func _draw_in_front() -> void:
	var aside := fringe_aside * 19.0
	var fringe := PackedVector2Array([
		Vector2(-40, -34), Vector2(-14, -53), Vector2(22, -52), Vector2(45, -30), Vector2(49, 12),
		Vector2(42 + aside * 0.3, 34), Vector2(36 + aside * 0.5, 12), Vector2(30, -8 - aside * 0.3),
		Vector2(14 + aside * 0.6, 14 - aside * 1.3), Vector2(2 + aside, -8 - aside * 0.6),
		Vector2(-16, -24),
	])
	Shapes.fill(self, Shapes.smooth(fringe), hair)
	var left := PackedVector2Array([
		Vector2(-18, -49), Vector2(-40, -40), Vector2(-50, -10), Vector2(-48, 22), Vector2(-41, 34),
		Vector2(-38, 4), Vector2(-33, -20),
	])
	Shapes.fill(self, Shapes.smooth(left), hair)
	var shine := PackedVector2Array([Vector2(10, -46), Vector2(26, -42), Vector2(37, -30)])
	Shapes.line(self, Shapes.smooth(shine, false), hair.lightened(0.22), 3.0)
