extends "res://case.gd"
## Bindings move properties with the strength of a reaction, and put them back.

var _sprite := Sprite2D.new()
var _reactor := RapportReactor.new()
var _firing := 0


func _ready() -> void:
	var npc := Node2D.new()
	npc.name = "Mira"
	_sprite.name = "Face"
	_sprite.modulate = Color(0.5, 0.5, 0.5, 1.0)
	_sprite.position = Vector2(10.0, 20.0)
	npc.add_child(_sprite)
	var blush := RapportBinding.make("comfort", ^"../Face", "modulate", Color(1.0, 0.5, 0.5, 1.0))
	blush.smoothing_s = 0.0
	var lean := RapportBinding.make("comfort", ^"../Face", "position:y", 40.0)
	lean.smoothing_s = 0.1
	var flip := RapportBinding.make("comfort", ^"../Face", "flip_h", true)
	var shy := RapportBinding.make("hide", ^"../Face", "position:y", 100.0)
	shy.smoothing_s = 0.0
	var nowhere := RapportBinding.make("hide", ^"../Face", "position:x", 0.0)
	nowhere.from_as_it_is = false
	nowhere.from = 5.0
	nowhere.smoothing_s = 0.0
	_reactor.bindings = [blush, lean, flip, shy, nowhere]
	npc.add_child(_reactor)
	add_child(npc)
	await _frames(2)
	if not await _goes(): return
	# While it goes on, the node leaves: everything is put back at once.
	_tell("reaction_began", "comfort", 1.0)
	await until(func() -> bool: return _sprite.position.y > 30.0, 5.0)
	npc.remove_child(_reactor)
	if not _is_at_rest():
		failed("not put back when the reactor left: %s %s" % [_sprite.modulate, _sprite.position])
		return
	_reactor.free()
	passed()


func _goes() -> bool:
	_tell("reaction_began", "comfort", 0.5)
	await _frames(1)
	if not _sprite.modulate.is_equal_approx(Color(0.75, 0.5, 0.5, 1.0)) or not _sprite.flip_h:
		failed("half of the way: %s %s" % [_sprite.modulate, _sprite.flip_h])
		return false
	if _sprite.position.y >= 29.9:
		failed("smoothing is at its end at once: %s" % _sprite.position)
		return false
	_tell("reaction_updated", "comfort", 1.0)
	if not await until(func() -> bool: return is_equal_approx(_sprite.position.y, 40.0), 5.0):
		failed("never got there: %s" % _sprite.position)
		return false
	# A second reaction moves the same property on from where the first has left it.
	_tell("reaction_began", "hide", 0.5)
	await _frames(2)
	if not _sprite.position.is_equal_approx(Vector2(2.5, 70.0)):
		failed("two at once: %s" % _sprite.position)
		return false
	_tell("reaction_ended", "hide", 0.0)
	_tell("reaction_ended", "comfort", 0.0)
	if not await until(_is_at_rest, 5.0):
		failed("not put back: %s %s %s" % [_sprite.modulate, _sprite.position, _sprite.flip_h])
		return false
	# What the game itself sets meanwhile is the new rest.
	_sprite.modulate = Color(0.5, 0.5, 0.5, 0.25)
	_tell("reaction_began", "comfort", 1.0)
	await _frames(2)
	_tell("reaction_ended", "comfort", 0.0)
	await until(func() -> bool: return _sprite.position.y < 20.1, 5.0)
	if not is_equal_approx(_sprite.modulate.a, 0.25):
		failed("the game's own value was lost: %s" % _sprite.modulate)
		return false
	_sprite.modulate.a = 1.0
	return true


func _is_at_rest() -> bool:
	return (
		_sprite.modulate.is_equal_approx(Color(0.5, 0.5, 0.5, 1.0))
		and _sprite.position.is_equal_approx(Vector2(10.0, 20.0))
		and not _sprite.flip_h
	)


func _frames(count: int) -> void:
	for index: int in count:
		await get_tree().process_frame


func _tell(kind: String, reaction: String, strength: float) -> void:
	_firing += int(kind == "reaction_began")
	var wrong := Rapport.feed_event({
		"kind": kind,
		"at_ns": 0,
		"at_wall": 0.0,
		"reaction": { "name": reaction, "npc": "Mira", "firing": _firing, "strength": strength, "reason": "entered" },
	})
	if wrong:
		failed(wrong)
