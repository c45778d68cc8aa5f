class_name RapportEvent
extends RefCounted
## Something that happened once. Every one is delivered, in order.

## What happened, for example [code]face_lost[/code]; bridge/protocol/SPEC.md lists all.
var kind: String
## The stable code of the error behind it; empty: none.
var code: String
## One sentence for people, in English.
var detail: String
## When, seconds since the Unix epoch.
var at_wall: float
## Counts up by one per event.
var sequence: int
## The reaction, in the three kinds of reaction events; else null.
var reaction: RapportReaction

var _map: Dictionary


func _init(map: Dictionary) -> void:
	_map = map
	kind = map.kind
	code = map.get("code", "")
	detail = map.get("detail", "")
	at_wall = map.at_wall
	sequence = map.get("sequence", 0)
	if map.get("reaction") != null:
		reaction = RapportReaction.new(map.reaction as Dictionary)


## The fields as they came over the wire. Not to be changed.
func to_dictionary() -> Dictionary:
	return _map
