extends RefCounted
## The shape of a state: all of it but its numbers.
##
## The states of a sidecar differ in little else, so one of a known shape is read and judged in a fraction of the
## time: its numbers are taken from their places, held against their ranges and blotted out, and what is left must
## be the shape, byte for byte.

const Check := preload("message_check.gd")
const Fields := preload("fields.gd")
const Shape := preload("state_shape.gd")

# What the fields are inside of a field: those of a map, or of each of its maps.
const _MAPS := {
	"quality": Check.QUALITY, "burst": Check.BURST, "contradiction": Check.CONTRADICTION, "mood": Check.MOOD,
	"conversation": Check.CONVERSATION,
}
const _MAPS_BY_NAME := {
	"modalities": Check.MODALITY, "measures": Check.MEASURE, "granular": Check.GRANULAR, "moments": Check.MOMENT,
}
const _SHARES: PackedStringArray = ["probabilities", "distribution", "reading", "expected"]
const _SHARE := [Check.NUMBER, true, false, Check.SHARE]
# Marks of what tells its size, and in how many bytes.
const _LENGTHS := {
	0xc4: 1, 0xc5: 2, 0xc6: 4, 0xc7: 1, 0xc8: 2, 0xc9: 4, 0xd9: 1, 0xda: 2, 0xdb: 4, 0xdc: 2, 0xdd: 4, 0xde: 2, 0xdf: 4,
}
enum { FIXED, DOUBLE, UNSIGNED }

# The state without its topic, in reverse, so that numbers have their least byte first; its numbers are zero.
var _rest: PackedByteArray
var _map: Dictionary
var _places: Dictionary = {}
# Doubles, then unsigned integers: where each begins in `_rest`, and between what it must lie.
var _at := PackedInt32Array()
var _widths := PackedInt32Array()
var _lowest := PackedFloat64Array()
var _highest := PackedFloat64Array()
# The firsts of the shares that sum to one, and the weights, which sum to one or to nothing.
var _shares := PackedInt32Array()
var _weights := PackedInt32Array()


## The shape of a state that was read and is sound; null: it has none.
static func of(bytes: PackedByteArray, start: int, map: Dictionary) -> Shape:
	var shape := Shape.new()
	return shape if shape._learn(bytes.slice(start), map) else null


## The fields of a state of this shape; null: it has another, or is none.
func read(bytes: PackedByteArray, start: int) -> Fields:
	var rest := bytes.slice(start)
	rest.reverse()
	if rest.size() != _rest.size():
		return null
	var at := _at
	var lowest := _lowest
	var highest := _highest
	var numbers := PackedFloat64Array()
	numbers.resize(at.size())
	var doubles := at.size() - _widths.size()
	for index: int in doubles:
		var value := rest.decode_double(at[index])
		if not (value >= lowest[index] and value <= highest[index]):  # so that NaN is refused, too
			return null
		numbers[index] = value
		rest.encode_u64(at[index], 0)
	for index: int in range(doubles, at.size()):
		numbers[index] = _take_unsigned(rest, at[index], _widths[index - doubles])
		if numbers[index] < lowest[index] or numbers[index] > highest[index]:
			return null
	return Fields.new(_map, numbers, _places) if rest == _rest and _sums_are_right(numbers) else null


func _sums_are_right(numbers: PackedFloat64Array) -> bool:
	for first: int in _shares:
		var sum := 0.0
		for index: int in range(first, first + Check.LABELS.size()):
			sum += numbers[index]
		if absf(sum - 1.0) > Check.SUM_TOLERANCE:
			return false
	var weights := 0.0
	for index: int in _weights:
		weights += numbers[index]
	return absf(weights - 1.0) <= Check.SUM_TOLERANCE or weights <= Check.SUM_TOLERANCE


static func _take_unsigned(rest: PackedByteArray, at: int, width: int) -> float:
	var value := 0
	match width:
		1:
			value = rest.decode_u8(at)
			rest.encode_u8(at, 0)
		2:
			value = rest.decode_u16(at)
			rest.encode_u16(at, 0)
		4:
			value = rest.decode_u32(at)
			rest.encode_u32(at, 0)
		8:
			value = rest.decode_s64(at)  # below zero: beyond what an integer holds
			rest.encode_u64(at, 0)
	return float(value)


