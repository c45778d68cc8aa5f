class_name RapportReaction
extends RefCounted
## A designer's rule that has fired, goes on, or has ended.

## The reaction, as the profile names it.
var name: String
## The character that reacts.
var npc: String
## The same from begin to end; another one for each firing.
var firing: int
## How strongly, 0 … 1; the last one when it has ended.
var strength: float
## [code]entered[/code], [code]strength[/code], [code]left[/code], [code]unknown[/code],
## [code]replaced[/code], [code]profile[/code] or [code]stopped[/code].
var reason: String
## The conditions that decided.
var why: Array[RapportCause] = []
## The application that set the profile; empty: it comes from a file.
var app: String


func _init(map: Dictionary) -> void:
	name = map.name
	npc = map.npc
	firing = map.firing
	strength = map.strength
	reason = map.reason
	for cause: Dictionary in map.get("why", []):
		why.append(RapportCause.new(cause))
	app = map.get("app", "")


## Why, in words: [code]frustration 0.72 above 0.60 (voice)[/code].
func why_in_words() -> String:
	var parts := PackedStringArray()
	for cause: RapportCause in why:
		parts.append(cause.in_words())
	return ", ".join(parts)
