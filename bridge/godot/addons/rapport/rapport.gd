extends Node
## The way from a game to Rapport: the player's emotion state, reactions, consent. Add it as an autoload
## called [code]Rapport[/code]; enabling the plugin does.
## [codeblock]
## func _ready() -> void:
##     Rapport.reaction_began.connect(_on_reaction)
##     Rapport.set_profile("mira", FileAccess.get_file_as_string("res://mira.json"))
##
## func _on_reaction(reaction: RapportReaction) -> void:
##     print(reaction.npc, " ", reaction.name, " ", reaction.strength, ": ", reaction.why_in_words())
## [/codeblock]
## It never waits for the sidecar, gives the newest state only and every event in order, and looks for a
## sidecar again when one is gone. Without any, the game plays on: [member state] is then unknown.

## There is a new state; at most one a frame, the newest.
signal state_changed(state: RapportState)
## A reaction has fired.
signal reaction_began(reaction: RapportReaction)
## The strength of a reaction has changed.
signal reaction_updated(reaction: RapportReaction)
## A reaction has ended.
signal reaction_ended(reaction: RapportReaction)
## What is the matter with a signal has changed, for example face: [code]ok[/code] to
## [code]low_light[/code].
signal condition_changed(modality: String, condition: String, before: String)
## The player has allowed something or taken it back, to whatever application; [param status] is
## [member status] of then.
signal consent_changed(status: Dictionary)
## A sidecar is connected, or is not any more; [param reason] is a code such as
## [code]sidecar_not_found[/code].
signal connection_changed(connected: bool, reason: String)
## What is captured has changed; see [member status].
signal status_changed(status: Dictionary)
## Something happened; reactions come here too.
signal event_received(event: RapportEvent)

const Application := preload("core/application.gd")
const Link := preload("core/link.gd")
const Launcher := preload("core/launcher.gd")
const LeaseKeeper := preload("core/lease_keeper.gd")
const Check := preload("core/message_check.gd")

## Project settings, with what they are where they are not set.
const SETTINGS := {
	"rapport/application/id": "",
	"rapport/sidecar/autostart": true,
	"rapport/sidecar/command": "rapport",
	"rapport/sidecar/arguments": [],
	"rapport/sidecar/runtime_directory": "",
}
## How long after the start the sidecar is looked for before one is started.
const START_AFTER_MS := 600
const CONSENT_KINDS: PackedStringArray = ["consent_granted", "consent_revoked"]
const STATUS_KINDS: PackedStringArray = [
	"status", "consent_granted", "consent_revoked", "paused", "resumed", "recording_began", "recording_ended",
]

## The newest state. Never null, and never older than a second: unknown ([method RapportState.is_known]) before
## the first, and while none comes.
var state := RapportState.new()
## Whether a sidecar is connected and sends states. It hides [method Object.is_connected] of this node; ask its
## signals instead: [code]Rapport.state_changed.is_connected(…)[/code].
@warning_ignore("shadowed_variable_base_class")
var is_connected: bool = false
## What the sidecar does just now, the fields of [code]Status[/code]; empty while none is connected. An
## indicator shows [code]status.capturing[/code] and nothing else.
var status: Dictionary = {}
## What the sidecar said of itself at the connection: version, models, languages.
var welcome: Dictionary = {}
## The id of this application; consent is given to it.
var app := ""
## Whether the game needs the capture now; while it does, a lease keeps the devices open.
var wants_capture := true:
	set(wanted):
		wants_capture = wanted
		_follow_lease()
## States and events that were no such, since the start.
var refused: int:
	get:
		return _link.refused
## Events that were sent and could not be had.
var missed_events: int:
	get:
		return _link.missed

var _title := ""
var _link: Link
var _launcher := Launcher.new()
var _lease := LeaseKeeper.new()
var _leased := ""
# When the state came; 0: it is nothing that could grow old.
var _state_ms := 0
var _profiles: Dictionary = {}
var _contexts: Dictionary = {}
var _conditions: Dictionary = {}
# The reactions that go on, by what tells one firing from all others.
var _active: Dictionary = {}
var _began_ms := 0


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = -1000  # the state of this frame, before anybody asks for it
	_title = Application.title()
	app = Application.id()
	_link = Link.new(app, _title)
	_link.directory = str(setting("rapport/sidecar/runtime_directory"))
	_link.control.welcomed.connect(_on_welcomed)


func _ready() -> void:
	_began_ms = Time.get_ticks_msec()


func _process(_delta: float) -> void:
	_link.poll()
	_take_state()
	for event: Dictionary in _link.take_events():
		_deliver(RapportEvent.new(event))
	if is_connected and (not _link.is_open() or _link.is_silent()):
		_set_connected(false)
	_start_if_none()


func _exit_tree() -> void:
	_lease.close()
	_link.close()


