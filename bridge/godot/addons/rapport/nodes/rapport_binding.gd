@tool
@icon("../icon.svg")
class_name RapportBinding
extends Resource
## Lets a reaction's strength move a property: an [AnimationTree] parameter, a blend shape, a colour.
##
## Belongs to a [RapportReactor]. Some properties, as they are written here:
## [codeblock]
## parameters/comfort/blend_amount     of an AnimationTree
## blend_shapes/Smile                  of a MeshInstance3D
## modulate:a                          of anything that is drawn
## [/codeblock]
## When the reaction has ended, the property gets back what it was before.

enum Type {
	NUMBER,
	COLOUR,
	VECTOR2,
	VECTOR3,
	FLAG, ## [member to] while the reaction goes on.
}

const _TYPES: Dictionary = {
	Type.NUMBER: TYPE_FLOAT,
	Type.COLOUR: TYPE_COLOR,
	Type.VECTOR2: TYPE_VECTOR2,
	Type.VECTOR3: TYPE_VECTOR3,
	Type.FLAG: TYPE_BOOL,
}
const _REST: Dictionary = {
	Type.NUMBER: 0.0,
	Type.COLOUR: Color.WHITE,
	Type.VECTOR2: Vector2.ZERO,
	Type.VECTOR3: Vector3.ZERO,
	Type.FLAG: false,
}
const _FULL: Dictionary = {
	Type.NUMBER: 1.0,
	Type.COLOUR: Color.WHITE,
	Type.VECTOR2: Vector2.ONE,
	Type.VECTOR3: Vector3.ONE,
	Type.FLAG: true,
}
## A strength below this is not seen any more.
const NOTHING := 0.002

## The reaction that moves it.
@export var reaction := "comfort":
	set(value):
		reaction = value.strip_edges()
		emit_changed()
## The node, from the reactor or from the root of its scene.
@export var target := NodePath():
	set(value):
		target = value
		emit_changed()
## The property, with a colon before a part of it: [code]position:y[/code].
@export var property := "":
	set(value):
		property = value.strip_edges()
		emit_changed()
## What sort of value it is.
@export var type: Type = Type.NUMBER:
	set(value):
		if type != value:
			type = value
			from = _REST[type]
			to = _FULL[type]
		notify_property_list_changed()
		emit_changed()
## Starts from what the property is when the reaction begins; else from [member from].
@export var from_as_it_is := true:
	set(value):
		from_as_it_is = value
		notify_property_list_changed()
		emit_changed()
## The value at strength 0; of the kind that [member type] says.
var from: Variant = 0.0:
	set(value):
		from = value
		emit_changed()
## The value at strength 1; of the kind that [member type] says.
var to: Variant = 1.0:
	set(value):
		to = value
		emit_changed()
## How slowly the value follows: after this long it has gone two thirds of the way. 0: at once.
@export_range(0.0, 5.0, 0.01, "or_greater", "suffix:s") var smoothing_s := 0.15:
	set(value):
		smoothing_s = maxf(value, 0.0)
		emit_changed()
## Bends the strength, both axes 0 ... 1. Empty: it is taken as it is.
@export var curve: Curve:
	set(value):
		curve = value
		emit_changed()


## A binding in one line.
static func make(of_reaction: String, node: NodePath, of_property: String, full: Variant) -> RapportBinding:
	var made := RapportBinding.new()
	made.reaction = of_reaction
	made.target = node
	made.property = of_property
	for each: Type in _TYPES:
		if typeof(full) == _TYPES[each] or (each == Type.NUMBER and full is int):
			made.type = each
	made.to = full
	return made


## The value at a strength of 0 ... 1, where the property would have [param rest] without it.
func value_at(strength: float, rest: Variant) -> Variant:
	var share := clampf(curve.sample(strength) if curve != null else strength, 0.0, 1.0)
	var start: Variant = rest if from_as_it_is else from
	if type == Type.FLAG:
		return to if strength > NOTHING else start
	return lerp(start, to, share)


## The strength after [param delta] seconds on the way from one to another.
func follow(strength: float, goal: float, delta: float) -> float:
	if smoothing_s <= 0.0 or type == Type.FLAG:
		return goal
	var next := lerpf(goal, strength, exp(-delta / smoothing_s))
	return goal if absf(next - goal) < NOTHING else next


func _get_property_list() -> Array[Dictionary]:
	var shown: Array[Dictionary] = []
	for value: String in ["from", "to"]:
		var hidden := value == "from" and from_as_it_is
		shown.append({
			"name": value,
			"type": _TYPES[type],
			"usage": PROPERTY_USAGE_STORAGE if hidden else PROPERTY_USAGE_DEFAULT,
		})
	return shown


func _property_can_revert(property_name: StringName) -> bool:
	return property_name in [&"from", &"to"]


func _property_get_revert(property_name: StringName) -> Variant:
	return { &"from": _REST, &"to": _FULL }[property_name][type]
