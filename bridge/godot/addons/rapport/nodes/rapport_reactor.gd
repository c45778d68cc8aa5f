@tool
@icon("../icon.svg")
class_name RapportReactor
extends Node
## Lets a character react: a profile, signals for your code, and bindings for what needs no code.
##
## Add it to a character, give it a [member profile], and connect its signals or add
## [member bindings]. It tells the sidecar the profile and the context when it is ready, when either has
## changed, and after every reconnection. Without a sidecar a [RapportMock] takes its place.
## [codeblock]
## func _ready() -> void:
##     $RapportReactor.on("comfort").began.connect(_sit_down)
##     $RapportReactor.on("comfort").ended.connect(_stand_up)
##
## func _on_player_hurt(health: float) -> void:
##     $RapportReactor.set_context("health", health)
## [/codeblock]

## A reaction of this character has begun. [param strength] is 0 ... 1.
signal reaction_began(name: String, strength: float, reaction: RapportReaction)
## The strength of a reaction that goes on has changed.
signal reaction_updated(name: String, strength: float, reaction: RapportReaction)
## A reaction has ended.
signal reaction_ended(name: String, reaction: RapportReaction)
## The sidecar has refused the profile. [param what] names line, key and what may be meant.
signal profile_refused(what: String)

const Client := preload("../rapport.gd")
const Driver := preload("property_driver.gd")

## All reactors are in this group.
const GROUP := &"rapport_reactors"
## Edits that come thick and fast, such as a slider that is dragged, are sent this often at most.
const PUSH_EVERY_S := 0.15
## How often a saved file of the profile is looked for, in debug builds.
const LOOK_EVERY_S := 0.5
const NAME_PATTERN := "^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$"

## When the character reacts.
@export var profile: RapportProfile:
	set(value):
		if profile != null and profile.changed.is_connected(_on_profile_changed):
			profile.changed.disconnect(_on_profile_changed)
		profile = value
		if profile != null:
			profile.changed.connect(_on_profile_changed)
		_on_profile_changed()
## The character's id: letters, digits, dots, dashes, underscores. Empty: the name of the parent node.
@export var npc := "":
	set(value):
		npc = value.strip_edges()
		update_configuration_warnings()
## Properties that follow the strength of reactions.
@export var bindings: Array[RapportBinding] = []
## In debug builds, a profile that is saved in the editor is taken over by the running game.
@export var follow_saved_file := true

var _context: Dictionary = {}
var _context_unsent: Dictionary = {}
var _channels: Dictionary = {}
var _driver := Driver.new()
var _profile_unsent := false
var _push_wait := 0.0
var _look_wait := 0.0
var _saved_at := 0


func _ready() -> void:
	if Engine.is_editor_hint():
		set_process(false)
		return
	add_to_group(GROUP)
	_saved_at = _modified()
	var rapport := _rapport()
	if rapport == null:
		push_warning("Rapport: the autoload is missing; enable the plugin in the project settings.")
		return
	rapport.reaction_began.connect(_on_began)
	rapport.reaction_updated.connect(_on_updated)
	rapport.reaction_ended.connect(_on_ended)
	rapport.connection_changed.connect(_on_connection_changed)
	_profile_unsent = true
	_push()


func _enter_tree() -> void:
	# A character that was taken out and put in again.
	_profile_unsent = true


func _exit_tree() -> void:
	if Engine.is_editor_hint():
		return
	_driver.restore()
	var rapport := _rapport()
	if rapport != null:
		rapport.clear_profile(character())


func _process(delta: float) -> void:
	var goals: Dictionary = {}
	for reaction: String in _channels:
		var channel := _channels[reaction] as RapportReactionSignals
		if channel.active:
			goals[reaction] = channel.strength
	_driver.move(bindings, goals, self, delta)
	_push_wait -= delta
	if _push_wait <= 0.0 and (_profile_unsent or not _context_unsent.is_empty()):
		_push()
	_look_wait -= delta
	if _look_wait <= 0.0:
		_look_wait = LOOK_EVERY_S
		_follow_file()


## The id under which the sidecar knows this character.
func character() -> String:
	if npc.is_empty() and get_parent() != null:
		return str(get_parent().name).replace(" ", "_")
	return npc


## The signals and the strength of one reaction.
func on(reaction: String) -> RapportReactionSignals:
	if not _channels.has(reaction):
		_channels[reaction] = RapportReactionSignals.new()
	return _channels[reaction]


