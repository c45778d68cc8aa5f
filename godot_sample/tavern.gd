class_name Tavern
extends Node2D
## The tavern: brings people, words, light, menus and Rapport together.
##
## First the player is asked for consent, if there is a sidecar that could sense anything; whatever the
## answer, the evening goes on. With M a mood is chosen instead. What people do is in people/, when they do
## it in profiles/.

## The player is in the room and may walk.
signal entered

const Demo := preload("res://demo/demo.gd")
## The nodes that move by themselves, and stop for players who want less motion.
const FLICKERING := &"flickering"
const FADE_S := 0.15
## How long after the start the game waits for a sidecar before it begins without.
const LOOKED_FOR_MS := 3000
const NO_SIDECAR := "Nothing is sensed. Press M to choose how you feel."
const REFUSED := "Camera and microphone stay off. Press M to choose how you feel."
const SENSED := "The people here answer to you now. C changes what may be sensed."
const RUNNING := "Rapport is running. Press C to see what may be sensed."
const SENSING_ALREADY := "The camera or microphone speaks for you. Press C to change that."

var story := Story.new()
var preferences := Preferences.read()
var npcs: Array[Npc] = []

var _inside := false
var _opened_ms := 0

@onready var traveller: Traveller = %Traveller
@onready var conversation: Conversation = $Conversation
@onready var mock: RapportMock = $RapportMock
@onready var consent: RapportConsentPanel = %ConsentPanel
@onready var mood_menu: RapportMoodMenu = %MoodMenu
@onready var overlay: RapportOverlay = %Overlay
@onready var _music: LuteMusic = $LuteMusic
@onready var _camera: TavernCamera = $Camera
@onready var _lights: LightRig = $LightRig
@onready var _counter: Counter = %Counter
@onready var _bubbles: Bubbles = %Bubbles
@onready var _box: DialogueBox = %DialogueBox
@onready var _hud: Hud = %Hud
@onready var _title: TitleScreen = %TitleScreen
@onready var _options: OptionsMenu = %OptionsMenu
@onready var _crackle: AudioStreamPlayer2D = %Crackle


func _ready() -> void:
	for npc: Npc in [%Mira, %Odo, %Sel]:
		npcs.append(npc)
		npc.story = story
		npc.traveller = traveller
		npc.spoke.connect(_on_spoke)
		_lights.follow(npc)
	_camera.preferences = preferences
	_bubbles.preferences = preferences
	_box.preferences = preferences
	_options.preferences = preferences
	_options.build()
	conversation.story = story
	_crackle.stream = Synth.crackle()
	_crackle.play()
	_connect()
	_follow_preferences()
	_on_story_changed("")
	get_tree().auto_accept_quit = false
	_opened_ms = Time.get_ticks_msec()
	if not Demo.plays_by_itself():
		_title.open()


func _connect() -> void:
	story.changed.connect(_on_story_changed)
	preferences.changed.connect(_follow_preferences)
	conversation.began.connect(_on_talk_began)
	conversation.line_shown.connect(_box.show_line)
	conversation.ended.connect(_on_talk_ended)
	_box.chosen.connect(conversation.choose)
	_title.entered.connect(_on_title_entered)
	_options.consent_wanted.connect(consent.open)
	_options.mood_wanted.connect(_open_mood_menu)
	mood_menu.chosen.connect(choose_mood)
	Rapport.connection_changed.connect(_on_connection_changed)


func _process(_delta: float) -> void:
	var free := _inside and conversation.partner == null and not _is_menu_open()
	traveller.may_walk = free
	_hud.show_prompt(_nearest() if free else null)
	_hud.show_keys(free)
	_hud.visible = not _title.visible
	_box.takes_keys = not _is_menu_open()
	# Who is sensed is not asked; who is not may choose a mood, sidecar or not.
	if is_sensed():
		mock.only_without_sidecar = true


