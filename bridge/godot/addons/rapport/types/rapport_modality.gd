class_name RapportModality
extends RefCounted
## One modality's part in a [RapportState]: how much it weighs, and what is the matter with it.

## [code]face[/code], [code]voice[/code] or [code]text[/code].
var name: String
## Its share of the state, 0 … 1; the weights of all sum to one, or are all zero.
var weight: float:
	get:
		return _map.weight
## What is the matter with the signal, [code]ok[/code] if nothing is.
var condition: String:
	get:
		return _map.condition
## How good the signal is, 0 … 1.
var quality: float:
	get:
		return (_map.get("quality", {}) as Dictionary).get("score", 0.0)
## What the quality was measured by: name to [code]{value, score}[/code]. For showing, not deciding.
var measures: Dictionary:
	get:
		return (_map.get("quality", {}) as Dictionary).get("measures", {})
## How old its evidence was, in milliseconds; NAN: there never was any.
var age_ms: float:
	get:
		return NAN if _map.get("age_ms") == null else float(_map.age_ms)
## What it says alone, in the order of [constant RapportState.LABELS]; empty: nothing.
var distribution: PackedFloat64Array:
	get:
		return PackedFloat64Array((_map.distribution as Array) if _map.get("distribution") != null else [])
## What its numbers came from, for people.
var model: String:
	get:
		return _map.get("model", "")

var _map: Dictionary


func _init(of: String, map: Dictionary) -> void:
	name = of
	_map = map
