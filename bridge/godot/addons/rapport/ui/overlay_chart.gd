extends RefCounted
## Draws a state in rows, from top to bottom: heads, bars, words. For [RapportOverlay] and the dock.

const MARGIN := 16.0
const ROW := 19.0
const NAME_WIDTH := 96.0
const NARROW_NAME_WIDTH := 84.0
const NUMBER_WIDTH := 40.0
const INDENT := 18.0
const BAR_HEIGHT := 9.0
const SMALL := 13
## Where less is there, as in the dock, less is shown.
const WIDE := 340.0
const LARGE := 20
## Of the moments that are followed, the newest.
const MOMENTS_SHOWN := 4

const BACK := Color(0.075, 0.09, 0.12, 0.92)
const LINE := Color("3a4557")
const TROUGH := Color("273040")
const TEXT := Color("e8ecf2")
const MUTED := Color("a3afc0")
const ACCENT := Color("8cd0c3")
const SECOND := Color("8fb3e8")
const WARN := Color("e8b86d")

var _canvas: Control
var _font: Font
var _width := 0.0
var _y := MARGIN


func _init(canvas: Control) -> void:
	_canvas = canvas
	_font = canvas.get_theme_default_font()


## How high the rows are that were drawn, with their margins.
func total_height() -> float:
	return _y + MARGIN


## The background.
func begin(size: Vector2) -> void:
	_width = size.x - 2.0 * MARGIN
	var box := StyleBoxFlat.new()
	box.bg_color = BACK
	box.border_color = LINE
	box.set_border_width_all(1)
	box.set_corner_radius_all(10)
	_canvas.draw_style_box(box, Rect2(Vector2.ZERO, size))


## All of a state.
func state(of: RapportState) -> void:
	var age := "stale" if of.is_stale() else "%d ms old" % int(of.age_ms())
	if of.published_wall > 0.0:
		title("%s %.2f" % [of.label, of.confidence], age, true)
		var burst := "" if of.burst.is_empty() else " · %s %.2f" % [of.burst, of.burst_confidence]
		note("%s · baseline %s%s" % ["played, not sensed" if of.replay else "live", of.baseline, burst])
	head("Emotions")
	for label: String in RapportState.LABELS:
		bar(label, of.probability(label), ACCENT if label == of.label else SECOND)
	head("Valence, arousal, dominance")
	for dimension: String in ["valence", "arousal", "dominance", "trend"]:
		signed_bar(dimension, of.get(dimension) as float)
	signed_bar("over seconds", of.mood.valence)
	signed_bar("over minutes", of.mood.long_valence)
	bar("volatility", of.mood.volatility, SECOND)
	head("Granular states")
	var columns := 2 if _width >= WIDE else 1
	for index: int in RapportState.GRANULAR.size():
		var granular := RapportState.GRANULAR[index]
		# The paler, the less sure.
		var colour := Color(ACCENT, 0.25 + 0.75 * of.granular_confidence(granular))
		bar(granular, of.granular_value(granular), colour, index % columns, columns)
	head("Modalities: weight, condition%s" % (", quality, age" if _width >= WIDE else ""))
	for each: String in of.modalities:
		modality(of.modality(each))
	bar("incongruence", of.incongruence, WARN)
	dialogue(of)


## What is known of the dialogue: contradictions, moments, where it stands. Nothing: nothing was said or marked.
func dialogue(of: RapportState) -> void:
	var doubt := of.contradiction
	if doubt.is_known():
		entry("! %s: %s → %s" % [doubt.kind.replace("_", " "), doubt.before, doubt.after], "%.2f" % doubt.strength, WARN)
	if of.conversation.utterances > 0 or not of.moment_names().is_empty():
		head("Dialogue")
	if of.conversation.utterances > 0:
		note(_stands(of.conversation))
	if not of.conversation.expected.is_empty():
		note(_read(of.conversation))
	for moment: RapportMoment in _newest_moments(of):
		var far := " %.2f" % moment.strength if moment.is_known() else ""
		entry("%s: %s%s" % [moment.name, moment.course, far], "%d s ago" % int(moment.since_s), TEXT if moment.is_known() else MUTED)


# Such as "7 lines, the newest by npc: mira.hello, silent 2.4 s".
static func _stands(conversation: RapportConversation) -> String:
	var parts := PackedStringArray(["1 line" if conversation.utterances == 1 else "%d lines" % conversation.utterances])
	parts.append("the newest by %s%s" % [conversation.role, ": " + conversation.line if conversation.line else ""])
	if not is_nan(conversation.pause_s):
		parts.append("silent %.1f s" % conversation.pause_s)
	return ", ".join(parts)


# Such as "expected anger, read happiness".
static func _read(conversation: RapportConversation) -> String:
	var parts := PackedStringArray()
	for what: Array in [["expected", conversation.expected], ["read", conversation.reading]]:
		var shares := Array(what[1] as PackedFloat64Array)
		if not shares.is_empty():
			parts.append("%s %s" % [what[0], RapportState.LABELS[shares.find(shares.max())]])
	return ", ".join(parts)


static func _newest_moments(of: RapportState) -> Array[RapportMoment]:
	var found: Array[RapportMoment] = []
	for name: String in of.moment_names():
		found.append(of.moment(name))
	found.sort_custom(func(a: RapportMoment, b: RapportMoment) -> bool: return a.since_s < b.since_s)
	return found.slice(0, MOMENTS_SHOWN)


