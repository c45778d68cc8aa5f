extends RefCounted
## Writes MessagePack.


## [param value] as bytes: null, bool, int, float, String, PackedByteArray, Array (packed ones too) and
## Dictionary with these in them. Empty: there is something else in it, or it nests deeper than
## [param depth_max].
static func write(value: Variant, depth_max: int = 32) -> PackedByteArray:
	var out := StreamPeerBuffer.new()
	out.big_endian = true
	return out.data_array if _write(out, value, depth_max) else PackedByteArray()


# Returns whether it can be written.
static func _write(out: StreamPeerBuffer, value: Variant, deeper: int) -> bool:
	if deeper < 0:
		return false
	match typeof(value):
		TYPE_NIL:
			out.put_u8(0xc0)
		TYPE_BOOL:
			out.put_u8(0xc3 if value else 0xc2)
		TYPE_INT:
			_write_int(out, value as int)
		TYPE_FLOAT:
			out.put_u8(0xcb)
			out.put_double(value as float)
		TYPE_STRING, TYPE_STRING_NAME:
			var raw := str(value).to_utf8_buffer()
			_write_size(out, raw.size(), 0xa0, 32, [0xd9, 0xda, 0xdb])
			out.put_data(raw)
		TYPE_PACKED_BYTE_ARRAY:
			var raw := value as PackedByteArray
			_write_size(out, raw.size(), 0, 0, [0xc4, 0xc5, 0xc6])
			out.put_data(raw)
		TYPE_DICTIONARY:
			return _write_map(out, value as Dictionary, deeper - 1)
		TYPE_ARRAY, TYPE_PACKED_INT32_ARRAY, TYPE_PACKED_INT64_ARRAY, TYPE_PACKED_FLOAT32_ARRAY, \
		TYPE_PACKED_FLOAT64_ARRAY, TYPE_PACKED_STRING_ARRAY:
			return _write_list(out, Array(value), deeper - 1)
		_:
			return false
	return true


static func _write_map(out: StreamPeerBuffer, map: Dictionary, deeper: int) -> bool:
	_write_size(out, map.size(), 0x80, 16, [0, 0xde, 0xdf])
	for key: Variant in map:
		if not (_write(out, key, deeper) and _write(out, map[key], deeper)):
			return false
	return true


static func _write_list(out: StreamPeerBuffer, list: Array, deeper: int) -> bool:
	_write_size(out, list.size(), 0x90, 16, [0, 0xdc, 0xdd])
	for part: Variant in list:
		if not _write(out, part, deeper):
			return false
	return true


static func _write_int(out: StreamPeerBuffer, value: int) -> void:
	if value >= -32 and value < 128:
		out.put_8(value)
	elif value >= -0x8000_0000 and value < 0x8000_0000:
		out.put_u8(0xd2)
		out.put_32(value)
	else:
		out.put_u8(0xd3)
		out.put_64(value)


# The mark and size of something: short forms below `short`, else marks for 1, 2 and 4 bytes (0: none).
static func _write_size(
	out: StreamPeerBuffer, size: int, mark: int, short: int, marks: Array[int]
) -> void:
	if size < short:
		out.put_u8(mark | size)
	elif size < 0x100 and marks[0] != 0:
		out.put_u8(marks[0])
		out.put_u8(size)
	elif size < 0x10000:
		out.put_u8(marks[1])
		out.put_u16(size)
	else:
		out.put_u8(marks[2])
		out.put_u32(size)
