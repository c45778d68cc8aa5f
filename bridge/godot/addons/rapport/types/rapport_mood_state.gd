class_name RapportMoodState
extends RefCounted
## Where the player's emotion has been over seconds and over minutes: part of a [RapportState]. Numbers are
## [constant @GDScript.NAN] before anything was seen or heard.

## Unpleasant to pleasant over the last seconds, −1 … 1, or NAN.
var valence: float:
	get:
		return _fields.number("valence")
## Calm to excited over the last seconds, −1 … 1, or NAN.
var arousal: float:
	get:
		return _fields.number("arousal")
## Unpleasant to pleasant over the last minutes, −1 … 1, or NAN.
var long_valence: float:
	get:
		return _fields.number("long_valence")
## Calm to excited over the last minutes, −1 … 1, or NAN.
var long_arousal: float:
	get:
		return _fields.number("long_arousal")
## How much it moves about, 0 (steady) … 1, or NAN.
var volatility: float:
	get:
		return _fields.number("volatility")
## How much of that time was seen or heard at all, 0 … 1.
var confidence: float:
	get:
		return _fields.number("confidence", 0.0)

const _Fields := preload("../core/fields.gd")

var _fields: _Fields


func _init(fields: _Fields) -> void:
	_fields = fields


## Whether anything is known.
func is_known() -> bool:
	return not _fields.map.is_empty()