## Whether a reaction goes on.
func is_active(reaction: String) -> bool:
	return _channels.has(reaction) and on(reaction).active


## How strong a reaction is, 0 ... 1; 0 while it does not go on.
func strength_of(reaction: String) -> float:
	return on(reaction).strength if is_active(reaction) else 0.0


## The reactions that go on.
func active() -> PackedStringArray:
	var found := PackedStringArray()
	for reaction: String in _channels:
		if on(reaction).active:
			found.append(reaction)
	return found


## Tells a variable of your game, which the profile reads as the signal [code]context.<name>[/code]:
## a number, a boolean, a text of at most 64 characters, or null for "not known any more".
func set_context(variable: String, value: Variant) -> void:
	if value == null:
		_context.erase(variable)
	else:
		_context[variable] = value
	_context_unsent[variable] = value


## All that was set with [method set_context].
func context() -> Dictionary:
	return _context.duplicate()


func _push() -> void:
	var rapport := _rapport()
	if rapport == null or not rapport.is_connected:
		return
	_push_wait = PUSH_EVERY_S
	if _profile_unsent:
		_profile_unsent = false
		await _push_profile(rapport)
	if not _context_unsent.is_empty():
		var told := _context_unsent
		_context_unsent = {}
		rapport.set_context(character(), told)


func _push_profile(rapport: Client) -> void:
	if profile == null or profile.reactions.is_empty():
		rapport.clear_profile(character())
		return
	var reply: Dictionary = await rapport.set_profile(character(), profile.to_json())
	if reply.has("error"):
		push_warning("Rapport: the profile of '%s' is not used: %s" % [character(), reply.error.what])
		profile_refused.emit(str(reply.error.what))


func _on_profile_changed() -> void:
	_profile_unsent = true
	update_configuration_warnings()


# What was sent already is sent anew by the autoload, after every reconnection.
func _on_connection_changed(connected: bool, _reason: String) -> void:
	if connected:
		_push()


func _on_began(reaction: RapportReaction) -> void:
	if reaction.npc != character():
		return
	var channel := on(reaction.name)
	channel.active = true
	channel.strength = reaction.strength
	channel.began.emit(reaction.strength, reaction)
	reaction_began.emit(reaction.name, reaction.strength, reaction)


func _on_updated(reaction: RapportReaction) -> void:
	if reaction.npc != character():
		return
	var channel := on(reaction.name)
	channel.active = true
	channel.strength = reaction.strength
	channel.updated.emit(reaction.strength, reaction)
	reaction_updated.emit(reaction.name, reaction.strength, reaction)


func _on_ended(reaction: RapportReaction) -> void:
	if reaction.npc != character():
		return
	var channel := on(reaction.name)
	channel.active = false
	channel.strength = 0.0
	channel.ended.emit(reaction)
	reaction_ended.emit(reaction.name, reaction)


# A designer saves the profile in the editor while the game runs: take it over.
func _follow_file() -> void:
	if not follow_saved_file or not OS.is_debug_build() or profile == null:
		return
	var now := _modified()
	if now == _saved_at:
		return
	_saved_at = now
	var saved := ResourceLoader.load(profile.resource_path, "", ResourceLoader.CACHE_MODE_IGNORE_DEEP) as RapportProfile
	if saved != null:
		profile.become(saved)


func _modified() -> int:
	# A profile inside a scene has no file of its own.
	if profile == null or not FileAccess.file_exists(profile.resource_path):
		return 0
	return FileAccess.get_modified_time(profile.resource_path)


func _get_configuration_warnings() -> PackedStringArray:
	var found := PackedStringArray()
	if profile == null:
		found.append("Give it a profile: when does the character react?")
	else:
		found.append_array(profile.warnings())
	for binding: RapportBinding in bindings:
		if binding != null and profile != null and profile.find(binding.reaction) == null:
			found.append("A binding is for '%s', which is no reaction of the profile." % binding.reaction)
		if binding != null and is_inside_tree() and Driver.find(binding.target, self) == null:
			found.append("The binding of '%s' names a node that is not there: %s" % [binding.reaction, binding.target])
	if RegEx.create_from_string(NAME_PATTERN).search(character()) == null:
		found.append("'%s' is no id: use up to 64 letters, digits, dots, dashes and underscores." % character())
	return found


func _rapport() -> Client:
	return get_node_or_null(^"/root/Rapport") as Client
