extends RefCounted
## The greeting and the frames of ZMTP 3.0, as far as a client of Rapport sends them.

## The flags of a frame.
const MORE := 1
const LONG := 2
const COMMAND := 4
const GREETING_BYTES := 64
const _MECHANISM := "PLAIN"
const _MECHANISM_AT := 12


## Signature, version 3.0, mechanism PLAIN; zeros: not a server, and filler.
static func greeting() -> PackedByteArray:
	var made := PackedByteArray()
	made.resize(GREETING_BYTES)
	made[0] = 0xff
	made[9] = 0x7f
	made[10] = 3
	for place: int in _MECHANISM.length():
		made[_MECHANISM_AT + place] = _MECHANISM.unicode_at(place)
	return made


## A frame with its flags and size.
static func frame(flags: int, body: PackedByteArray) -> PackedByteArray:
	var size := body.size()
	if size < 256:
		return PackedByteArray([flags, size]) + body
	var head := PackedByteArray([flags | LONG])
	for place: int in range(7, -1, -1):
		head.append(size >> (8 * place) & 0xff)
	return head + body


## A text after its length in one byte.
static func short(text: String) -> PackedByteArray:
	var raw := text.to_utf8_buffer()
	return PackedByteArray([raw.size()]) + raw


## A text after its length in four bytes.
static func long(text: String) -> PackedByteArray:
	var raw := text.to_utf8_buffer()
	return PackedByteArray([0, 0, raw.size() >> 8, raw.size() & 0xff]) + raw
