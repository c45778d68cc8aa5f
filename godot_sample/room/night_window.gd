extends Node2D
## A window with the night and falling snow behind it. The origin is the middle of its sill.

const SIZE := Vector2(176.0, 176.0)
const FLAKES := 34
const STARS := 26
const FRAME := Color("54362a")

## Snow does not fall while this is set.
var still := false

var _fallen_s := 0.0


func _process(delta: float) -> void:
	if not still:
		_fallen_s += delta
		queue_redraw()


func _draw() -> void:
	var pane := Rect2(-SIZE.x / 2.0, -SIZE.y, SIZE.x, SIZE.y)
	Shapes.box(self, pane.grow(12.0), FRAME.darkened(0.15), 10)
	_draw_night(pane)
	_draw_snow(pane)
	for bar: float in [0.333, 0.667]:
		draw_rect(Rect2(pane.position.x + SIZE.x * bar - 3.0, pane.position.y, 6.0, SIZE.y), FRAME)
	draw_rect(Rect2(pane.position.x, pane.position.y + SIZE.y * 0.46, SIZE.x, 6.0), FRAME)
	_draw_curtains(pane)
	Shapes.box(self, Rect2(pane.position.x - 22.0, -2.0, SIZE.x + 44.0, 15.0), FRAME.lightened(0.12), 4)


func _draw_night(pane: Rect2) -> void:
	var corners := PackedVector2Array([
		pane.position, pane.position + Vector2(SIZE.x, 0), pane.end, pane.position + Vector2(0, SIZE.y),
	])
	draw_polygon(corners, PackedColorArray([Color("1a2350"), Color("1a2350"), Color("5a6ba8"), Color("5a6ba8")]))
	var rng := RandomNumberGenerator.new()
	rng.seed = 3
	for star: int in STARS:
		var at := pane.position + Vector2(rng.randf_range(6, SIZE.x - 6), rng.randf_range(6, SIZE.y * 0.6))
		draw_circle(at, rng.randf_range(0.7, 1.6), Color(0.95, 0.97, 1.0, rng.randf_range(0.5, 1.0)), true, -1.0, true)
	var moon := pane.position + Vector2(SIZE.x * 0.72, SIZE.y * 0.24)
	draw_circle(moon, 30.0, Color(0.9, 0.94, 1.0, 0.13), true, -1.0, true)
	draw_circle(moon, 17.0, Color("f6f1dc"), true, -1.0, true)
	draw_circle(moon + Vector2(-5, 3), 3.5, Color("dcd6c0"), true, -1.0, true)
	var hills := PackedVector2Array()
	for step: int in 23:
		var across := step / 22.0
		hills.append(pane.position + Vector2(SIZE.x * across, SIZE.y * (0.74 - 0.09 * sin(across * 5.2 + 0.6) - 0.03 * sin(across * 17.0))))
	draw_colored_polygon(hills + PackedVector2Array([pane.end, pane.position + Vector2(0, SIZE.y)]), Color("c3cde8"))
	for tree: int in 6:
		var foot := pane.position + Vector2(12.0 + tree * 29.0, SIZE.y * (0.86 + 0.06 * sin(tree * 2.3)))
		var height := 26.0 + 10.0 * sin(tree * 1.7)
		draw_colored_polygon(PackedVector2Array([foot + Vector2(-9, 0), foot + Vector2(0, -height), foot + Vector2(9, 0)]), Color("34477a"))


func _draw_snow(pane: Rect2) -> void:
	for flake: int in FLAKES:
		var speed := 13.0 + (flake * 7) % 17
		var x := fposmod(flake * 53.7 + sin(_fallen_s * 0.7 + flake) * 7.0, SIZE.x - 6.0) + 3.0
		var y := fposmod(flake * 31.3 + _fallen_s * speed, SIZE.y - 4.0) + 2.0
		draw_circle(pane.position + Vector2(x, y), 1.1 + (flake % 3) * 0.5, Color(1, 1, 1, 0.85), true, -1.0, true)


func _draw_curtains(pane: Rect2) -> void:
	for side: float in [-1.0, 1.0]:
		var edge := side * (SIZE.x / 2.0 + 16.0)
		var cloth := PackedVector2Array([
			Vector2(edge, pane.position.y - 14), Vector2(side * 46, pane.position.y - 14), Vector2(side * 58, pane.position.y + 46),
			Vector2(side * 78, pane.position.y + 96), Vector2(side * 84, 4), Vector2(edge + side * 8.0, 6),
		])
		Shapes.fill_vertical(self, Shapes.smooth(cloth), Color("9c4440"), Color("6f2b33"))
		for fold: int in 3:
			var top := Vector2(side * (62.0 + fold * 16.0), pane.position.y - 10)
			draw_polyline(Shapes.arc(top, top + Vector2(side * 4.0, 70), Vector2(side * (84.0 + fold * 7.0), 0)), Color(0.3, 0.08, 0.1, 0.5), 2.0, true)
	Shapes.line(self, PackedVector2Array([Vector2(-SIZE.x / 2.0 - 34, pane.position.y - 16), Vector2(SIZE.x / 2.0 + 34, pane.position.y - 16)]), Color("c79a4a"), 6.0)