## A head of a section.
func head(words: String) -> void:
	_y += 7.0
	_word(words.to_upper(), 0.0, MUTED, SMALL - 2)
	_y += ROW - 2.0


## A large line behind a full or an empty circle, with something muted at its right end.
func title(words: String, right: String, full: bool) -> void:
	var centre := Vector2(MARGIN + 8.0, _y + 13.0)
	if full:
		_canvas.draw_circle(centre, 6.0, ACCENT)
	else:
		_canvas.draw_arc(centre, 5.0, 0.0, TAU, 24, MUTED, 2.0, true)
	_word(words, 24.0, TEXT, LARGE, 26.0)
	_right(right, _width, MUTED, SMALL, 26.0)
	_y += 28.0


## A muted line.
func note(words: String, indent: float = 0.0) -> void:
	_word(_fitted(words, _width - indent), indent, MUTED)
	_y += ROW


## A line with something at its right end.
func entry(words: String, right: String, colour: Color) -> void:
	_word(_fitted(words, _width - 2.0 * NUMBER_WIDTH), 0.0, colour)
	_right(right, _width, colour)
	_y += ROW


## A reaction: a triangle while it goes on, a square when it has ended.
func reaction(words: String, right: String, goes_on: bool) -> void:
	var colour := ACCENT if goes_on else MUTED
	var corner := Vector2(MARGIN + 1.0, _y + ROW / 2.0 - 5.0)
	if goes_on:
		_canvas.draw_colored_polygon(
			PackedVector2Array([corner, corner + Vector2(9.0, 5.0), corner + Vector2(0.0, 10.0)]), colour
		)
	else:
		_canvas.draw_rect(Rect2(corner + Vector2(0.0, 1.0), Vector2(8.0, 8.0)), colour)
	_word(words, INDENT, TEXT if goes_on else MUTED)
	_right(right, _width, colour)
	_y += ROW


## A name and a bar of 0 ... 1; NAN: not known. [param column] of [param columns] side by side.
func bar(name: String, value: float, colour: Color, column: int = 0, columns: int = 1) -> void:
	var width := (_width - (columns - 1) * MARGIN) / columns
	var x := column * (width + MARGIN)
	var left := NAME_WIDTH if columns == 1 else NARROW_NAME_WIDTH
	_word(name, x, TEXT)
	_trough(x + left, width - left - NUMBER_WIDTH, 0.0, 0.0 if is_nan(value) else clampf(value, 0.0, 1.0), colour)
	_right("–" if is_nan(value) else "%.2f" % value, x + width, MUTED)
	if column == columns - 1:
		_y += ROW


## A name and a bar from the middle, -1 ... +1; NAN: not known.
func signed_bar(name: String, value: float) -> void:
	_word(name, 0.0, TEXT)
	var width := _width - NAME_WIDTH - NUMBER_WIDTH
	var end := 0.5 if is_nan(value) else 0.5 + clampf(value, -1.0, 1.0) / 2.0
	_trough(NAME_WIDTH, width, 0.5, end, SECOND)
	_line(MARGIN + NAME_WIDTH + width / 2.0)
	_right("–" if is_nan(value) else "%+.2f" % value, _width, MUTED)
	_y += ROW


## One modality: name, bar of its weight, condition, quality and age.
func modality(part: RapportModality) -> void:
	var good := part.condition == "ok"
	_word(part.name, 0.0, TEXT)
	var narrow := 40.0 if _width < WIDE else 0.0
	_trough(66.0, 70.0 - narrow, 0.0, part.weight, ACCENT)
	_right("%.2f" % part.weight, 172.0 - narrow, MUTED)
	# An exclamation mark, so that it does not hang on the colour.
	_word(part.condition if good else "! " + part.condition, 184.0 - narrow, MUTED if good else WARN)
	if _width >= WIDE:
		_right("q %.2f" % part.quality, _width - 62.0, MUTED)
		_right("–" if is_nan(part.age_ms) else "%d ms" % int(part.age_ms), _width, MUTED)
	_y += ROW


func _trough(x: float, width: float, from: float, to: float, colour: Color) -> void:
	var top := _y + (ROW - BAR_HEIGHT) / 2.0
	_canvas.draw_rect(Rect2(MARGIN + x, top, width, BAR_HEIGHT), TROUGH)
	var left := minf(from, to) * width
	_canvas.draw_rect(Rect2(MARGIN + x + left, top, absf(to - from) * width, BAR_HEIGHT), colour)


func _line(x: float) -> void:
	_canvas.draw_line(Vector2(x, _y + 3.0), Vector2(x, _y + ROW - 3.0), LINE, 1.0)


func _word(words: String, x: float, colour: Color, height: int = SMALL, row: float = ROW) -> void:
	_canvas.draw_string(_font, Vector2(MARGIN + x, _baseline(height, row)), words, HORIZONTAL_ALIGNMENT_LEFT, -1, height, colour)


func _right(words: String, x: float, colour: Color, height: int = SMALL, row: float = ROW) -> void:
	var width := _font.get_string_size(words, HORIZONTAL_ALIGNMENT_LEFT, -1, height).x
	_word(words, x - width, colour, height, row)


func _fitted(words: String, width: float) -> String:
	var fitted := words
	while fitted.length() > 1 and _font.get_string_size(fitted, HORIZONTAL_ALIGNMENT_LEFT, -1, SMALL).x > width:
		fitted = fitted.left(-2) + "…"
	return fitted


func _baseline(height: int, row: float) -> float:
	return _y + (row + _font.get_ascent(height) - _font.get_descent(height)) / 2.0
