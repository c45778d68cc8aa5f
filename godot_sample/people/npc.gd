class_name Npc
extends Person
## Somebody who reacts to how the player feels. What the face and the posture do is bound to the strength
## of each reaction in the inspector of the [RapportReactor]; what is said comes from a dialogue file; what
## only this one does is in a script that extends this.

## A reaction of this one has begun or ended.
signal reacted(npc: Npc, reaction: String, active: bool)

## Where the player can talk to this one.
@export var earshot := 125.0

@export_file("*.json") var dialogue_file := ""

## What was said and done so far.
var story: Story
## The player.
var traveller: Traveller
var dialogue: Dialogue
## Whether they talk just now: then lines go to the dialogue box, and no bubble is needed.
var in_conversation := false

var home_x := 0.0

@onready var reactor: RapportReactor = $RapportReactor


func _ready() -> void:
	super()
	home_x = position.x
	dialogue = Dialogue.from_file(dialogue_file)
	reactor.reaction_began.connect(_on_reaction_began)
	reactor.reaction_ended.connect(_on_reaction_ended)


func _process(delta: float) -> void:
	super(delta)
	if not is_walking() and traveller != null:
		_attend()


## Whether the player stands within earshot.
func is_near() -> bool:
	return traveller != null and absf(traveller.position.x - position.x) < earshot


## Tells the profile a variable of the game, when it has changed.
func reactor_context(variable: String, value: Variant) -> void:
	if reactor.context().get(variable) != value:
		reactor.set_context(variable, value)


## What this one is doing, by priority of the profile; empty: nothing in particular.
func reactions() -> PackedStringArray:
	return reactor.active()


## Looks where it must; most people look at a customer.
func _attend() -> void:
	look_at_x(traveller.position.x)


## What happens when a reaction begins, besides bindings and words.
func _begin(_reaction: String) -> void:
	pass


## What happens when a reaction has ended.
func _end(_reaction: String) -> void:
	pass


func _on_reaction_began(reaction: String, _strength: float, _why: RapportReaction) -> void:
	var words := dialogue.bark(reaction)
	if not words.is_empty():
		speak(words)
	_begin(reaction)
	reacted.emit(self, reaction, true)


func _on_reaction_ended(reaction: String, _why: RapportReaction) -> void:
	_end(reaction)
	reacted.emit(self, reaction, false)
