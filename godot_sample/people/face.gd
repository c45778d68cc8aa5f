class_name Face
extends Node2D
## A face whose expression is a handful of numbers, so that the bindings of a [RapportReactor] can move it.
##
## The origin is the middle of the head. Each person's face extends this with hair and what else is theirs.

const EYE := Vector2(9.0, 11.5)
const EYE_APART := 18.0
const EYE_HEIGHT := -2.0
const BROW_HEIGHT := -21.0
const MOUTH_HEIGHT := 22.0
const INK := Color("33211f")
## A blink takes so long, and comes this often, in seconds.
const BLINK_S := 0.16
const BLINK_EVERY_S := Vector2(2.2, 5.5)

@export_group("Expression")
## Corners of the mouth: −1 down … 1 up.
@export_range(-1.0, 1.0, 0.01) var smile := 0.15
## How far the mouth is open, 0 … 1.
@export_range(0.0, 1.0, 0.01) var mouth_open := 0.0
## Brows: −1 low … 1 high.
@export_range(-1.0, 1.0, 0.01) var brow_raise := 0.0
## Brows: −1 angry (inner ends down) … 1 worried (inner ends up).
@export_range(-1.0, 1.0, 0.01) var brow_tilt := 0.0
## How much higher the left brow is than the right one: doubt, −1 … 1.
@export_range(-1.0, 1.0, 0.01) var brow_skew := 0.0
## Upper lids: 0 closed, 1 as usual, 1.3 wide.
@export_range(0.0, 1.3, 0.01) var eye_open := 1.0
## Lower lids: 0 as usual … 1 laughing eyes.
@export_range(0.0, 1.0, 0.01) var squint := 0.0
## Colour in the cheeks, 0 … 1.
@export_range(0.0, 1.0, 0.01) var blush := 0.25
## Which way the head is turned: −1 left … 1 right.
@export_range(-1.0, 1.0, 0.01) var turn := 0.0
## Where the eyes look, each axis −1 … 1.
@export var gaze := Vector2.ZERO
@export_group("Looks")
@export var skin := Color("f0c8a4")
@export var hair := Color("8a4428")
@export var iris := Color("4d7a4b")
@export var radii := Vector2(41.0, 44.0)

## Whether the mouth moves as in speech.
var talking := false
## Another face that this one mirrors: a portrait.
var original: Face

var _blink_in := 1.5
var _spoken_s := 0.0


func _process(delta: float) -> void:
	if original != null:
		_mirror()
	_blink_in -= delta
	if _blink_in < -BLINK_S:
		_blink_in = randf_range(BLINK_EVERY_S.x, BLINK_EVERY_S.y)
	_spoken_s = _spoken_s + delta if talking else 0.0
	queue_redraw()


func _draw() -> void:
	_draw_behind()
	_draw_head()
	for side: float in [-1.0, 1.0]:
		_draw_cheek(side)
		_draw_eye(side)
	_draw_nose()
	_draw_mouth()
	_draw_in_front()
	for side: float in [-1.0, 1.0]:
		_draw_brow(side)


## Hair and what else is behind the head.
func _draw_behind() -> void:
	pass


## Hair, hat, beard.
func _draw_in_front() -> void:
	pass


func _mirror() -> void:
	for property: StringName in [
		&"smile", &"mouth_open", &"brow_raise", &"brow_tilt", &"brow_skew", &"eye_open", &"squint", &"blush",
	]:
		set(property, original.get(property))
	talking = original.talking


# How far features are moved by the turn of the head.
func _shift() -> float:
	return turn * radii.x * 0.2


func _draw_head() -> void:
	var jaw := PackedVector2Array([
		Vector2(0, -radii.y), Vector2(radii.x * 0.78, -radii.y * 0.66), Vector2(radii.x, -radii.y * 0.05),
		Vector2(radii.x * 0.86, radii.y * 0.55), Vector2(radii.x * 0.38, radii.y * 0.95),
		Vector2(-radii.x * 0.38, radii.y * 0.95), Vector2(-radii.x * 0.86, radii.y * 0.55),
		Vector2(-radii.x, -radii.y * 0.05), Vector2(-radii.x * 0.78, -radii.y * 0.66),
	])
	for side: float in [-1.0, 1.0]:
		var ear := Vector2(side * radii.x * 0.97 - _shift() * 0.5, 4.0)
		Shapes.ellipse(self, ear, Vector2(7.5, 10.5), skin.darkened(0.1))
	Shapes.fill_vertical(self, Shapes.smooth(jaw), skin.lightened(0.08), skin.darkened(0.08))


