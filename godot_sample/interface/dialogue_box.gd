class_name DialogueBox
extends PanelContainer
## The words of whoever is talked to, and what the player can reply: with the keys 1 to 5, with the focus,
## or with the mouse.

## The player gives the reply of a place, 0 is the first.
signal chosen(place: int)

const TEXT_SIZE := 21
const REPLY_SIZE := 18
const CHARACTERS_PER_SECOND := 55.0

var preferences: Preferences
## Not while a menu lies over it.
var takes_keys := true

var _npc: Npc
var _writing: Tween

@onready var _portrait: Portrait = %Portrait
@onready var _name: Label = %Name
@onready var _doing: Label = %Doing
@onready var _words: Label = %Words
@onready var _replies: VBoxContainer = %Replies
@onready var _voice: AudioStreamPlayer = %Voice


func _ready() -> void:
	visible = false
	_voice.stream = Synth.blip()


func open(npc: Npc) -> void:
	_npc = npc
	visible = true
	_name.text = npc.title
	_name.add_theme_color_override("font_color", npc.colour)
	_portrait.show_face(npc)


func close() -> void:
	_stop_writing()
	visible = false
	_npc = null


## Shows a line with its replies; [param anew]: it is written out letter by letter.
func show_line(npc: Npc, text: String, replies: Array[Dictionary], anew: bool) -> void:
	_words.add_theme_font_size_override("font_size", preferences.text_size(TEXT_SIZE))
	_words.text = text
	_show_doing(npc)
	for old: Node in _replies.get_children():
		_replies.remove_child(old)
		old.queue_free()
	for place: int in replies.size():
		_replies.add_child(_reply(place, npc.story.fill(replies[place].say as String)))
	_ring()
	if anew and not preferences.reduced_motion:
		_write(text.length())
	else:
		_words.visible_ratio = 1.0


func _process(_delta: float) -> void:
	if _npc == null:
		return
	_show_doing(_npc)
	if _npc.face.talking and preferences.sound and not _voice.playing:
		_voice.pitch_scale = randf_range(0.9, 1.12) * (1.25 if _npc.hat_height == 0.0 else 0.8)
		_voice.play()


func _unhandled_input(event: InputEvent) -> void:
	if not visible or not takes_keys:
		return
	for place: int in Dialogue.REPLIES_MAX:
		if event.is_action_pressed("reply_%d" % (place + 1)):
			get_viewport().set_input_as_handled()
			chosen.emit(place)
			return


# What the other one does because of how the player feels, in the words of the profile.
func _show_doing(npc: Npc) -> void:
	var told := PackedStringArray()
	for reaction: String in npc.reactions():
		var rule := npc.reactor.profile.find(reaction)
		told.append(rule.description if rule != null and rule.description else reaction)
	_doing.text = " ".join(told)


func _reply(place: int, words: String) -> Button:
	var button := Button.new()
	button.text = "%d   %s" % [place + 1, words]
	button.alignment = HORIZONTAL_ALIGNMENT_LEFT
	button.add_theme_font_size_override("font_size", preferences.text_size(REPLY_SIZE) - (2 if preferences.large_text else 0))
	button.pressed.connect(chosen.emit.bind(place))
	return button


func _ring() -> void:
	var buttons := _replies.get_children()
	for index: int in buttons.size():
		var here := buttons[index] as Button
		here.focus_neighbor_top = here.get_path_to(buttons[index - 1])
		here.focus_neighbor_bottom = here.get_path_to(buttons[(index + 1) % buttons.size()])
		here.focus_neighbor_left = ^"."
		here.focus_neighbor_right = ^"."
	if not buttons.is_empty():
		(buttons[0] as Button).grab_focus()


func _write(length: int) -> void:
	_stop_writing()
	_words.visible_ratio = 0.0
	_npc.face.talking = true
	_writing = create_tween()
	_writing.tween_property(_words, "visible_ratio", 1.0, length / CHARACTERS_PER_SECOND)
	_writing.tween_callback(_stop_writing)


func _stop_writing() -> void:
	if _writing != null:
		_writing.kill()
		_writing = null
	_words.visible_ratio = 1.0
	if _npc != null:
		_npc.face.talking = false
