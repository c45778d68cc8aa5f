class_name RapportMoment
extends RefCounted
## How the player has taken a moment that the game has named with [code]Rapport.mark[/code]: part of a
## [RapportState].

## The course of a moment of which too little is known, or that is not followed (any more).
const UNKNOWN := "unknown"

## As it was marked.
var name: String
## Where the player has gone since then: [code]escalating[/code], [code]steady[/code] or
## [code]recovering[/code]; [constant UNKNOWN]: nobody knows.
var course: String:
	get:
		return _fields.map.get("course", UNKNOWN)
## How far it goes that way, 0 … 1.
var strength: float:
	get:
		return _fields.number("strength", 0.0)
## How much of the time since then, and before, was seen or heard, 0 … 1.
var confidence: float:
	get:
		return _fields.number("confidence", 0.0)
## How long ago it was, in seconds; NAN: it is not followed.
var since_s: float:
	get:
		return _fields.number("since_s")

const _Fields := preload("../core/fields.gd")

var _fields: _Fields


func _init(of: String, fields: _Fields) -> void:
	name = of
	_fields = fields


## Whether anything is known of how it was taken.
func is_known() -> bool:
	return course != UNKNOWN
