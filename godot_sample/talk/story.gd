class_name Story
extends RefCounted
## What the game knows of this evening: coins, trust, the price of a lantern. Dialogue changes it, and
## people tell parts of it to their profiles as context.

## A value is another one now.
signal changed(name: String)

const AT_THE_START: Dictionary = {
	"coins": 10,
	"price": 9,
	"trust": 0,
	"ropes": 0,
	"has_lantern": false,
	"heard_song": false,
}

var _values := AT_THE_START.duplicate()


func number(name: String) -> int:
	return int(_values.get(name, 0) as int)


func is_true(name: String) -> bool:
	return bool(_values.get(name, false))


func put(name: String, value: Variant) -> void:
	if _values.get(name) != value:
		_values[name] = value
		changed.emit(name)


func add(name: String, amount: int) -> void:
	put(name, number(name) + amount)


## Whether all that a reply needs is so: [code]{"has_lantern": false, "coins": "price"}[/code]. A number is
## at least that many; a text names another value.
func allows(needs: Dictionary) -> bool:
	for name: String in needs:
		var needed: Variant = needs[name]
		if needed is bool:
			if is_true(name) != needed:
				return false
		elif number(name) < _amount(needed):
			return false
	return true


## Takes over what a reply changes: [code]{"trust": 1, "coins": "-price", "has_lantern": true}[/code].
## Numbers are added.
func apply(changes: Dictionary) -> void:
	for name: String in changes:
		var change: Variant = changes[name]
		if change is bool:
			put(name, change)
		else:
			add(name, _amount(change))


## A text with its [code]{coins}[/code] and [code]{price}[/code] filled in.
func fill(text: String) -> String:
	return text.format(_values)


func _amount(of: Variant) -> int:
	if of is String:
		var named := of as String
		return -number(named.trim_prefix("-")) if named.begins_with("-") else number(named)
	return int(of as float)
