class_name SelFigure
extends Figure
## Sel, who would rather be left alone, or so it is said: a blue coat, a red scarf and a lute.

## How far the lute is up to be played, 0 lowered … 1.
@export_range(0.0, 1.0, 0.01) var playing := 0.0

const WOOD := Color("c88a4a")

## When a string was plucked last, by [member _lived_s].
var plucked_s := -10.0


## Moves the hand and the strings.
func pluck() -> void:
	plucked_s = _lived_s


func _draw_behind() -> void:
	Shapes.fill(self, coat(31.0, 33.0, 43.0, -10.0), cloth.darkened(0.3))


func _draw_body() -> void:
	Shapes.fill_vertical(self, coat(28.0, 27.0, 38.0, -13.0), cloth.lightened(0.05), cloth.darkened(0.16))
	for button: int in 3:
		draw_circle(at_body(Vector2(0.0, -88.0 + button * 17.0)), 3.0, Color("d9b65a"), true, -1.0, true)


func _draw_arms() -> void:
	draw_arm(1.0, cloth.darkened(0.14))
	_draw_lute()
	draw_arm(-1.0, cloth.darkened(0.1))


func _draw_in_front() -> void:
	Shapes.ellipse(self, at_body(Vector2(0, -114)), Vector2(24, 10), trim)
	var tail := PackedVector2Array([
		at_body(Vector2(-16, -112)), at_body(Vector2(-8, -108)), at_body(Vector2(-11, -80)), at_body(Vector2(-23, -78)),
	])
	Shapes.fill(self, Shapes.smooth(tail), trim.darkened(0.1))


func _draw_lute() -> void:
	var centre := at_body(Vector2(-6.0, lerpf(-50.0, -74.0, playing)))
	var along := Vector2.from_angle(lerpf(0.35, -0.42, playing) + lean)
	var across := along.orthogonal()
	var shape := PackedVector2Array()
	for point: Vector2 in [
		Vector2(-33, 0), Vector2(-26, 18), Vector2(-6, 25), Vector2(16, 15), Vector2(28, 3),
		Vector2(28, -3), Vector2(16, -15), Vector2(-6, -25), Vector2(-26, -18),
	]:
		shape.append(centre + along * point.x + across * point.y)
	Shapes.line(self, PackedVector2Array([centre + along * 20.0, centre + along * 72.0]), WOOD.darkened(0.45), 8.0)
	Shapes.line(self, PackedVector2Array([centre + along * 72.0, centre + along * 80.0 - across * 9.0]), WOOD.darkened(0.45), 7.0)
	Shapes.fill(self, Shapes.smooth(shape), WOOD)
	draw_circle(centre + along * 6.0, 8.0, WOOD.darkened(0.6), true, -1.0, true)
	Shapes.line(self, PackedVector2Array([centre - along * 20.0 - across * 8.0, centre - along * 20.0 + across * 8.0]), WOOD.darkened(0.5), 3.0)
	var ring := maxf(0.0, 1.0 - (_lived_s - plucked_s) * 2.5)
	for string: int in 4:
		var off := across * (string - 1.5) * 2.4
		var shaken := across * sin(_lived_s * 90.0 + string * 2.0) * ring * 1.6
		var from := centre - along * 20.0 + off
		var to := centre + along * 72.0 + off * 0.6
		draw_polyline(PackedVector2Array([from, from.lerp(to, 0.4) + shaken, to]), Color(1, 0.95, 0.8, 0.8), 1.0, true)


## The playing hand goes to the strings as the lute goes up.
func hand(side: float) -> Vector2:
	var free := super(side)
	var pluck_s := _lived_s - plucked_s
	var stroke := Vector2(0.0, 7.0 * maxf(0.0, 1.0 - pluck_s * 5.0))
	var held := at_body(Vector2(-8.0, -70.0)) + stroke if side < 0.0 else at_body(Vector2(44.0, -92.0))
	return free.lerp(held, playing)
