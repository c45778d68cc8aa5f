extends Node
## Plays the game from the command line, for tests, pictures and fairs. Behind a lone [code]--[/code]:
## [codeblock]
## --script-demo             walks from one to the next as they react. Ends with the sidecar; without one
##                           a script of moods is played, again and again, unless there is a mood
## --mood NAME               the mood that the mock plays where there is no sidecar
## --at NPC                  where the traveller stands: companion, merchant or bard
## --talk NPC                talks to one of them
## --overlay                 shows what Rapport makes of the player, as F3 does
## --keys "enter; right 1.5; e; 1"    presses these keys, each for so many seconds; "wait 2" waits;
##                           ends after the last one
## --screenshot PATH         saves a picture and ends
## --after-reaction NAME     … once that reaction is to be seen
## --after SECONDS           … or after so long
## --seconds SECONDS         ends after so long
## --frames COUNT            ends after so many frames
## [/codeblock]

const KeyScript := preload("res://demo/key_script.gd")

## After a reaction: who the traveller goes to next.
const WAY: Dictionary = {
	"celebrate": "merchant",
	"give_space": "bard",
}
## The moods of a demo without a sidecar, and how long each lasts.
const EVENING: PackedStringArray = ["amused", "sceptical", "frustrated", "angry", "sad", "overwhelmed"]
const MOOD_S := 6.0
const LOOKED_FOR_S := 2.0
## From the begin of a reaction until all of it is to be seen.
const SETTLE_S := 2.6
const DOORSTEP := 106.0

var _arguments: Dictionary = {}
var _lived_s := 0.0
var _frames := 0
var _was_connected := false

@onready var _tavern: Tavern = get_parent()


## Whether nobody is at the keyboard: no title, and nobody is asked for consent.
static func plays_by_itself() -> bool:
	var arguments := _read(OS.get_cmdline_user_args())
	return not arguments.is_empty() and not arguments.has("keys")


## The arguments by name, without their dashes.
static func _read(words: PackedStringArray) -> Dictionary:
	var found: Dictionary = {}
	var option := ""
	for word: String in words:
		if word.begins_with("--"):
			option = word.trim_prefix("--")
			found[option] = ""
		else:
			found[option] = word
	return found


func _ready() -> void:
	_arguments = _read(OS.get_cmdline_user_args())
	if _arguments.is_empty():
		set_process(false)
		return
	# The tavern, the parent, is ready only after this.
	_begin.call_deferred()


func _process(delta: float) -> void:
	_lived_s += delta
	_frames += 1
	var over := _arguments.has("seconds") and _lived_s >= float(str(_arguments.seconds))
	if over or (_arguments.has("frames") and _frames >= int(str(_arguments.frames))):
		print("FRAMES ", _frames)
		set_process(false)
		_tavern.leave()


func _begin() -> void:
	Rapport.reaction_began.connect(_on_reaction.bind("began"))
	Rapport.reaction_ended.connect(_on_reaction.bind("ended"))
	Rapport.connection_changed.connect(_on_connection_changed)
	Rapport.event_received.connect(_on_event)
	var conversation := _tavern.conversation
	conversation.line_shown.connect(_on_line_shown)
	conversation.ended.connect(func(npc: Npc) -> void: print("LEFT ", npc.reactor.character()))
	_tavern.consent.answered.connect(func(granted: PackedStringArray) -> void: print("CONSENT ", granted))
	_tavern.entered.connect(print.bind("ENTERED"))
	if _arguments.has("keys"):
		_play_keys()
	else:
		_tavern.enter()
	if _arguments.has("mood"):
		_tavern.choose_mood(str(_arguments.mood))
	elif _arguments.has("script-demo"):
		_play_moods()
	if _arguments.has("at"):
		_send(_npc(str(_arguments.at)), true)
	if _arguments.has("talk"):
		_send(_npc(str(_arguments.talk)), true)
		_tavern.talk_to(_npc(str(_arguments.talk)))
	if _arguments.has("overlay"):
		_tavern.overlay.visible = true
	if _arguments.has("screenshot"):
		_take_picture()


# Only where no sidecar plays somebody.
func _play_moods() -> void:
	await get_tree().create_timer(LOOKED_FOR_S).timeout
	if Rapport.is_connected:
		return
	var mock := _tavern.mock
	mock.script_of_moods = RapportMoodScript.new()
	for mood: String in EVENING:
		mock.script_of_moods.steps.append(RapportMoodStep.make(mood, MOOD_S))
	mock.play_script()


func _play_keys() -> void:
	await KeyScript.play(str(_arguments.keys), get_tree())
	print("KEYS PLAYED")
	if not _arguments.has("screenshot"):
		_tavern.leave()


func _take_picture() -> void:
	if _arguments.has("after-reaction"):
		await Rapport.wait_for(str(_arguments["after-reaction"]))
		await get_tree().create_timer(SETTLE_S).timeout
	if _arguments.has("after"):
		await get_tree().create_timer(float(str(_arguments.after))).timeout
	await RenderingServer.frame_post_draw
	var picture := get_viewport().get_texture().get_image()
	var wrong := picture.save_png(str(_arguments.screenshot))
	for npc: Npc in _tavern.npcs:
		var at := get_viewport().get_canvas_transform() * npc.position
		print("AREA %s %d %d" % [npc.reactor.character(), at.x, at.y])
	print("PICTURE ", error_string(wrong))
	_tavern.leave(0 if wrong == OK else 1)


func _on_reaction(reaction: RapportReaction, phase: String) -> void:
	print("REACTION %s %s %s %.2f" % [phase, reaction.npc, reaction.name, reaction.strength])
	if _arguments.has("script-demo") and phase == "began" and WAY.has(reaction.name):
		_send(_npc(str(WAY[reaction.name])), false)


func _on_event(event: RapportEvent) -> void:
	if event.kind == "moment_marked":
		print("MARKED ", event.detail)


# A script that is played comes to its end, and with it the demo.
func _on_connection_changed(connected: bool, _reason: String) -> void:
	print("CONNECTED ", connected)
	if _was_connected and not connected and _arguments.has("script-demo"):
		_tavern.leave()
	_was_connected = connected


func _on_line_shown(npc: Npc, text: String, replies: Array[Dictionary], _anew: bool) -> void:
	print("LINE %s %d %s" % [npc.reactor.character(), replies.size(), text])


func _npc(named: String) -> Npc:
	for npc: Npc in _tavern.npcs:
		if npc.reactor.character() == named:
			return npc
	push_error("There is nobody called %s." % named)
	return null


# The traveller goes, or is put, to somebody's side.
func _send(npc: Npc, at_once: bool) -> void:
	var traveller := _tavern.traveller
	var side := 1.0 if npc.position.x < Traveller.FLOOR.y - DOORSTEP and npc.title == "Mira" else -1.0
	traveller.goal_x = clampf(npc.position.x + side * DOORSTEP, Traveller.FLOOR.x, Traveller.FLOOR.y)
	if at_once:
		traveller.position.x = traveller.goal_x
