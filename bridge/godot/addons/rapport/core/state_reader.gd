extends RefCounted
## Reads states: those of a shape that is known at once, others field by field.

const Check := preload("message_check.gd")
const MessagePack := preload("message_pack.gd")
const Shape := preload("state_shape.gd")
const Fields := preload("fields.gd")

## Shapes that are kept, by their length.
const SHAPES_MAX := 16
## A shape is learned from every so many-th state that has none: it takes as long as reading two.
const LEARN_EVERY := 4

var _topic := Check.STATE_TOPIC.to_ascii_buffer()
var _reader := MessagePack.new()
var _shapes: Dictionary = {}
var _unknown := 0


## The state that a frame holds, or null: it holds none.
func read(frame: PackedByteArray) -> RapportState:
	var start := Check.STATE_TOPIC.length()
	if frame.slice(0, start) != _topic:
		return null
	var shape := _shapes.get(frame.size()) as Shape
	if shape != null:
		var fields := shape.read(frame, start)
		if fields != null:
			return RapportState._of(fields, frame)
	var map: Variant = _reader.read(frame, start)
	if not map is Dictionary or Check.state(map as Dictionary) != "":
		return null
	if _unknown % LEARN_EVERY == 0:
		_learn(frame, start, map as Dictionary)
	_unknown += 1
	return RapportState.new(map as Dictionary)


func _learn(frame: PackedByteArray, start: int, map: Dictionary) -> void:
	if _shapes.size() >= SHAPES_MAX:
		_shapes.clear()
	_shapes[frame.size()] = Shape.of(frame, start, map)
