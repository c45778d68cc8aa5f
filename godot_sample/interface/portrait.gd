class_name Portrait
extends Control
## The face of whoever is talked to, large, with the same expression as in the room.

const SCALE := 1.42
const FRAME := Color("c79a4a")
const GROUND_TOP := Color("6b4436")
const GROUND_BOTTOM := Color("3a2420")

var _face: Face
var _frame := Control.new()


func _ready() -> void:
	clip_contents = true
	_frame.set_anchors_preset(Control.PRESET_FULL_RECT)
	_frame.draw.connect(_draw_frame)
	add_child(_frame)


## Shows another face.
func show_face(of: Npc) -> void:
	if _face != null:
		_face.queue_free()
	_face = of.face.duplicate() as Face
	_face.original = of.face
	_face.rotation = 0.0
	_face.turn = 0.25
	_face.gaze = Vector2(0.25, 0.0)
	_face.scale = Vector2.ONE * SCALE
	_face.position = size * Vector2(0.5, 0.51) + Vector2(0.0, of.hat_height)
	add_child(_face)
	move_child(_frame, -1)
	queue_redraw()


func _draw() -> void:
	var corners := PackedVector2Array([Vector2.ZERO, Vector2(size.x, 0), size, Vector2(0, size.y)])
	draw_polygon(corners, PackedColorArray([GROUND_TOP, GROUND_TOP, GROUND_BOTTOM, GROUND_BOTTOM]))
	if _face != null and _face.original != null:
		var coat := (_face.original.get_parent() as Figure).cloth
		Shapes.ellipse(self, Vector2(size.x * 0.5, size.y * 1.08), Vector2(size.x * 0.46, size.y * 0.25), coat)


# The frame lies over the face, which is a child.
func _draw_frame() -> void:
	_frame.draw_rect(Rect2(Vector2.ONE, size - 2.0 * Vector2.ONE), FRAME, false, 3.0)
