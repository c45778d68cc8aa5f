class_name RapportContradiction
extends RefCounted
## That the words, the voice and the face of the player's newest line contradict each other: part of a
## [RapportState].

## What it is: [code]sarcasm[/code] (glad words said otherwise), [code]masking[/code] (a smile over distress) or
## [code]forced_politeness[/code] (thanks without warmth); empty: none that anybody knows of.
var kind: String:
	get:
		return _fields.map.get("kind", "")
## How sure that is, 0 … 1; 0 without one.
var strength: float:
	get:
		return _fields.number("strength", 0.0)
## The label that the state would have if the line were taken at its word.
var before: String:
	get:
		return _fields.map.get("before", RapportState.UNCERTAIN)
## The label with what is doubted weighing less.
var after: String:
	get:
		return _fields.map.get("after", RapportState.UNCERTAIN)
## The game's own id of the line; empty: it gave none.
var line: String:
	get:
		return _fields.map.get("line", "")

const _Fields := preload("../core/fields.gd")

var _fields: _Fields


func _init(fields: _Fields) -> void:
	_fields = fields


## Whether there is one.
func is_known() -> bool:
	return not kind.is_empty()
