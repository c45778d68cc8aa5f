class_name Shapes
extends RefCounted
## Smooth shapes for [method CanvasItem._draw]. Godot's compatibility renderer does not smooth the edges
## of polygons, so each gets a thin smooth outline in its own colour.

const EDGE := 1.3
## Points between two given ones on a smooth line.
const STEPS := 6
## A shape smaller than this cannot be filled, and is not seen either.
const LEAST := 0.4


## A filled polygon.
static func fill(canvas: CanvasItem, points: PackedVector2Array, colour: Color) -> void:
	_fill(canvas, points, PackedColorArray([colour]))
	var outline := points.duplicate()
	outline.append(points[0])
	canvas.draw_polyline(outline, colour, EDGE, true)


## A filled polygon whose colour runs from top to bottom.
static func fill_vertical(canvas: CanvasItem, points: PackedVector2Array, top: Color, bottom: Color) -> void:
	var area := bounds(points)
	var colours := PackedColorArray()
	for point: Vector2 in points:
		colours.append(top.lerp(bottom, (point.y - area.position.y) / maxf(area.size.y, LEAST)))
	_fill(canvas, points, colours)
	var outline := points.duplicate()
	outline.append(points[0])
	colours.append(colours[0])
	canvas.draw_polyline_colors(outline, colours, EDGE, true)


## A filled rectangle with round corners.
static func box(canvas: CanvasItem, rect: Rect2, colour: Color, radius: int = 6) -> void:
	var style := StyleBoxFlat.new()
	style.bg_color = colour
	style.set_corner_radius_all(radius)
	canvas.draw_style_box(style, rect)


## A filled ellipse.
static func ellipse(canvas: CanvasItem, centre: Vector2, radii: Vector2, colour: Color, angle: float = 0.0) -> void:
	if minf(radii.x, radii.y) > LEAST:
		fill(canvas, ellipse_points(centre, radii, angle), colour)


static func ellipse_points(centre: Vector2, radii: Vector2, angle: float = 0.0) -> PackedVector2Array:
	var points := PackedVector2Array()
	var count := clampi(int(maxf(radii.x, radii.y)), 16, 40)
	for step: int in count:
		points.append(centre + (Vector2.from_angle(TAU * step / count) * radii).rotated(angle))
	return points


## A thick line with round ends.
static func line(canvas: CanvasItem, points: PackedVector2Array, colour: Color, width: float) -> void:
	canvas.draw_polyline(points, colour, width, true)
	for end: Vector2 in [points[0], points[-1]]:
		canvas.draw_circle(end, width / 2.0 - 0.3, colour, true, -1.0, true)


## A smooth line through some points (a Catmull-Rom spline), closed into an outline or open.
static func smooth(through: PackedVector2Array, closed: bool = true) -> PackedVector2Array:
	var count := through.size()
	var points := PackedVector2Array()
	for index: int in (count if closed else count - 1):
		var here := through[index]
		var next := through[(index + 1) % count]
		var before := through[posmod(index - 1, count) if closed else maxi(index - 1, 0)]
		var after := through[(index + 2) % count if closed else mini(index + 2, count - 1)]
		for step: int in STEPS:
			points.append(here.cubic_interpolate(next, before, after, step / float(STEPS)))
	if not closed:
		points.append(through[-1])
	return points


## A quadratic Bézier curve.
static func arc(from: Vector2, control: Vector2, to: Vector2, steps: int = 12) -> PackedVector2Array:
	var points := PackedVector2Array()
	for step: int in steps + 1:
		var share := step / float(steps)
		points.append(from.lerp(control, share).lerp(control.lerp(to, share), share))
	return points


## The smallest rectangle around some points.
static func bounds(points: PackedVector2Array) -> Rect2:
	var found := Rect2(points[0], Vector2.ZERO)
	for point: Vector2 in points:
		found = found.expand(point)
	return found


# A shape that is moved by an expression may fold into a line for a frame. Then there is nothing to fill,
# and that is no error, as it is for draw_colored_polygon.
static func _fill(canvas: CanvasItem, points: PackedVector2Array, colours: PackedColorArray) -> void:
	var corners := Geometry2D.triangulate_polygon(points)
	if not corners.is_empty():
		RenderingServer.canvas_item_add_triangle_array(canvas.get_canvas_item(), corners, points, colours)
