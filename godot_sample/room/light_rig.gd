class_name LightRig
extends Node
## The light of the room as a whole. It follows the reactions: cool for a sad tune, gold for a merry one,
## dim and quiet when it was all too much.

const USUAL := Color(0.56, 0.47, 0.52)
## The tint of the room while a reaction of anybody goes on, the first of these that does.
const TINTS: Dictionary = {
	"hush": Color(0.36, 0.33, 0.42),
	"give_space": Color(0.5, 0.42, 0.46),
	"melancholy": Color(0.44, 0.46, 0.64),
	"comfort": Color(0.6, 0.47, 0.46),
	"coaxed": Color(0.66, 0.55, 0.47),
	"celebrate": Color(0.66, 0.54, 0.5),
}
const FOLLOW_S := 0.8

@export var tint: CanvasModulate
@export var candles: Array[Candle] = []

# By npc and reaction, those that go on.
var _active: Dictionary = {}


func follow(npc: Npc) -> void:
	npc.reacted.connect(_on_reacted)


func _process(delta: float) -> void:
	var goal := USUAL
	for reaction: String in TINTS:
		if _is_active(reaction):
			goal = TINTS[reaction]
			break
	var share := 1.0 - exp(-delta / FOLLOW_S)
	tint.color = tint.color.lerp(goal, share)
	var burning := 0.35 if _is_active("hush") else 1.0
	for candle: Candle in candles:
		candle.burning = lerpf(candle.burning, burning, share)


func _is_active(reaction: String) -> bool:
	return _active.values().has(reaction)


func _on_reacted(npc: Npc, reaction: String, active: bool) -> void:
	var key := "%s/%s" % [npc.title, reaction]
	if active:
		_active[key] = reaction
	else:
		_active.erase(key)
