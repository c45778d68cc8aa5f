@icon("../icon.svg")
class_name RapportConsentPanel
extends "modal.gd"
## Asks the player whether camera and microphone may be used, and lets the player take it back.
##
## Shows the text that the sidecar hands out, whole and unchanged, in the player's language. Each
## permission has a box of its own that is never ticked beforehand, and yes and no are alike. Works with
## mouse, keyboard, gamepad and screen reader, also while the game is paused.
## [codeblock]
## $RapportConsentPanel.answered.connect(func(granted: PackedStringArray) -> void: print(granted))
## await $RapportConsentPanel.ask_if_needed()
## [/codeblock]
## Put it into a [CanvasLayer] above your own interface.

## The player has answered. [param granted] are the permissions that were allowed just now:
## [code]camera[/code], [code]microphone[/code], [code]recording[/code], [code]text[/code]; empty: none.
signal answered(granted: PackedStringArray)
## The player has taken a permission back.
signal revoked(permission: String)
## The panel is gone, whatever the player did.
signal closed

const ReadingPane := preload("reading_pane.gd")
const PermissionRows := preload("permission_rows.gd")

## Where it is remembered that the player has said no, so that nobody is asked twice.
const MEMORY := "user://rapport.cfg"
## The language where there is no text in the player's.
const FALLBACK := "en"
const WIDTH := 780.0
const MARGIN := 24.0
## The text can be scrolled; less than this would be no window to read it through.
const TEXT_HEIGHT_MIN := 96.0

## Asks for the camera: the face.
@export var ask_camera := true
## Asks for the microphone: the voice.
@export var ask_microphone := true
## Asks whether states may be recorded to a file. Leave it off unless your game does that.
@export var ask_recording := false
## Asks whether words may be sent to a language model on another machine. Leave it off unless your game
## has one there; a model on the player's own machine needs no permission.
@export var ask_text := false
## The language of the text, such as [code]de[/code]; empty: the player's.
@export var language := ""
## Opens by itself when something that is asked for was neither allowed nor refused yet.
@export var ask_at_start := false

@onready var _title: Label = %Title
@onready var _pane: ReadingPane = %Scroll
@onready var _rows: PermissionRows = %Permissions
@onready var _hint: Label = %Hint
@onready var _decline: Button = %Decline
@onready var _agree: Button = %Agree
@onready var _card: PanelContainer = %Card

var _text: Dictionary = {}


func _ready() -> void:
	super()
	_decline.pressed.connect(_on_declined)
	_agree.pressed.connect(_on_agreed)
	_rows.chosen.connect(_show_hint.bind(""))
	_rows.taken_back.connect(_take_back)
	# Wrapped words know their height only once they were laid out.
	for part: Control in [_title, _rows, _hint]:
		part.resized.connect(_fit, CONNECT_DEFERRED)
	var rapport := _rapport()
	if ask_at_start and rapport != null:
		rapport.connection_changed.connect(_on_connection_changed)
		ask_if_needed()


## Shows the panel: to be asked, or to see what is allowed and take it back. Returns when it is shown.
func open() -> void:
	_show_panel()
	_show_words(tr("RAPPORT_LOADING"), "")
	_decline.text = tr("RAPPORT_CLOSE")
	_agree.visible = false
	_focus_all()
	var rapport := _rapport()
	if rapport == null or not rapport.is_connected:
		_show_trouble(tr("RAPPORT_NOT_RUNNING"))
		return
	var text := await _read_text(rapport)
	var allowed: Dictionary = await rapport.ask("consent.status", {})
	if not visible:
		return
	if text.has("error") or allowed.has("error"):
		# A recording is played, or the player's record of consent cannot be read.
		_show_trouble(tr("RAPPORT_NOT_NOW"), str((text.error if text.has("error") else allowed.error).what))
	else:
		_show_text(text.reply as Dictionary, allowed.reply as Dictionary)


## Closes the panel without an answer.
func close() -> void:
	if visible:
		super()
		closed.emit()


## Opens the panel if something that is asked for was neither allowed nor refused yet, and waits until
## it is closed. Returns whether the player was asked. A player who has said no is not asked again until
## the text changes; offer [method open] in your options menu.
func ask_if_needed() -> bool:
	var rapport := _rapport()
	if rapport == null or not rapport.is_connected:
		return false
	var text := await _read_text(rapport)
	var allowed: Dictionary = await rapport.ask("consent.status", {})
	if text.has("error") or allowed.has("error"):
		return false
	var granted := _granted(allowed.reply as Dictionary)
	var missing := _asked().filter(func(each: String) -> bool: return not granted.has(each))
	if missing.is_empty() or _refused_before() == text.reply.version:
		return false
	open()
	await closed
	return true