func _draw_cheek(side: float) -> void:
	var at := Vector2(side * 25.0 + _shift(), 14.0)
	Shapes.ellipse(self, at, Vector2(9.0, 6.0), skin.lerp(Color("e2604e"), 0.15 + 0.5 * blush))


func _lids() -> float:
	var blink := clampf(absf(_blink_in + BLINK_S / 2.0) / (BLINK_S / 2.0), 0.0, 1.0) if _blink_in < 0.0 else 1.0
	return eye_open * blink


func _draw_eye(side: float) -> void:
	var centre := Vector2(side * EYE_APART + _shift(), EYE_HEIGHT)
	# The eye on the far side of a turned head is seen narrower.
	var width := EYE.x * (1.0 - 0.22 * maxf(0.0, side * turn))
	var open := _lids()
	var upper := PackedVector2Array()
	var lower := PackedVector2Array()
	for step: int in 13:
		var across := -1.0 + step / 6.0
		var round_off := sqrt(maxf(0.0, 1.0 - across * across))
		var low := EYE.y * round_off * (1.0 - 1.35 * squint)
		var high := minf(-EYE.y * round_off * (1.9 * open - 0.9), low)
		upper.append(centre + Vector2(across * width, high))
		lower.append(centre + Vector2(across * width, low))
	if open > 0.12 and absf(upper[6].y - lower[6].y) > 3.0:
		var white := upper.duplicate()
		for step: int in range(11, 0, -1):
			white.append(lower[step])
		Shapes.fill(self, white, Color("fdf6ec"))
		_draw_iris(centre, white)
	Shapes.line(self, upper, INK, 3.0)


func _draw_iris(centre: Vector2, white: PackedVector2Array) -> void:
	var at := centre + gaze * Vector2(3.2, 3.0) + Vector2(turn * 1.6, 1.0)
	for ring: Array in [[7.4, iris], [4.6, INK]]:
		var disc := Shapes.ellipse_points(at, Vector2.ONE * (ring[0] as float))
		for seen: PackedVector2Array in Geometry2D.intersect_polygons(disc, white):
			Shapes.fill(self, seen, ring[1] as Color)
	var shine := at + Vector2(2.2, -2.8)
	if Geometry2D.is_point_in_polygon(shine, white):
		draw_circle(shine, 2.0, Color.WHITE, true, -1.0, true)


func _draw_brow(side: float) -> void:
	var lift := brow_raise * 7.0 + side * -brow_skew * 5.0
	var inner := Vector2(side * 8.5 + _shift(), BROW_HEIGHT - lift - brow_tilt * 6.5)
	var outer := Vector2(side * 28.0 + _shift(), BROW_HEIGHT - lift * 0.7 + brow_tilt * 4.5)
	var middle := inner.lerp(outer, 0.5) + Vector2(0.0, -4.5)
	Shapes.line(self, Shapes.arc(inner, middle, outer), hair.darkened(0.3), 4.6)


func _draw_nose() -> void:
	var at := Vector2(_shift() * 1.35, 8.0)
	Shapes.ellipse(self, at, Vector2(4.6, 3.6), skin.darkened(0.16))


func _draw_mouth() -> void:
	var centre := Vector2(_shift() * 1.1, MOUTH_HEIGHT)
	var open := mouth_open
	if talking:
		open = clampf(open * 0.5 + 0.32 + 0.32 * sin(_spoken_s * 21.0) * sin(_spoken_s * 8.3), 0.05, 1.0)
	var half := 13.0 + 4.0 * maxf(smile, 0.0) - 4.0 * open
	var left := centre + Vector2(-half, -smile * 6.0)
	var right := centre + Vector2(half, -smile * 6.0)
	var bend := Vector2(0.0, smile * 8.0)
	var lip := Shapes.arc(left, centre + bend * 0.9 - Vector2(0.0, open * 4.0), right)
	if open > 0.06:
		var chin := Shapes.arc(right, centre + bend + Vector2(0.0, 4.0 + open * 24.0), left)
		var hole := lip + chin.slice(1, -1)
		Shapes.fill(self, hole, Color("6a2424"))
		var tongue := Shapes.ellipse_points(centre + bend * 0.5 + Vector2(0.0, 5.0 + open * 11.0), Vector2(half * 0.6, 5.5))
		for seen: PackedVector2Array in Geometry2D.intersect_polygons(tongue, hole):
			Shapes.fill(self, seen, Color("cf6a62"))
		Shapes.line(self, chin, INK, 2.2)
	Shapes.line(self, lip, INK, 3.0)
