@tool
@icon("../icon.svg")
class_name RapportRule
extends Resource
## One reaction of a [RapportProfile]: when a character reacts, how long, and how strongly.
##
## The sidecar carries it out: hold, cool-down, decay, priority and groups are its work, so that every
## engine reacts alike. [RapportMock] looks at [member when] only.

const _Format := preload("profile_format.gd")

## The name that code and bindings use: letters, digits, [code]_[/code] and [code]-[/code].
@export var name := "comfort":
	set(value):
		name = value.strip_edges()
		_edited()
## What the character does, for people.
@export_multiline var description := "":
	set(value):
		description = value
		_edited()
## The condition, or the group of conditions, that must come true.
@export var when: RapportCondition:
	set(value):
		if when != null and when.changed.is_connected(_edited):
			when.changed.disconnect(_edited)
		when = value
		if when != null:
			when.changed.connect(_edited)
		_edited()
@export_group("Time", "")
## It goes on at least this long once begun.
@export_range(0.0, 30.0, 0.1, "or_greater", "suffix:s") var hold_s := 1.0:
	set(value):
		hold_s = value
		_edited()
## From its end to its next begin at least this long.
@export_range(0.0, 120.0, 0.5, "or_greater", "suffix:s") var cooldown_s := 5.0:
	set(value):
		cooldown_s = value
		_edited()
## How long the strength takes to fade from 1 to 0; the reaction ends when it has faded.
@export_range(0.0, 30.0, 0.1, "or_greater", "suffix:s") var decay_s := 0.5:
	set(value):
		decay_s = value
		_edited()
@export_group("Among others", "")
## At most one reaction of a group is active; the higher priority wins. Empty: it is in none.
@export var group := "":
	set(value):
		group = value.strip_edges()
		_edited()
## The higher one of a group replaces the lower one, after its hold.
@export_range(-100, 100, 1, "or_greater", "or_less") var priority := 0:
	set(value):
		priority = value
		_edited()
@export_group("Strength", "")
## Turns the raw strength into that which the game gets, both 0 ... 1. Empty: they are the same.
## Sent as a line through its points; give it linear tangents to get exactly what you draw.
@export var strength: Curve:
	set(value):
		if strength != null and strength.changed.is_connected(_edited):
			strength.changed.disconnect(_edited)
		strength = value
		if strength != null:
			strength.changed.connect(_edited)
		_edited()
@export_group("When it is not sure", "")
## Signals that are less sure count as unknown. Conditions may say otherwise.
@export_range(0.0, 1.0, 0.01) var min_confidence := 0.0:
	set(value):
		min_confidence = value
		_edited()
## What to do while a signal is unknown. Conditions may say otherwise. Inherit means hold.
@export var unknown: RapportCondition.Unknown = RapportCondition.Unknown.HOLD:
	set(value):
		unknown = value
		_edited()
## How long hold holds.
@export_range(0.0, 60.0, 0.1, "or_greater", "suffix:s") var unknown_s := 5.0:
	set(value):
		unknown_s = value
		_edited()


## A rule with a name and a condition; the rest has its defaults.
static func make(named: String, begins_when: RapportCondition) -> RapportRule:
	var made := RapportRule.new()
	made.name = named
	made.when = begins_when
	return made


## The strength that the game gets for a raw strength, both 0 ... 1, as the sidecar computes it.
func published_strength(raw: float) -> float:
	var points := strength_points()
	if points.is_empty():
		return clampf(raw, 0.0, 1.0)
	if raw <= points[0].x:
		return points[0].y
	for index: int in range(1, points.size()):
		var low := points[index - 1]
		var high := points[index]
		if raw <= high.x:
			return lerpf(low.y, high.y, (raw - low.x) / (high.x - low.x))
	return points[-1].y


## The points of the line that [member strength] is sent as; none: the strength is sent as it is.
func strength_points() -> PackedVector2Array:
	return _Format.points_of(strength)


func _edited() -> void:
	# The inspector shows the name, so that a list of rules can be read without opening each.
	# Naming a resource emits `changed` too.
	var line := name if when == null else "%s: %s" % [name, when.summary()]
	resource_name = RapportCondition.shortened(line)
