@icon("../icon.svg")
class_name RapportIndicator
extends BaseButton
## Shows exactly what is being captured, as shapes and as words; a press stops it for now, another goes on.
##
## It follows the devices that are really open ([code]capturing[/code] of the sidecar's status), not the
## wish. Keep it on the screen for as long as anything is captured, in menus and photo modes too.

## What is captured has changed: [code]face[/code] is the camera, [code]voice[/code] the microphone.
signal capturing_changed(capturing: PackedStringArray)

enum WhenOff {
	HIDE, ## Is not seen while nothing is captured.
	SHOW, ## Says that it is off.
}

const Words := preload("words.gd")
const Client := preload("../rapport.gd")

const ICON := 18.0
const GAP := 8.0
## What a modality is captured with.
const DEVICES: Dictionary = { "face": "RAPPORT_CAMERA", "voice": "RAPPORT_MICROPHONE" }

## What it does while nothing is captured.
@export var when_off: WhenOff = WhenOff.HIDE
## The colour of shapes while something is captured. Shapes and words say it without the colour, too.
@export var active_colour := Color("8cd0c3")

## What is captured just now, as the sidecar says it.
var capturing := PackedStringArray()
## Whether the player has stopped all capture for now.
var paused := false

# What is drawn: pairs of an icon's name and a word.
var _parts: Array[PackedStringArray] = []


func _init() -> void:
	Words.add()


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	pressed.connect(_on_pressed)
	for changed: Signal in [mouse_entered, mouse_exited, focus_entered, focus_exited]:
		changed.connect(queue_redraw)
	_show()


func _process(_delta: float) -> void:
	var rapport := _rapport()
	var now := PackedStringArray()
	var paused_now := false
	# The status comes a moment after the connection.
	if rapport != null and rapport.is_connected and not rapport.status.is_empty():
		now = rapport.status.capturing
		paused_now = rapport.status.paused
	if now != capturing or paused_now != paused:
		var before := capturing
		capturing = now
		paused = paused_now
		_show()
		if before != now:
			capturing_changed.emit(capturing)


func _notification(what: int) -> void:
	if what in [NOTIFICATION_TRANSLATION_CHANGED, NOTIFICATION_THEME_CHANGED] and is_node_ready():
		_show()


func _show() -> void:
	_parts.clear()
	for modality: String in capturing:
		_parts.append(PackedStringArray([modality, tr(DEVICES.get(modality, modality) as String)]))
	if _parts.is_empty():
		_parts.append(
			PackedStringArray(["paused", tr("RAPPORT_PAUSED")] if paused else ["off", tr("RAPPORT_OFF")])
		)
	visible = not capturing.is_empty() or paused or when_off == WhenOff.SHOW
	disabled = capturing.is_empty() and not paused
	focus_mode = Control.FOCUS_NONE if disabled else Control.FOCUS_ALL
	var words := ", ".join(_parts.map(func(part: PackedStringArray) -> String: return part[1]))
	tooltip_text = "" if disabled else tr("RAPPORT_PRESS_TO_RESUME" if paused else "RAPPORT_PRESS_TO_PAUSE")
	Words.describe(self, words, tooltip_text)
	update_minimum_size()
	queue_redraw()


func _on_pressed() -> void:
	var rapport := _rapport()
	if rapport == null or not rapport.is_connected:
		return
	if paused:
		rapport.resume()
	else:
		rapport.pause()


func _get_minimum_size() -> Vector2:
	var width := 0.0
	for part: PackedStringArray in _parts:
		width += ICON + GAP + _text_size(part[1]).x + 2.0 * GAP
	var margins := _box().get_minimum_size()
	return Vector2(width - 2.0 * GAP, maxf(ICON, _text_size("Ag").y)) + margins


func _draw() -> void:
	var box := _box()
	draw_style_box(box, Rect2(Vector2.ZERO, size))
	if has_focus():
		draw_style_box(get_theme_stylebox("focus", "RapportPill"), Rect2(Vector2.ZERO, size))
	var at := Vector2(box.get_margin(SIDE_LEFT), size.y / 2.0)
	for part: PackedStringArray in _parts:
		_draw_icon(part[0], at + Vector2(ICON / 2.0, 0.0))
		at.x += ICON + GAP
		var font := get_theme_font("font", "RapportPill")
		var height := get_theme_font_size("font_size", "RapportPill")
		var baseline := at.y + (font.get_ascent(height) - font.get_descent(height)) / 2.0
		draw_string(font, Vector2(at.x, baseline), part[1], HORIZONTAL_ALIGNMENT_LEFT, -1, height, get_theme_color("font_color", "Button"))
		at.x += _text_size(part[1]).x + 2.0 * GAP


func _draw_icon(icon: String, centre: Vector2) -> void:
	var half := ICON / 2.0
	var muted := get_theme_color("font_color", "RapportMuted")
	match icon:
		"face":
			draw_style_box(_filled(active_colour, 3), Rect2(centre - Vector2(half, 5.5), Vector2(12.0, 11.0)))
			draw_colored_polygon(
				PackedVector2Array([centre + Vector2(3.5, 0.0), centre + Vector2(half, -4.5), centre + Vector2(half, 4.5)]),
				active_colour
			)
		"voice":
			draw_style_box(_filled(active_colour, 4), Rect2(centre - Vector2(3.0, half), Vector2(6.0, 11.0)))
			draw_arc(centre + Vector2(0.0, -1.0), 6.0, 0.0, PI, 16, active_colour, 1.8, true)
			draw_line(centre + Vector2(0.0, 5.0), centre + Vector2(0.0, half), active_colour, 1.8, true)
			draw_line(centre + Vector2(-4.0, half), centre + Vector2(4.0, half), active_colour, 1.8, true)
		"paused":
			draw_rect(Rect2(centre - Vector2(5.0, 6.0), Vector2(3.5, 12.0)), muted)
			draw_rect(Rect2(centre + Vector2(1.5, -6.0), Vector2(3.5, 12.0)), muted)
		"off":
			draw_arc(centre, 6.5, 0.0, TAU, 32, muted, 1.8, true)
			draw_line(centre + Vector2(-4.6, 4.6), centre + Vector2(4.6, -4.6), muted, 1.8, true)
		_:
			draw_circle(centre, 5.0, active_colour)


func _filled(colour: Color, radius: int) -> StyleBoxFlat:
	var box := StyleBoxFlat.new()
	box.bg_color = colour
	box.set_corner_radius_all(radius)
	return box


func _box() -> StyleBox:
	return get_theme_stylebox("hover" if is_hovered() and not disabled else "normal", "RapportPill")


func _text_size(text: String) -> Vector2:
	var height := get_theme_font_size("font_size", "RapportPill")
	return get_theme_font("font", "RapportPill").get_string_size(text, HORIZONTAL_ALIGNMENT_LEFT, -1, height)


func _rapport() -> Client:
	return get_node_or_null(^"/root/Rapport") as Client
