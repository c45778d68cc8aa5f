extends ScrollContainer
## A text that can be read by keyboard, gamepad and screen reader: it takes the focus, scrolls under the
## arrow keys, and lets the focus go on at its ends.

const Words := preload("words.gd")

const STEP := 60
const BAR_WIDTH := 12.0

@onready var _body: Label = $Body


func _ready() -> void:
	gui_input.connect(_on_input)
	draw.connect(_draw_focus)
	focus_entered.connect(queue_redraw)
	focus_exited.connect(queue_redraw)


## Shows a text from its beginning; [param about] is what a screen reader says before it.
func show_text(text: String, about: String) -> void:
	_body.text = text
	visible = not text.is_empty()
	scroll_vertical = 0
	Words.describe(self, about, text)


## How high it must be to show all of its text at a width. Measured by the font, because a label knows its
## height only after it was laid out.
func height_at(width: float) -> float:
	var margins := get_theme_stylebox("panel").get_minimum_size()
	var font := _body.get_theme_font("font")
	var letters := _body.get_theme_font_size("font_size")
	var room := width - margins.x - BAR_WIDTH
	var height := font.get_multiline_string_size(_body.text, HORIZONTAL_ALIGNMENT_LEFT, room, letters).y
	var lines := ceilf(height / font.get_height(letters))
	return height + lines * _body.get_theme_constant("line_spacing") + margins.y


func _on_input(event: InputEvent) -> void:
	var step := 0
	if event.is_action_pressed("ui_down", true) or event.is_action_pressed("ui_up", true):
		step = STEP if event.is_action("ui_down") else -STEP
	elif event.is_action_pressed("ui_page_down", true) or event.is_action_pressed("ui_page_up", true):
		step = int(size.y) if event.is_action("ui_page_down") else -int(size.y)
	var before := scroll_vertical
	scroll_vertical += step
	if scroll_vertical != before:
		accept_event()


func _draw_focus() -> void:
	if has_focus():
		draw_style_box(get_theme_stylebox("focus", "RapportInner"), Rect2(Vector2.ZERO, size))
