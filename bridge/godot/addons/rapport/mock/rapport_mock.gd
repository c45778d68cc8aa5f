@icon("../icon.svg")
class_name RapportMock
extends Node
## Plays a player's mood without camera and microphone: by keys, from a script, or as chosen in a menu.
##
## For players who want none of it, for demos, and for tests. It is silent while a sidecar is connected,
## unless [member only_without_sidecar] is off. What it feeds goes the same way as the real thing: the
## state of [code]Rapport[/code], and the reactions of every [RapportReactor].
##
## [b]It looks at levels only[/b] (enter and exit, with all, any and not). Dwell, hold, cool-down, decay,
## priority and groups are the sidecar's work; a reaction may end sooner here, or begin more often.
## [codeblock]
## $RapportMock.set_mood("frustrated")
## [/codeblock]

## The mood is another one now; see [constant RapportMood.NAMED] for the names of named ones.
signal mood_changed(mood: RapportMood)

const Client := preload("../rapport.gd")
const Levels := preload("levels.gd")

const STATES_PER_SECOND := 20.0
## How sure a played state is of itself. Not 1: nothing that Rapport says ever is.
const CONFIDENCE := 0.9
const CAPTURE := &"rapport"
## The number keys, in their order.
const KEYS: PackedStringArray = [
	"calm", "happy", "amused", "surprised", "sad", "frustrated", "angry", "afraid", "bored", RapportMood.UNSAID
]

## Stays silent while a sidecar is connected.
@export var only_without_sidecar := true
## The number keys 1 to 9 and 0 choose a mood: calm, happy, amused, surprised, sad, frustrated, angry,
## afraid, bored, unsaid. In debug builds only.
@export var number_keys := false
## Input actions that choose a mood: the name of the action to one of [constant RapportMood.NAMED].
@export var actions: Dictionary = {}
## A script of moods that is played from the start. A mood that is set ends it.
@export var script_of_moods: RapportMoodScript
## How long one mood takes to turn into the next.
@export_range(0.0, 5.0, 0.1, "suffix:s") var blend_s := 0.5

## The mood that is played; null: nothing is known about the player.
var mood: RapportMood

var _shares := PackedFloat64Array()
var _vad := Vector3.ZERO
var _granular: Dictionary = {}
var _played_s := 0.0
var _waited := 0.0
var _sequence := 0
var _firing := 0
var _playing := false
var _plays_script := true
# The Levels of each character, and the number of each firing.
var _levels: Dictionary = {}
var _firings: Dictionary = {}


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	# The dock of the editor sends moods, while the game runs from there.
	if EngineDebugger.is_active() and not EngineDebugger.has_capture(CAPTURE):
		EngineDebugger.register_message_capture(CAPTURE, _on_debugger)


## Plays a mood of [constant RapportMood.NAMED]; any other name, such as [code]unsaid[/code]: nothing is
## known about the player.
func set_mood(mood_name: String) -> void:
	play(RapportMood.named(mood_name))


## Plays a mood of your own; null: nothing is known about the player.
func play(of: RapportMood) -> void:
	_plays_script = false
	_take(of)


## Plays [member script_of_moods] from its start.
func play_script() -> void:
	_plays_script = true
	_played_s = 0.0


## Whether it feeds states just now.
func is_playing() -> bool:
	return _playing


func _unhandled_input(event: InputEvent) -> void:
	for action: String in actions:
		if InputMap.has_action(action) and event.is_action_pressed(action):
			set_mood(str(actions[action]))
	var key := event as InputEventKey
	if number_keys and OS.is_debug_build() and key != null and key.pressed and not key.echo:
		# The keys 1 to 9, then 0.
		var place := posmod(key.keycode - KEY_1, 10) if key.keycode >= KEY_0 and key.keycode <= KEY_9 else -1
		if place >= 0:
			set_mood(KEYS[place])


func _process(delta: float) -> void:
	var rapport := _rapport()
	var wanted := rapport != null and not (only_without_sidecar and rapport.is_connected)
	if _playing and not wanted:
		_stop(rapport)
	_playing = wanted
	if not wanted:
		return
	_played_s += delta
	if _plays_script and script_of_moods != null:
		_take(script_of_moods.mood_at(_played_s))
	_blend(delta)
	_waited += delta
	if _waited >= 1.0 / STATES_PER_SECOND:
		_waited = fmod(_waited, 1.0 / STATES_PER_SECOND)
		_feed(rapport)


func _take(of: RapportMood) -> void:
	if of != mood:
		mood = of
		mood_changed.emit(mood)


func _is_known() -> bool:
	return mood != null and not mood.unsaid


