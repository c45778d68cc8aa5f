extends Node2D
## The shell of the tavern: plaster, timber, floor and rug.

const ROOM := Vector2(1280.0, 860.0)
const FLOOR := 508.0
const PLASTER_TOP := Color("7c5843")
const PLASTER_BOTTOM := Color("a5775a")
const TIMBER := Color("4a2f25")
const PLANK := Color("7d5138")
const PANEL_TOP := 404.0
## Where the floor boards would meet, far behind the wall.
const VANISHING := Vector2(640.0, -420.0)


func _draw() -> void:
	_draw_wall()
	_draw_panelling()
	_draw_floor()
	_draw_rug()
	_draw_beams()


func _draw_wall() -> void:
	var wall := PackedVector2Array([
		Vector2(-60, -20), Vector2(ROOM.x + 60, -20), Vector2(ROOM.x + 60, FLOOR), Vector2(-60, FLOOR),
	])
	Shapes.fill_vertical(self, wall, PLASTER_TOP, PLASTER_BOTTOM)
	var rng := RandomNumberGenerator.new()
	rng.seed = 7
	for patch: int in 42:
		var at := Vector2(rng.randf_range(0, ROOM.x), rng.randf_range(60, PANEL_TOP - 20))
		var colour := PLASTER_BOTTOM.lightened(0.12) if patch % 2 == 0 else PLASTER_TOP.darkened(0.2)
		Shapes.ellipse(self, at, Vector2(rng.randf_range(10, 46), rng.randf_range(3, 9)), Color(colour, 0.16))


func _draw_panelling() -> void:
	draw_rect(Rect2(-60, PANEL_TOP, ROOM.x + 120, FLOOR - PANEL_TOP), Color("5d3b2b"))
	for column: int in 22:
		var left := -20.0 + column * 62.0
		Shapes.box(self, Rect2(left, PANEL_TOP + 16, 54, FLOOR - PANEL_TOP - 28), Color("6c4531"), 3)
		draw_rect(Rect2(left, PANEL_TOP + 16, 54, 3), Color(0, 0, 0, 0.18))
	draw_rect(Rect2(-60, PANEL_TOP - 8, ROOM.x + 120, 12), Color("80543b"))
	draw_rect(Rect2(-60, FLOOR - 10, ROOM.x + 120, 10), Color("452b20"))


func _draw_floor() -> void:
	var boards := PackedVector2Array([
		Vector2(-60, FLOOR), Vector2(ROOM.x + 60, FLOOR), Vector2(ROOM.x + 60, ROOM.y), Vector2(-60, ROOM.y),
	])
	Shapes.fill_vertical(self, boards, PLANK.darkened(0.12), PLANK)
	var rng := RandomNumberGenerator.new()
	rng.seed = 11
	for board: int in range(-4, 24):
		var near := board * 84.0 - 340.0
		var far := VANISHING.lerp(Vector2(near, ROOM.y), (FLOOR - VANISHING.y) / (ROOM.y - VANISHING.y))
		var next_far := VANISHING.lerp(Vector2(near + 84.0, ROOM.y), (FLOOR - VANISHING.y) / (ROOM.y - VANISHING.y))
		var shade := PLANK.darkened(rng.randf_range(0.0, 0.17))
		draw_colored_polygon(PackedVector2Array([far, next_far, Vector2(near + 84.0, ROOM.y), Vector2(near, ROOM.y)]), shade)
		draw_line(far, Vector2(near, ROOM.y), TIMBER, 2.0, true)
		var share := rng.randf_range(0.15, 0.9)
		draw_line(far.lerp(Vector2(near, ROOM.y), share), next_far.lerp(Vector2(near + 84.0, ROOM.y), share), TIMBER, 2.0, true)
	draw_polygon(
		PackedVector2Array([Vector2(-60, FLOOR), Vector2(ROOM.x + 60, FLOOR), Vector2(ROOM.x + 60, FLOOR + 34), Vector2(-60, FLOOR + 34)]),
		PackedColorArray([Color(0, 0, 0, 0.4), Color(0, 0, 0, 0.4), Color(0, 0, 0, 0), Color(0, 0, 0, 0)])
	)


func _draw_rug() -> void:
	var centre := Vector2(600.0, 606.0)
	for ring: Array in [[1.0, "7c2f36"], [0.9, "d0a45c"], [0.85, "8d3a3f"], [0.62, "d0a45c"], [0.58, "5f2a3a"], [0.3, "c98a4b"], [0.24, "7c2f36"]]:
		var points := Shapes.ellipse_points(centre, Vector2(248.0, 46.0) * (ring[0] as float))
		Shapes.fill(self, points, Color(ring[1] as String))
	for fringe: int in 40:
		var angle := TAU * fringe / 40.0
		var from := centre + Vector2.from_angle(angle) * Vector2(236.0, 43.0)
		Shapes.line(self, PackedVector2Array([from, centre + Vector2.from_angle(angle) * Vector2(225.0, 41.0)]), Color("d0a45c"), 2.0)


func _draw_beams() -> void:
	for post: float in [452.0, 796.0, 1092.0]:
		draw_rect(Rect2(post - 13, 40, 26, FLOOR - 40), TIMBER)
		draw_rect(Rect2(post - 13, 40, 4, FLOOR - 40), TIMBER.lightened(0.14))
		for side: float in [-1.0, 1.0]:
			Shapes.line(self, PackedVector2Array([Vector2(post, 118), Vector2(post + side * 62, 52)]), TIMBER.darkened(0.1), 18.0)
	draw_rect(Rect2(-60, -40, ROOM.x + 120, 96), TIMBER.darkened(0.12))
	draw_rect(Rect2(-60, 44, ROOM.x + 120, 10), TIMBER.lightened(0.1))
	draw_rect(Rect2(-60, 54, ROOM.x + 120, 8), Color(0, 0, 0, 0.28))