## A project setting of Rapport's, or what it is where it is not set.
static func setting(key: String) -> Variant:
	return ProjectSettings.get_setting(key, SETTINGS[key])


## Asks the sidecar for anything that bridge/protocol/SPEC.md lists. Awaits the answer:
## [code]{"reply": {…}}[/code], or [code]{"error": {code, what, meaning, remedy, retryable}}[/code].
func ask(op: String, fields: Dictionary = {}) -> Dictionary:
	return await _link.control.ask(op, fields)


## Whether a signal ([code]frustration[/code], [code]valence[/code], [code]contradiction.strength[/code] …) is at least this
## high; false while it is not known. For conditions in dialogue tools, such as Dialogic's
## [code]if {Rapport.player_feels("frustration", 0.5)}:[/code]; for anything that should begin and end,
## use a profile.
func player_feels(signal_name: String, level: float) -> bool:
	var value := state.value_of(signal_name)
	return not is_nan(value) and value >= level


## Whether a reaction of a character goes on.
func is_reacting(npc: String, reaction_name: String) -> bool:
	for active: RapportReaction in _active.values():
		if active.npc == npc and active.name == reaction_name:
			return true
	return false


## Waits until a reaction begins, of [param npc] or of anybody. Returns at once if that goes on already.
func wait_for(reaction_name: String, npc: String = "") -> RapportReaction:
	for active: RapportReaction in _active.values():
		if active.name == reaction_name and npc in ["", active.npc]:
			return active
	while true:
		var reaction: RapportReaction = await reaction_began
		if reaction.name == reaction_name and npc in ["", reaction.npc]:
			return reaction
	return null


## The reactions that go on just now.
func active_reactions() -> Array[RapportReaction]:
	var found: Array[RapportReaction] = []
	found.assign(_active.values())
	return found


## Lets a character react by a profile (JSON, see docs/reactions.md), now and after every reconnection.
## Awaits [code]{"reply": …}[/code] or [code]{"error": …}[/code]; without a sidecar it is kept for one.
func set_profile(npc: String, profile_json: String) -> Dictionary:
	_profiles[npc] = profile_json
	var answer: Dictionary = await ask("profile.set", {"npc": npc, "profile": profile_json, "format": "json"})
	if answer.has("reply") and _contexts.has(npc):  # what was told before there was a profile to read it
		ask("profile.context", {"npc": npc, "values": _contexts[npc]})
	return answer


## Lets a character react no more.
func clear_profile(npc: String) -> Dictionary:
	_profiles.erase(npc)
	_contexts.erase(npc)
	return await ask("profile.clear", {"npc": npc})


## Tells the game's own variables to the profile of a character: name to bool, number or short text;
## null: not known any more. Those that are not named stay. What is told before the character has a profile is
## kept for it.
func set_context(npc: String, values: Dictionary) -> Dictionary:
	if not _contexts.has(npc):
		_contexts[npc] = {}
	(_contexts[npc] as Dictionary).merge(values, true)
	return await ask("profile.context", {"npc": npc, "values": values})


## Tells a line of dialogue, an NPC's when it is shown, the player's when it was said, typed or chosen.
## [param role]: [code]player[/code] or [code]npc[/code]; the player's are read for emotion, the others are what
## they answer to. [param line]: the game's own id of it, which comes back in [member RapportState.conversation].
## [param seconds]: how long it took to say aloud; NAN: not known.
func say(
	speaker: String, text: String, role: String = "player", line: String = "", seconds: float = NAN
) -> Dictionary:
	var fields := {"speaker": speaker, "text": text, "role": role, "line": line}
	if not is_nan(seconds):
		fields["seconds"] = seconds
	return await ask("dialogue", fields)


## Names a moment, good or bad, such as [code]betrayal[/code]: from now on [method RapportState.moment] says how
## the player has taken it. Named again, it begins anew. [param at_ns]: when it was, on the sidecar's clock;
## below 0: now.
func mark(moment: String, at_ns: int = -1) -> Dictionary:
	return await ask("dialogue.mark", {"moment": moment} if at_ns < 0 else {"moment": moment, "at_ns": at_ns})


## The text that must be shown before consent is asked for.
func consent_text(language: String = "en") -> Dictionary:
	return await ask("consent.text", {"language": language})


## The player has seen [param text] (the [code]reply[/code] of [method consent_text]) and allows these:
## [code]camera[/code], [code]microphone[/code], [code]recording[/code], [code]text[/code].
func grant_consent(permissions: PackedStringArray, text: Dictionary) -> Dictionary:
	var fields := {"permissions": Array(permissions), "language": text.language, "text_version": text.version}
	return await ask("consent.grant", fields)


## Takes permissions back; devices are closed before the answer comes.
func revoke_consent(permissions: PackedStringArray) -> Dictionary:
	return await ask("consent.revoke", {"permissions": Array(permissions)})


