class_name Bubbles
extends Control
## Speech bubbles over the heads of whoever speaks. Several find places beside each other.

const PAPER := Color("f7ecd6")
const INK := Color("33211f")
const TEXT_SIZE := 19
const WIDTH_MAX := 270.0
const WIDTH_MIN := 60.0
const STEP := 8.0
const PADDING := Vector2(16.0, 11.0)
const TAIL := 15.0
const GAP := 10.0
const MARGIN := 14.0
## The highest a bubble may lie; above are the pills of the screen's edge.
const CEILING := 62.0
const APPEAR_S := 0.18
const VANISH_S := 0.35

var preferences: Preferences

# By person: {text, left_s, shown_s, size, at: Rect2}.
var _bubbles: Dictionary = {}


func _ready() -> void:
	mouse_filter = Control.MOUSE_FILTER_IGNORE


## Lets somebody say something; what was there before is gone.
func say(person: Person, text: String, seconds: float) -> void:
	_bubbles[person] = { "text": text, "left_s": seconds, "shown_s": 0.0, "size": _size_of(text), "at": Rect2() }


## Takes somebody's bubble away.
func hush(person: Person) -> void:
	_bubbles.erase(person)


func _process(delta: float) -> void:
	for person: Person in _bubbles.keys():
		_bubbles[person].left_s -= delta
		_bubbles[person].shown_s += delta
		if _bubbles[person].left_s <= 0.0:
			_bubbles.erase(person)
	_place()
	queue_redraw()


# From left to right, each as near to its head as the others let it; then back from the right edge.
func _place() -> void:
	var people := _bubbles.keys()
	people.sort_custom(func(one: Person, other: Person) -> bool: return one.position.x < other.position.x)
	var edge := MARGIN
	for person: Person in people:
		var size_of: Vector2 = _bubbles[person].size
		var head := _head(person)
		var left := maxf(edge, head.x - size_of.x / 2.0)
		_bubbles[person].at = Rect2(Vector2(left, maxf(CEILING, head.y - TAIL - size_of.y)), size_of)
		edge = left + size_of.x + GAP
	edge = size.x - MARGIN
	people.reverse()
	for person: Person in people:
		var at: Rect2 = _bubbles[person].at
		at.position.x = minf(at.position.x, edge - at.size.x)
		_bubbles[person].at = at
		edge = at.position.x - GAP


func _draw() -> void:
	for person: Person in _bubbles:
		_draw_bubble(person, _bubbles[person] as Dictionary)


func _draw_bubble(person: Person, bubble: Dictionary) -> void:
	var at: Rect2 = bubble.at
	var shown: float = bubble.shown_s
	var left: float = bubble.left_s
	var seen := clampf(minf(shown / APPEAR_S, left / VANISH_S), 0.0, 1.0)
	var head := _head(person)
	var tip := Vector2(clampf(head.x, at.position.x - 12.0, at.end.x + 12.0), maxf(head.y, at.end.y + 5.0))
	var root := Vector2(clampf(tip.x, at.position.x + 26.0, at.end.x - 26.0), at.end.y - 2.0)
	draw_colored_polygon(PackedVector2Array([root - Vector2(11, 0), root + Vector2(11, 0), tip]), Color(PAPER, seen))
	draw_polyline(PackedVector2Array([root - Vector2(11, 0), tip, root + Vector2(11, 0)]), Color(PAPER, seen), 1.3, true)
	var box := StyleBoxFlat.new()
	box.bg_color = Color(PAPER, seen)
	box.set_corner_radius_all(13)
	box.border_color = Color(person.colour, seen)
	box.border_width_bottom = 3
	box.shadow_color = Color(0.08, 0.03, 0.05, 0.3 * seen)
	box.shadow_size = 5
	draw_style_box(box, at)
	var font := get_theme_default_font()
	var height := _text_size()
	var baseline := at.position + PADDING + Vector2(0.0, font.get_ascent(height))
	draw_multiline_string(font, baseline, bubble.text as String, HORIZONTAL_ALIGNMENT_CENTER, at.size.x - 2.0 * PADDING.x, height, -1, Color(INK, seen))


func _size_of(text: String) -> Vector2:
	var font := get_theme_default_font()
	var size_of := font.get_multiline_string_size(text, HORIZONTAL_ALIGNMENT_CENTER, WIDTH_MAX, _text_size())
	# As narrow as its lines allow, so that no word stands alone in the last one.
	var width := size_of.x
	while width > WIDTH_MIN:
		var narrower := font.get_multiline_string_size(text, HORIZONTAL_ALIGNMENT_CENTER, width - STEP, _text_size())
		if narrower.y > size_of.y or narrower.x > width - STEP:
			break
		width -= STEP
	return Vector2(width + 2.0, size_of.y) + 2.0 * PADDING


func _text_size() -> int:
	return preferences.text_size(TEXT_SIZE)


func _head(person: Person) -> Vector2:
	return get_viewport().get_canvas_transform() * person.mouthpiece()