func _unhandled_input(event: InputEvent) -> void:
	if not _inside or _is_menu_open():
		return
	if event.is_action_pressed("talk") and conversation.partner == null and _nearest() != null:
		talk_to(_nearest())
	elif event.is_action_pressed("leave") and conversation.partner != null:
		conversation.end()
	elif event.is_action_pressed("mood_menu"):
		_open_mood_menu()
	elif event.is_action_pressed("consent"):
		consent.open()
	elif event.is_action_pressed("options"):
		_options.open()
	else:
		return
	get_viewport().set_input_as_handled()


func _notification(what: int) -> void:
	if what == NOTIFICATION_WM_CLOSE_REQUEST:
		leave()


## Lets the player into the room.
func enter() -> void:
	_inside = true
	entered.emit()


func talk_to(npc: Npc) -> void:
	traveller.goal_x = traveller.position.x
	traveller.look_at_x(npc.position.x)
	conversation.begin(npc)


## Ends the game, once the sounds are over: Godot tells of those that are cut off as leaks.
func leave(code: int = 0) -> void:
	conversation.end()
	consent.close()
	_crackle.stop()
	_music.stop()
	await get_tree().create_timer(FADE_S).timeout
	get_tree().quit(code)


## Whether camera or microphone, a clip or a script says something about the player.
func is_sensed() -> bool:
	if not Rapport.is_connected or Rapport.status.is_empty():
		return false
	return Rapport.status.source != "live" or not (Rapport.status.capturing as Array).is_empty()


## Lets the mock play a mood, also beside a sidecar that senses nothing.
func choose_mood(mood: String) -> void:
	mock.only_without_sidecar = mood == RapportMood.UNSAID
	mock.set_mood(mood)


func _is_menu_open() -> bool:
	return _title.visible or consent.visible or mood_menu.visible or _options.visible


func _nearest() -> Npc:
	var found: Npc = null
	for npc: Npc in npcs:
		var way := absf(npc.position.x - traveller.position.x)
		if npc.is_near() and (found == null or way < absf(found.position.x - traveller.position.x)):
			found = npc
	return found


func _open_mood_menu() -> void:
	if is_sensed():
		_hud.notify(SENSING_ALREADY)
	else:
		mood_menu.open()


func _on_title_entered() -> void:
	# A sidecar that the game has just started takes a moment.
	while not Rapport.is_connected and Time.get_ticks_msec() - _opened_ms < LOOKED_FOR_MS:
		await get_tree().process_frame
	_title.close()
	var asked := await consent.ask_if_needed()
	enter()
	if not Rapport.is_connected:
		_hud.notify(NO_SIDECAR)
	elif is_sensed():
		_hud.notify(SENSED)
	elif asked:
		_hud.notify(REFUSED)


# A sidecar that is up only now: the player is asked, or told if that would interrupt.
func _on_connection_changed(connected: bool, _reason: String) -> void:
	if not connected or not _inside or Demo.plays_by_itself():
		return
	if conversation.partner == null and not _is_menu_open():
		consent.ask_if_needed()
	else:
		_hud.notify(RUNNING)


func _on_talk_began(npc: Npc) -> void:
	_bubbles.hush(npc)
	_box.open(npc)
	_camera.frame(npc.position, traveller.position)


func _on_talk_ended(_npc: Npc) -> void:
	_box.close()
	_camera.unframe()


# Who is talked to says it in the dialogue box, if it has words for it there.
func _on_spoke(person: Person, text: String, seconds: float) -> void:
	if person != conversation.partner:
		_bubbles.say(person, text, seconds)


func _on_story_changed(_name: String) -> void:
	_hud.show_purse(story)
	_counter.price = story.number("price")
	_counter.for_sale = not story.is_true("has_lantern")
	_counter.ropes = story.number("ropes")
	for npc: Npc in npcs:
		npc.reactor_context("trust", story.number("trust"))


func _follow_preferences() -> void:
	get_tree().set_group(FLICKERING, "still", preferences.reduced_motion)
	AudioServer.set_bus_mute(0, not preferences.sound)