# In English where there is no text in the player's language.
func _read_text(rapport: Client) -> Dictionary:
	var text: Dictionary = await rapport.consent_text(language if language else Words.language())
	if text.has("error") and text.error.code == "consent_text_unknown":
		text = await rapport.consent_text(FALLBACK)
	return text


func _on_connection_changed(connected: bool, _reason: String) -> void:
	if connected and not visible:
		ask_if_needed()


func _asked() -> Array[String]:
	var asked: Array[String] = []
	for each: Array in [
		["camera", ask_camera], ["microphone", ask_microphone], ["recording", ask_recording], ["text", ask_text]
	]:
		if each[1]:
			asked.append(each[0])
	return asked


func _granted(status: Dictionary) -> Dictionary:
	var granted: Dictionary = {}
	for grant: Dictionary in status.grants:
		granted[grant.permission] = grant
	return granted


func _show_text(text: Dictionary, status: Dictionary) -> void:
	_text = text
	layout_direction = Control.LAYOUT_DIRECTION_INHERITED
	if text.get("rtl", false):
		layout_direction = Control.LAYOUT_DIRECTION_RTL
	_rows.show_rows(_asked(), text.permissions as Dictionary, _granted(status))
	_agree.visible = _rows.has_boxes()
	_agree.text = text.agree
	_decline.text = str(text.decline) if _rows.has_boxes() else tr("RAPPORT_CLOSE")
	_show_words(text.title as String, text.body as String)
	_focus_all()


func _show_trouble(title: String, why: String = "") -> void:
	_rows.show_rows([], {}, {})
	_show_words(title, tr("RAPPORT_NOT_RUNNING_BODY"), why)
	_decline.text = tr("RAPPORT_PLAY_ON")
	_agree.text = tr("RAPPORT_TRY_AGAIN")
	_agree.visible = true
	_text = {}
	_focus_all()


func _show_words(title: String, body: String, hint: String = "") -> void:
	_title.text = title
	_pane.show_text(body, title)
	_show_hint(hint)


func _take_back(permission: String) -> void:
	var reply: Dictionary = await _rapport().revoke_consent(PackedStringArray([permission]))
	if reply.has("error"):
		_show_hint(str(reply.error.what))
		return
	_remember_refusal()
	revoked.emit(permission)
	open()


func _on_agreed() -> void:
	if _text.is_empty():
		open()
		return
	var granted := _rows.ticked()
	if granted.is_empty():
		_show_hint(tr("RAPPORT_NONE_CHOSEN"))
		return
	var reply: Dictionary = await _rapport().grant_consent(granted, _text)
	if reply.has("error"):
		_show_hint("%s: %s" % [tr("RAPPORT_FAILED"), reply.error.what])
		return
	_remember_refusal()
	answered.emit(granted)
	close()


func _on_declined() -> void:
	if _rows.has_boxes():
		_remember_refusal()
		answered.emit(PackedStringArray())
	close()


func _show_hint(hint: String) -> void:
	_hint.text = hint
	_hint.visible = not hint.is_empty()
	_fit()


# What is not allowed when the panel closes was refused, and is not asked for again by itself.
func _remember_refusal() -> void:
	var memory := ConfigFile.new()
	memory.load(MEMORY)
	memory.set_value("consent", "asked_version", _text.get("version", ""))
	memory.save(MEMORY)


func _refused_before() -> String:
	var memory := ConfigFile.new()
	memory.load(MEMORY)
	return memory.get_value("consent", "asked_version", "")


func _notification(what: int) -> void:
	# The player has changed the language while the panel is open.
	if what == NOTIFICATION_TRANSLATION_CHANGED and is_node_ready() and visible:
		open()


func _cancel() -> void:
	_on_declined()


func _focus_all() -> void:
	var controls: Array[Control] = []
	if _pane.visible:
		controls.append(_pane)
	controls.append_array(_rows.focusable())
	controls.append(_decline)
	if _agree.visible:
		controls.append(_agree)
	_ring(controls)
	controls[0].grab_focus()


# The card is as wide as is good to read, and as high as the text needs and the window has.
func _fit() -> Vector2:
	var area := super()
	_card.custom_minimum_size.x = minf(WIDTH, area.x - 2.0 * MARGIN)
	_pane.custom_minimum_size.y = 0.0
	var room := area.y - 2.0 * MARGIN - _card.get_combined_minimum_size().y
	var width := _card.custom_minimum_size.x - _card.get_theme_stylebox("panel").get_minimum_size().x
	_pane.custom_minimum_size.y = minf(_pane.height_at(width), maxf(room, TEXT_HEIGHT_MIN))
	return area
