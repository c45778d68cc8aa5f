class_name Hud
extends Control
## The edge of the screen: coins, keys, whom the player could talk to, and short notices.

const NOTICE_S := 5.0

var _notice_left_s := 0.0

@onready var _purse: Label = %Purse
@onready var _keys: Label = %Keys
@onready var _prompt: Label = %Prompt
@onready var _notice: Label = %Notice


func _process(delta: float) -> void:
	_notice_left_s -= delta
	_notice.visible = _notice_left_s > 0.0


## Shows what the player owns.
func show_purse(story: Story) -> void:
	var owned := PackedStringArray(["%d coins" % story.number("coins")])
	if story.is_true("has_lantern"):
		owned.append("storm lantern")
	if story.number("ropes") > 0 and story.is_true("has_lantern"):
		owned.append("rope")
	_purse.text = "   ·   ".join(owned)


## Shows whom the player could talk to; null: nobody.
func show_prompt(npc: Npc) -> void:
	_prompt.visible = npc != null
	if npc != null:
		_prompt.text = "E   talk to %s" % npc.title


## Shows or hides the line of keys.
func show_keys(shown: bool) -> void:
	_keys.visible = shown


## A short notice, gone by itself.
func notify(text: String) -> void:
	_notice.text = text
	_notice_left_s = NOTICE_S