# Learns from a state. Returns false where not every number has a place of its own.
func _learn(bytes: PackedByteArray, map: Dictionary) -> bool:
	var tokens := _numbers_in(bytes)
	var leaves: Array[Array] = []
	_gather(map, _places, leaves, Check.STATE)
	if leaves.size() != tokens.size():
		return false  # a field was there twice
	_map = map
	_rest = bytes
	_rest.reverse()
	for kind: int in [DOUBLE, UNSIGNED]:
		for index: int in tokens.size():
			if leaves[index][3] and not _are_doubles(tokens, index):
				return false
			if tokens[index].z == kind:
				_settle(tokens[index], leaves[index])
	for name: String in map.modalities:
		_weights.append((_places.modalities[name] as Dictionary).get("weight", -1) as int)
	return not _weights.has(-1)


# Whether the eight shares from a place on are doubles, side by side.
static func _are_doubles(tokens: Array[Vector3i], first: int) -> bool:
	for index: int in range(first, first + Check.LABELS.size()):
		if tokens[index].z != DOUBLE:
			return false
	return true


# The numbers of a message in their order: where one begins, of how many bytes it is, and what it is.
static func _numbers_in(bytes: PackedByteArray) -> Array[Vector3i]:
	var found: Array[Vector3i] = []
	var at := 0
	while at < bytes.size():
		var mark := bytes[at]
		at += 1
		if mark >= 0xa0 and mark < 0xc0:
			at += mark & 0x1f
		elif mark == 0xcb:
			found.append(Vector3i(at, 8, DOUBLE))
			at += 8
		elif mark < 0x80 or mark >= 0xe0:
			found.append(Vector3i(at, 0, FIXED))
		elif mark >= 0xcc and mark <= 0xcf:
			found.append(Vector3i(at, 1 << (mark - 0xcc), UNSIGNED))
			at += 1 << (mark - 0xcc)
		elif mark >= 0xd0 and mark <= 0xd3 or mark == 0xca:
			found.append(Vector3i(at, 0, FIXED))
			at += 4 if mark == 0xca else 1 << (mark - 0xd0)
		elif mark >= 0xd4 and mark <= 0xd8:
			at += 1 + (1 << (mark - 0xd4))
		elif mark in _LENGTHS:
			at += _behind(bytes, at, mark)
	return found


# How many bytes stand behind the mark of a text, bytes, an extension, an array or a map that tells its size.
static func _behind(bytes: PackedByteArray, at: int, mark: int) -> int:
	var width: int = _LENGTHS[mark]
	if mark >= 0xdc:
		return width  # what is inside comes next
	var length := 0
	for place: int in width:
		length = length << 8 | bytes[at + place]
	return width + length + int(mark >= 0xc7 and mark <= 0xc9)


# All numbers of a map in their order: in which map and under which name their place is kept, what they must be,
# and whether one is the first of eight shares.
static func _gather(
	map: Dictionary, places: Dictionary, leaves: Array[Array], kind: Dictionary, of_each := {}
) -> void:
	for name: String in map:
		var value: Variant = map[name]
		if value is float or value is int:
			leaves.append([places, name, kind.get(name, []), false])
		elif value is Array:
			_gather_list(value as Array, places, name, leaves, _SHARES.has(name) and kind.has(name))
		elif value is Dictionary:
			var inside: Dictionary = {}
			places[name] = inside
			if of_each.is_empty():
				var fields: Dictionary = _MAPS.get(name, {})
				_gather(value as Dictionary, inside, leaves, fields, _MAPS_BY_NAME.get(name, {}) as Dictionary)
			else:
				_gather(value as Dictionary, inside, leaves, of_each)


static func _gather_list(
	list: Array, places: Dictionary, name: String, leaves: Array[Array], are_shares: bool
) -> void:
	for index: int in list.size():
		var value: Variant = list[index]
		var first := are_shares and index == 0
		if value is float or value is int:
			leaves.append([places if first else {}, name, _SHARE if are_shares else [], first])
		elif value is Array:
			_gather_list(value as Array, {}, "", leaves, false)
		elif value is Dictionary:
			_gather(value as Dictionary, {}, leaves, {})


# Gives a number its place. What is no integer but was written as one keeps its value: its shape is another.
func _settle(token: Vector3i, leaf: Array) -> void:
	var what: Array = leaf[2]
	if token.z == UNSIGNED:
		if not what.is_empty() and what[0] != Check.INTEGER:
			return
		_widths.append(token.y)
	var ends: Array = what[3] if what.size() > 3 else [-INF, INF]
	var slack := Check.TOLERANCE if token.z == DOUBLE else 0.0
	var place := _rest.size() - token.x - token.y
	(leaf[0] as Dictionary)[leaf[1]] = _at.size()
	if leaf[3]:
		_shares.append(_at.size())
	_at.append(place)
	_lowest.append((ends[0] as float) - slack)
	_highest.append((ends[1] as float) + slack)
	for index: int in token.y:
		_rest[place + index] = 0
