extends Node2D
## What stands between the onlooker and the room, dark against the light: it gives the room its depth.

const DARK := Color("241518")


func _draw() -> void:
	_draw_barrel(Vector2(66.0, 742.0), Vector2(82.0, 96.0))
	_draw_barrel(Vector2(176.0, 776.0), Vector2(66.0, 78.0))
	_draw_chair(Vector2(1206.0, 806.0))


func _draw_barrel(foot: Vector2, size: Vector2) -> void:
	var outline := PackedVector2Array([
		foot + Vector2(-size.x * 0.8, -size.y * 1.35), foot + Vector2(size.x * 0.8, -size.y * 1.35),
		foot + Vector2(size.x, -size.y * 0.65), foot + Vector2(size.x * 0.84, 0), foot + Vector2(-size.x * 0.84, 0), foot + Vector2(-size.x, -size.y * 0.65),
	])
	Shapes.fill_vertical(self, Shapes.smooth(outline), DARK.lightened(0.1), DARK.darkened(0.3))
	Shapes.ellipse(self, foot + Vector2(0, -size.y * 1.36), Vector2(size.x * 0.8, size.y * 0.15), DARK.lightened(0.17))
	for hoop: float in [-1.08, -0.5]:
		var half := size.x * (0.93 if hoop < -1.0 else 1.0)
		draw_polyline(
			Shapes.arc(foot + Vector2(-half, hoop * size.y), foot + Vector2(0, hoop * size.y + 20), foot + Vector2(half, hoop * size.y)),
			Color("4a3530"), 8.0, true
		)


func _draw_chair(foot: Vector2) -> void:
	for post: float in [-52.0, 52.0]:
		Shapes.line(self, PackedVector2Array([foot + Vector2(post, 40), foot + Vector2(post * 0.94, -150)]), DARK.lightened(0.06), 17.0)
	for bar: float in [-138.0, -98.0]:
		Shapes.line(self, Shapes.arc(foot + Vector2(-50, bar), foot + Vector2(0, bar - 14), foot + Vector2(50, bar)), DARK.lightened(0.09), 19.0)
	Shapes.box(self, Rect2(foot + Vector2(-74, -48), Vector2(148, 26)), DARK.lightened(0.05), 9)
