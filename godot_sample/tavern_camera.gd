class_name TavernCamera
extends Camera2D
## Shows the whole room, and moves in on two who talk.

const WHOLE := Vector2(640.0, 360.0)
const ZOOM := 1.28
const GLIDE_S := 0.7
## How far above the floor a talk is framed, so that the dialogue box has room below it.
const FRAME_Y := 496.0
const HALF := Vector2(640.0, 360.0)
const ROOM := Rect2(0.0, 0.0, 1280.0, 860.0)

var preferences: Preferences

var _glide: Tween


## Moves in on what is between two places on the floor.
func frame(one: Vector2, other: Vector2) -> void:
	var middle := Vector2((one.x + other.x) / 2.0, FRAME_Y)
	var half := HALF / ZOOM
	_move(middle.clamp(ROOM.position + half, ROOM.end - half), ZOOM)


## Shows the room again.
func unframe() -> void:
	_move(WHOLE, 1.0)


func _move(to: Vector2, closer: float) -> void:
	if _glide != null:
		_glide.kill()
	if preferences.reduced_motion:
		position = to
		zoom = Vector2.ONE * closer
		return
	_glide = create_tween().set_parallel().set_trans(Tween.TRANS_SINE).set_ease(Tween.EASE_IN_OUT)
	_glide.tween_property(self, "position", to, GLIDE_S)
	_glide.tween_property(self, "zoom", Vector2.ONE * closer, GLIDE_S)
