extends RefCounted
## The fields of a map that came over the wire: the map itself, and in place of its numbers those of one message,
## where many messages share the map.

const Fields := preload("fields.gd")

## The map. Its numbers are those of another message where there are numbers of this one.
var map: Dictionary

var _numbers: PackedFloat64Array
# The name of a field to the place of its number, of the first of its numbers, or to the places inside of it.
var _places: Dictionary


func _init(of: Dictionary, own := PackedFloat64Array(), places: Dictionary = {}) -> void:
	map = of
	_numbers = own
	_places = places


## A number, or [param missing].
func number(name: String, missing: float = NAN) -> float:
	var place: Variant = _places.get(name)
	if place != null:
		return _numbers[place as int]
	var value: Variant = map.get(name)
	return missing if value == null else float(value)


## [param count] numbers; empty: there are none.
func numbers(name: String, count: int) -> PackedFloat64Array:
	var first: Variant = _places.get(name)
	if first != null:
		return _numbers.slice(first as int, first as int + count)
	var value: Variant = map.get(name)
	return PackedFloat64Array() if value == null else PackedFloat64Array(value as Array)


## The fields of a map inside; empty where it is not.
func inside(name: String) -> Fields:
	var value: Variant = map.get(name)
	if value == null:
		return Fields.new({})
	var places: Variant = _places.get(name)
	return Fields.new(value as Dictionary, _numbers, places if places != null else {})