func _blend(delta: float) -> void:
	if not _is_known():
		_shares = PackedFloat64Array()
		return
	var first := _shares.is_empty()
	var share := 1.0 if first or blend_s <= 0.0 else 1.0 - exp(-3.0 * delta / blend_s)
	var goal := mood.probabilities()
	_shares.resize(goal.size())
	for index: int in goal.size():
		_shares[index] = lerpf(_shares[index], goal[index], share)
	_vad = _vad.lerp(mood.vad(), share)
	for granular: String in RapportState.GRANULAR:
		var now: float = _granular.get(granular, 0.0)
		_granular[granular] = lerpf(now, mood.granular_value(granular), share)


func _feed(rapport: Client) -> void:
	var state := state_map()
	rapport.feed_state(state)
	var there: Dictionary = {}
	for node: Node in get_tree().get_nodes_in_group(RapportReactor.GROUP):
		var reactor := node as RapportReactor
		there[reactor.character()] = true
		_feed_reactions(rapport, reactor, state)
	for npc: String in _levels.keys():
		if not there.has(npc):
			_leave(rapport, npc, "profile")


## The state that is played, as the wire has it (bridge/protocol/SPEC.md).
func state_map() -> Dictionary:
	_sequence += 1
	var now := Time.get_unix_time_from_system()
	var map: Dictionary = {
		"captured_ns": Time.get_ticks_usec() * 1000,
		"captured_wall": now,
		"published_ns": Time.get_ticks_usec() * 1000,
		"published_wall": now,
		"schema": 5,
		"sequence": _sequence,
		"replay": true,
		"label": RapportState.UNCERTAIN,
		"confidence": 0.0,
		"modalities": {},
		"granular": {},
		"moments": {},
	}
	for modality: String in ["face", "voice", "text"]:
		map.modalities[modality] = { "weight": 0.0, "condition": "disabled", "quality": { "score": 0.0 } }
	if _is_known():
		_fill(map)
	return map


func _fill(map: Dictionary) -> void:
	map.label = RapportState.LABELS[mood.emotion]
	map.confidence = CONFIDENCE
	map.probabilities = Array(_shares)
	map.valence = _vad.x
	map.arousal = _vad.y
	map.dominance = _vad.z
	map.mood = {
		"valence": _vad.x, "arousal": _vad.y, "long_valence": _vad.x, "long_arousal": _vad.y,
		"volatility": 0.0, "confidence": CONFIDENCE,
	}
	map.trend = 0.0
	map.incongruence = 0.0
	if mood.contradiction != "none":
		map.incongruence = CONFIDENCE
		map.contradiction = {
			"kind": mood.contradiction, "strength": CONFIDENCE, "before": "happiness", "after": map.label,
		}
	map.speaking = mood.speaking
	map.face_present = true
	for modality: String in ["face", "voice"]:
		map.modalities[modality] = { "weight": 0.5, "condition": "ok", "quality": { "score": 1.0 }, "age_ms": 0.0 }
	for granular: String in _granular:
		map.granular[granular] = { "value": _granular[granular], "confidence": CONFIDENCE }
	if mood.burst != "none":
		map.burst = { "name": mood.burst, "confidence": CONFIDENCE }


func _feed_reactions(rapport: Client, reactor: RapportReactor, state: Dictionary) -> void:
	var npc := reactor.character()
	if not _levels.has(npc):
		_levels[npc] = Levels.new()
	for change: Dictionary in (_levels[npc] as Levels).look(reactor.profile, RapportState.new(state), reactor.context()):
		_tell(rapport, npc, change)


# A character is there no more.
func _leave(rapport: Client, npc: String, reason: String) -> void:
	for change: Dictionary in (_levels[npc] as Levels).stop(reason):
		_tell(rapport, npc, change)
	_levels.erase(npc)


func _tell(rapport: Client, npc: String, change: Dictionary) -> void:
	var key := "%s/%s" % [npc, change.name]
	if change.phase == Levels.BEGAN:
		_firing += 1
		_firings[key] = _firing
	rapport.feed_event({
		"kind": "reaction_" + str(change.phase),
		"at_ns": Time.get_ticks_usec() * 1000,
		"at_wall": Time.get_unix_time_from_system(),
		"schema": 5,
		"reaction": {
			"name": change.name,
			"npc": npc,
			"firing": _firings.get(key, 0),
			"strength": change.strength,
			"reason": change.reason,
			"why": change.why,
			"app": "",
		},
	})


func _stop(rapport: Client) -> void:
	if rapport != null:
		for npc: String in _levels.keys():
			_leave(rapport, npc, "stopped")


func _exit_tree() -> void:
	if _playing:
		_stop(_rapport())
	if EngineDebugger.has_capture(CAPTURE):
		EngineDebugger.unregister_message_capture(CAPTURE)


func _on_debugger(message: String, data: Array) -> bool:
	if message != "mood" or data.size() != 1:
		return false
	set_mood(str(data[0]))
	return true


func _rapport() -> Client:
	return get_node_or_null(^"/root/Rapport") as Client
