class_name RapportModality
extends RefCounted
## One modality's part in a [RapportState]: how much it weighs, and what is the matter with it.

## [code]face[/code], [code]voice[/code], [code]text[/code] or [code]appraisal[/code].
var name: String
## Its share of the state, 0 … 1; the weights of all sum to one, or are all zero.
var weight: float:
	get:
		return _fields.number("weight")
## What is the matter with the signal, [code]ok[/code] if nothing is.
var condition: String:
	get:
		return _fields.map.condition
## How good the signal is, 0 … 1.
var quality: float:
	get:
		return _fields.inside("quality").number("score", 0.0)
## What the quality was measured by: name to [code]{value, score}[/code]. For showing, not deciding.
var measures: Dictionary:
	get:
		var all := _fields.inside("quality").inside("measures")
		var found: Dictionary = {}
		for measure: String in all.map:
			var one := all.inside(measure)
			found[measure] = {"value": one.number("value"), "score": one.number("score")}
		return found
## How old its evidence was, in milliseconds; NAN: there never was any.
var age_ms: float:
	get:
		return _fields.number("age_ms")
## What it says alone, in the order of [constant RapportState.LABELS]; empty: nothing.
var distribution: PackedFloat64Array:
	get:
		return _fields.numbers("distribution", RapportState.LABELS.size())
## Unpleasant to pleasant as it alone says, −1 … 1, or NAN.
var valence: float:
	get:
		return _fields.number("valence")
## Calm to excited as it alone says, −1 … 1, or NAN.
var arousal: float:
	get:
		return _fields.number("arousal")
## What its numbers came from, for people.
var model: String:
	get:
		return _fields.map.get("model", "")

const _Fields := preload("../core/fields.gd")

var _fields: _Fields


func _init(of: String, fields: _Fields) -> void:
	name = of
	_fields = fields
