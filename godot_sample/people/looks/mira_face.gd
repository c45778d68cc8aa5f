class_name MiraFace
extends Face
## Mira: auburn hair with a parting, and a braid over the shoulder.


func _draw_behind() -> void:
	var back := PackedVector2Array([
		Vector2(0, -53), Vector2(34, -44), Vector2(50, -10), Vector2(48, 26), Vector2(30, 44),
		Vector2(-30, 44), Vector2(-48, 26), Vector2(-50, -10), Vector2(-34, -44),
	])
	Shapes.fill(self, Shapes.smooth(back), hair.darkened(0.22))


func _draw_in_front() -> void:
	var parting := Vector2(-8.0 + _shift() * 0.8, -30.0)
	for side: float in [-1.0, 1.0]:
		var lock := PackedVector2Array([
			Vector2(parting.x, -50), Vector2(side * 26, -49), Vector2(side * 47, -26), Vector2(side * 49, 14),
			Vector2(side * 41, 30), Vector2(side * 37, 4), Vector2(side * 30, -14),
			parting.lerp(Vector2(side * 30, -20), 0.5) + Vector2(0, -3), parting,
		])
		Shapes.fill(self, Shapes.smooth(lock), hair.lightened(0.04 if side < 0.0 else 0.0))
	var shine := PackedVector2Array([Vector2(-34, -38), Vector2(-22, -45), Vector2(-12, -47)])
	Shapes.line(self, Shapes.smooth(shine, false), hair.lightened(0.25), 3.0)
