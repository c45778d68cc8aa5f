class_name RapportConversation
extends RefCounted
## Where the dialogue stands: part of a [RapportState].

## How much was said so far, by anybody; 0: nothing.
var utterances: int:
	get:
		return int(_fields.number("utterances", 0.0))
## The game's own id of the newest line; empty: it gave none, or somebody spoke without a line.
var line: String:
	get:
		return _fields.map.get("line", "")
## Who has said the newest: [code]player[/code] or [code]npc[/code]; empty: nobody yet.
var role: String:
	get:
		return _fields.map.get("role", "")
## How long nobody has spoken, in seconds; NAN: somebody does, or nothing was said yet.
var pause_s: float:
	get:
		return _fields.number("pause_s")
## What the player's newest words express after all that came before, in the order of
## [constant RapportState.LABELS]; empty: not known.
var reading: PackedFloat64Array:
	get:
		return _fields.numbers("reading", RapportState.LABELS.size())
## What the dialogue so far lets expect of the player now, in the order of [constant RapportState.LABELS]; empty:
## not known.
var expected: PackedFloat64Array:
	get:
		return _fields.numbers("expected", RapportState.LABELS.size())

const _Fields := preload("../core/fields.gd")

var _fields: _Fields


func _init(fields: _Fields) -> void:
	_fields = fields
