class_name Counter
extends Node2D
## The merchant's counter with the lantern that is for sale, what he throws in, and his slate with the
## price. The origin is the middle of its foot.

const WIDTH := 250.0
const TOP := -104.0
const WOOD := Color("74482f")
const CHALK := Color("efe8d8")
## A coil flies so long and so high.
const THROW_S := 0.8
const HIGH := 60.0

## What the slate says.
var price := 9:
	set(value):
		price = value
		queue_redraw()
## Whether the lantern is still there.
var for_sale := true:
	set(value):
		for_sale = value
		queue_redraw()
## How many coils of rope were thrown in; one more flies there.
var ropes := 0:
	set(value):
		if value > ropes:
			_throw()
		ropes = value
		queue_redraw()

# How far the last coil has flown, 0 … 1.
var _flown := 1.0


func _draw() -> void:
	Shapes.box(self, Rect2(-WIDTH / 2.0, TOP + 12, WIDTH, -TOP - 10), WOOD.darkened(0.12), 4)
	for board: int in 6:
		var left := -WIDTH / 2.0 + 6 + board * 40.0
		Shapes.box(self, Rect2(left, TOP + 26, 36, -TOP - 34), WOOD.darkened(0.02 + 0.06 * (board % 2)), 3)
	Shapes.box(self, Rect2(-WIDTH / 2.0 - 12, TOP - 4, WIDTH + 24, 20), WOOD.lightened(0.16), 6)
	draw_rect(Rect2(-WIDTH / 2.0 - 4, TOP + 16, WIDTH + 8, 6), Color(0, 0, 0, 0.3))
	_draw_slate(Vector2(0.0, TOP + 62.0))
	_draw_scales(Vector2(-92.0, TOP - 4.0))
	if for_sale:
		_draw_lantern(Vector2(86.0, TOP - 4.0))
	for coil: int in ropes:
		var place := Vector2(44.0 - coil * 34.0, TOP - 5.0)
		var way := 1.0 - (_flown if coil == ropes - 1 else 1.0)
		_draw_rope(place + Vector2(-30.0 * way, -HIGH * 4.0 * way * (1.0 - way)))


func _throw() -> void:
	var flight := create_tween()
	flight.tween_method(_fly, 0.0, 1.0, THROW_S).set_trans(Tween.TRANS_QUAD)


func _fly(share: float) -> void:
	_flown = share
	queue_redraw()


func _draw_slate(centre: Vector2) -> void:
	Shapes.box(self, Rect2(centre - Vector2(58, 30), Vector2(116, 60)), Color("8a5a38"), 5)
	Shapes.box(self, Rect2(centre - Vector2(52, 24), Vector2(104, 48)), Color("2b3330"), 3)
	var font := ThemeDB.fallback_font
	if for_sale:
		draw_string(font, centre + Vector2(-48, -6), "storm lantern", HORIZONTAL_ALIGNMENT_CENTER, 96, 14, CHALK)
		draw_string(font, centre + Vector2(-48, 18), str(price), HORIZONTAL_ALIGNMENT_CENTER, 76, 24, Color("ffe08a"))
		draw_circle(centre + Vector2(18, 10), 7.5, Color("e2b64c"), true, -1.0, true)
		draw_circle(centre + Vector2(18, 10), 4.5, Color("c2922f"), true, -1.0, true)
	else:
		draw_string(font, centre + Vector2(-48, 6), "sold!", HORIZONTAL_ALIGNMENT_CENTER, 96, 20, CHALK)


func _draw_scales(foot: Vector2) -> void:
	var brass := Color("caa048")
	Shapes.box(self, Rect2(foot.x - 13, foot.y - 6, 26, 6), brass.darkened(0.2), 2)
	draw_line(foot, foot + Vector2(0, -44), brass, 4.0, true)
	draw_line(foot + Vector2(-26, -39), foot + Vector2(26, -43), brass, 3.0, true)
	for side: float in [-1.0, 1.0]:
		var hook := foot + Vector2(side * 26, -41.0 - side * 2.0)
		draw_polyline(PackedVector2Array([hook + Vector2(-11, 22), hook, hook + Vector2(11, 22)]), brass.darkened(0.2), 1.4, true)
		Shapes.fill(self, Shapes.arc(hook + Vector2(-13, 22), hook + Vector2(0, 36), hook + Vector2(13, 22)), brass)


func _draw_lantern(foot: Vector2) -> void:
	var iron := Color("3a3540")
	Shapes.box(self, Rect2(foot.x - 16, foot.y - 7, 32, 7), iron, 2)
	Shapes.box(self, Rect2(foot.x - 13, foot.y - 40, 26, 34), Color("ffd27a"), 4)
	Shapes.ellipse(self, foot + Vector2(0, -18), Vector2(5, 9), Color("fff6d8"))
	for bar: float in [-12.0, 0.0, 12.0]:
		draw_line(foot + Vector2(bar, -40), foot + Vector2(bar, -6), iron, 2.4, true)
	Shapes.fill(self, PackedVector2Array([foot + Vector2(-17, -39), foot + Vector2(0, -53), foot + Vector2(17, -39)]), iron)
	draw_arc(foot + Vector2(0, -57), 7.0, 0.0, TAU, 24, iron, 2.6, true)


func _draw_rope(foot: Vector2) -> void:
	for turn: int in 3:
		Shapes.ellipse(self, foot + Vector2(0, -3.0 - turn * 5.0), Vector2(15.0 - turn, 5.0), Color("c9a874").darkened(0.08 * (turn % 2)))
	Shapes.ellipse(self, foot + Vector2(0, -15), Vector2(6, 2), Color("7d6240"))
