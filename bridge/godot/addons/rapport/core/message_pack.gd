extends RefCounted
## Reads MessagePack.
##
## What is read comes from another process and is trusted with nothing: every length is held against
## the bytes that are left before anything is made, values may nest no deeper than [constant DEPTH_MAX],
## texts must be UTF-8 and keys texts. Integers beyond 64 bits with sign become floats, extensions become null.

## Values that nest deeper are refused.
const DEPTH_MAX := 32
## Words that were read are kept, so that the same few are not made anew thirty times a second.
const WORDS_MAX := 512
const WORD_BYTES_MAX := 40

## What is wrong with the bytes that were read last; empty: nothing.
var fault := ""

var _stream := StreamPeerBuffer.new()
var _bytes_read := PackedByteArray()
var _size := 0
var _words: Dictionary = {}


func _init() -> void:
	_stream.big_endian = true


## The one value that [param bytes] hold from [param start] to their last byte. Look at [member fault]:
## null is a value too.
func read(bytes: PackedByteArray, start: int = 0) -> Variant:
	fault = ""
	_stream.data_array = bytes
	_bytes_read = bytes
	_size = bytes.size()
	_stream.seek(start)
	var value: Variant = _value(0)
	if fault.is_empty() and _stream.get_position() != _size:
		fault = "more bytes than the value has"
	_stream.clear()
	_bytes_read = PackedByteArray()
	return value if fault.is_empty() else null


func _value(depth: int) -> Variant:
	if _stream.get_position() >= _size or not fault.is_empty():
		return _refuse("cut off")
	return _marked(_stream.get_u8(), depth)


# The value that a mark begins; the commonest are asked for first.
func _marked(mark: int, depth: int) -> Variant:
	if mark >= 0xa0 and mark < 0xc0:
		return _text(mark & 0x1f)
	if mark == 0xcb:
		return _stream.get_double() if _size - _stream.get_position() >= 8 else _refuse("cut off")
	if mark < 0x80:
		return mark
	if mark >= 0xe0:
		return mark - 256
	if mark < 0x90:
		return _map(mark & 0x0f, depth)
	if mark < 0xa0:
		return _array(mark & 0x0f, depth)
	match mark:
		0xc0:
			return null
		0xc2:
			return false
		0xc3:
			return true
		0xcf:
			return _unsigned() if _left(8) else _refuse("cut off")
		0xd9, 0xda, 0xdb:
			return _text(_length(mark - 0xd9))
		0xca:
			return _stream.get_float() if _left(4) else _refuse("cut off")
		0xcc, 0xcd, 0xce:
			return _length(mark - 0xcc)
		0xc4, 0xc5, 0xc6:
			return _bytes(_length(mark - 0xc4))
		0xd0:
			return _stream.get_8() if _left(1) else _refuse("cut off")
		0xd1:
			return _stream.get_16() if _left(2) else _refuse("cut off")
		0xd2:
			return _stream.get_32() if _left(4) else _refuse("cut off")
		0xd3:
			return _stream.get_64() if _left(8) else _refuse("cut off")
		0xdc, 0xdd:
			return _array(_length(mark - 0xdb), depth)
		0xde, 0xdf:
			return _map(_length(mark - 0xdd), depth)
		0xc7, 0xc8, 0xc9:
			return _extension(_length(mark - 0xc7))
		0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
			return _extension(1 << (mark - 0xd4))
	return _refuse("a byte that MessagePack never uses")


# An unsigned number of 1, 2 or 4 bytes, for a width of 0, 1 or 2.
func _length(width: int) -> int:
	if not _left(1 << width):
		return 0
	if width == 0:
		return _stream.get_u8()
	return _stream.get_u16() if width == 1 else _stream.get_u32()


# Eight bytes without a sign: beyond the largest int it becomes a float, which no integer field takes.
func _unsigned() -> Variant:
	var value := _stream.get_64()
	if value >= 0:
		return value
	return float(value) + 18446744073709551616.0


func _text(length: int) -> String:
	var at := _stream.get_position()
	if _size - at < length:
		_refuse("cut off")
		return ""
	var raw := _bytes_read.slice(at, at + length)
	_stream.seek(at + length)
	var known: Variant = _words.get(raw)
	if known != null:
		return known
	if not is_utf8(raw):
		_refuse("a text that is no UTF-8")
		return ""
	var text := raw.get_string_from_utf8()
	if length <= WORD_BYTES_MAX:
		if _words.size() >= WORDS_MAX:
			_words.clear()
		_words[raw] = text
	return text


func _bytes(length: int) -> PackedByteArray:
	if not _left(length):
		return PackedByteArray()
	var at := _stream.get_position()
	_stream.seek(at + length)
	return _bytes_read.slice(at, at + length)


func _extension(length: int) -> Variant:
	if _left(length + 1):
		_stream.seek(_stream.get_position() + length + 1)
	return null


# The loops of arrays and maps read the commonest keys and values without a call: it is half of the time.
func _array(count: int, depth: int) -> Array:
	var found: Array = []
	if depth >= DEPTH_MAX:
		_refuse("nested too deeply")
		return found
	if not _left(count):
		return found
	for place: int in count:
		if _stream.get_position() >= _size or not fault.is_empty():
			_refuse("cut off")
			break
		var mark := _stream.get_u8()
		if mark == 0xcb and _size - _stream.get_position() >= 8:
			found.append(_stream.get_double())
		else:
			found.append(_marked(mark, depth + 1))
	return found


func _map(count: int, depth: int) -> Dictionary:
	var found: Dictionary = {}
	if depth >= DEPTH_MAX:
		_refuse("nested too deeply")
		return found
	if not _left(2 * count):
		return found
	for place: int in count:
		var at := _stream.get_position()
		var mark := _stream.get_u8() if at < _size else 0
		var key: Variant = null
		if mark >= 0xa0 and mark < 0xc0:
			var end := at + 1 + (mark & 0x1f)
			key = _words.get(_bytes_read.slice(at + 1, end)) if end <= _size else null
			if key != null:
				_stream.seek(end)
		if key == null:
			_stream.seek(at)
			key = _value(depth + 1)
			if not key is String:
				_refuse("a key that is no text")
		if _stream.get_position() >= _size or not fault.is_empty():
			_refuse("cut off")
			break
		mark = _stream.get_u8()
		if mark == 0xcb and _size - _stream.get_position() >= 8:
			found[key] = _stream.get_double()
		else:
			found[key] = _marked(mark, depth + 1)
	return found


func _left(count: int) -> bool:
	if fault.is_empty() and _size - _stream.get_position() >= count:
		return true
	_refuse("cut off")
	return false


func _refuse(why: String) -> Variant:
	if fault.is_empty():
		fault = why
	return null


## Whether bytes are UTF-8 (Unicode 15, table 3-7). Godot's own decoder prints an error for what is not.
static func is_utf8(raw: PackedByteArray) -> bool:
	var at := 0
	var size := raw.size()
	while at < size:
		var first := raw[at]
		at += 1
		if first < 0x80:
			continue
		var more := 1 if first < 0xe0 else (2 if first < 0xf0 else 3)
		if first < 0xc2 or first > 0xf4 or at + more > size:
			return false
		var second := raw[at]
		if (
			(first == 0xe0 and second < 0xa0)
			or (first == 0xed and second > 0x9f)
			or (first == 0xf0 and second < 0x90)
			or (first == 0xf4 and second > 0x8f)
		):
			return false
		for next: int in more:
			if raw[at + next] & 0xc0 != 0x80:
				return false
		at += more
	return true
