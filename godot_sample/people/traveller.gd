class_name Traveller
extends Person
## The player: walks with the arrow keys, WASD or a stick.

## How far the floor goes.
const FLOOR := Vector2(262.0, 1066.0)
const STRIDE := 60.0

## Not while somebody is talked to, or a menu is open.
var may_walk := false

var _steered := false


func _process(delta: float) -> void:
	var wish := Input.get_axis("walk_left", "walk_right") if may_walk else 0.0
	if absf(wish) > 0.1:
		goal_x = clampf(position.x + wish * STRIDE, FLOOR.x, FLOOR.y)
		attention = signf(wish) * 0.5
	elif may_walk and _steered:
		goal_x = position.x
	_steered = absf(wish) > 0.1
	super(delta)