## Stops all capture, until [method resume].
func pause() -> Dictionary:
	return await ask("pause")


## Ends a pause.
func resume() -> Dictionary:
	return await ask("resume")


## How much of the machine the sidecar may use: [code]off[/code], [code]menu[/code] or [code]full[/code].
func set_duty(level: String) -> Dictionary:
	return await ask("duty", {"level": level})


## Learns the player's resting face in the next five seconds.
func start_baseline(profile: String = "player") -> Dictionary:
	return await ask("baseline.start", {"profile": profile})


## Takes a state from the game instead of a sidecar, as the fields of bridge/protocol/SPEC.md: a mock, a
## mood that the player chose. Returns what is wrong with it; empty: nothing.
func feed_state(fields: Dictionary) -> String:
	var wrong := Check.state(fields)
	if wrong.is_empty():
		_set_state(RapportState.new(fields))
	return wrong


## Takes an event from the game instead of a sidecar, as the fields of bridge/protocol/SPEC.md. Returns
## what is wrong with it; empty: nothing.
func feed_event(fields: Dictionary) -> String:
	var wrong := Check.event(fields)
	if wrong.is_empty():
		_deliver(RapportEvent.new(fields))
	return wrong


func _take_state() -> void:
	var newest := _link.take_state()
	var now_ms := Time.get_ticks_msec()
	if newest != null:
		_set_state(newest)
		_state_ms = now_ms
		if not is_connected and not welcome.is_empty():
			_set_connected(true)
	elif _state_ms > 0 and now_ms - _state_ms > Link.SILENT_MS:
		_set_state(RapportState.new())


func _set_state(new: RapportState) -> void:
	var differs := not state._has_conditions_of(new)
	state = new
	_state_ms = 0
	if differs:
		for modality: RapportModality in new.modalities.values():
			var before: String = _conditions.get(modality.name, "")
			if modality.condition != before:
				_conditions[modality.name] = modality.condition
				condition_changed.emit(modality.name, modality.condition, before)
	state_changed.emit(new)


func _deliver(event: RapportEvent) -> void:
	event_received.emit(event)
	if event.reaction != null and event.reaction.app in ["", app]:
		_deliver_reaction(event)
	if STATUS_KINDS.has(event.kind) and _link.control.is_open():
		_ask_status(CONSENT_KINDS.has(event.kind))


func _deliver_reaction(event: RapportEvent) -> void:
	var key := [event.reaction.npc, event.reaction.name, event.reaction.firing]
	match event.kind:
		"reaction_began":
			_active[key] = event.reaction
			reaction_began.emit(event.reaction)
		"reaction_updated":
			_active[key] = event.reaction
			reaction_updated.emit(event.reaction)
		"reaction_ended":
			_active.erase(key)
			reaction_ended.emit(event.reaction)


func _on_welcomed(told: Dictionary) -> void:
	welcome = told
	for npc: String in _profiles:
		ask("profile.set", {"npc": npc, "profile": _profiles[npc], "format": "json"})
	for npc: String in _contexts:
		if _profiles.has(npc):
			ask("profile.context", {"npc": npc, "values": _contexts[npc]})
	_ask_status(false)
	_follow_lease()


func _ask_status(consent: bool) -> void:
	var answer: Dictionary = await ask("status")
	if answer.has("reply"):
		status = answer.reply
		status_changed.emit(status)
		if consent:
			consent_changed.emit(status)


func _set_connected(connected: bool) -> void:
	is_connected = connected
	if not connected:
		status = {}
		welcome = {}
		_set_state(RapportState.new())
		_conditions.clear()
		_leased = ""
		_lease.stop()
		_end_active("stopped")
		status_changed.emit(status)
	connection_changed.emit(connected, "" if connected else _link.reason)


# Reactions whose sidecar is gone will not be ended by it.
func _end_active(why: String) -> void:
	var ended := active_reactions()
	_active.clear()
	for reaction: RapportReaction in ended:
		reaction.reason = why
		reaction_ended.emit(reaction)


func _follow_lease() -> void:
	var wanted := str(_link.found.get("control_token", "")) if wants_capture and not welcome.is_empty() else ""
	if wanted == _leased:
		return
	_leased = wanted
	if wanted:
		_lease.start(_link.found.control as String, wanted, app, _title)
	else:
		_lease.stop()


func _start_if_none() -> void:
	if is_connected or _launcher.tried or Time.get_ticks_msec() - _began_ms < START_AFTER_MS:
		return
	if not _link.found.is_empty() or not setting("rapport/sidecar/autostart"):
		return
	var arguments := PackedStringArray(Array(setting("rapport/sidecar/arguments")))
	if not _launcher.start(str(setting("rapport/sidecar/command")), arguments):
		connection_changed.emit(false, "sidecar_not_installed")
