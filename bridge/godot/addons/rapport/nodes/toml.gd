extends RefCounted
## Reads the part of TOML that profiles of reactions are written in.
##
## Tables, dotted and quoted keys, strings of all four kinds, integers, floats, booleans, arrays and
## inline tables. Dates, [code]inf[/code] and [code]nan[/code] have no place in a profile and are
## refused. Use it through [method RapportProfile.from_toml].

## Deeper nesting is refused: a profile needs less, and a hostile file must not exhaust the stack.
const DEPTH_MAX := 32

const _ESCAPES: Dictionary = {
	"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"
}
const _NUMBER := (
	"^[+-]?(0|[1-9](_?[0-9])*)(?<part>(\\.[0-9](_?[0-9])*)?([eE][+-]?[0-9](_?[0-9])*)?)$"
)
const _BARE := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

## What was wrong; empty if the text could be read.
var error := ""
## The line of the mistake, from 1.
var line := 0

var _number := RegEx.create_from_string(_NUMBER)
var _text := ""
var _at := 0
# The tables that a header has opened already, so that none is opened twice.
var _opened: Dictionary = {}


## The tables of a text; empty, with [member error] and [member line] set, if it is no TOML.
func parse(text: String) -> Dictionary:
	error = ""
	line = 0
	_text = text.replace("\r\n", "\n") + "\n"
	_at = 0
	_opened = {}
	var root: Dictionary = {}
	var table := root
	while error.is_empty() and _skip_blank():
		if _peek() == "[":
			table = _header(root)
		else:
			_pair(table, 0)
		if error.is_empty():
			_end_of_line()
	return root if error.is_empty() else {}


func _fail(what: String) -> void:
	if error.is_empty():
		error = what
		line = _text.count("\n", 0, _at) + 1 if _at > 0 else 1


func _peek(count: int = 1) -> String:
	return _text.substr(_at, count)


func _skip_space() -> void:
	while _at < _text.length() and _text[_at] in " \t":
		_at += 1


func _skip_comment() -> void:
	if _peek() == "#":
		_at = _text.find("\n", _at)


# Skips spaces, comments and line ends; false at the end of the text.
func _skip_blank() -> bool:
	while _at < _text.length():
		_skip_space()
		_skip_comment()
		if _peek() != "\n":
			break
		_at += 1
	return _at < _text.length()


func _end_of_line() -> void:
	_skip_space()
	_skip_comment()
	if _peek() != "\n":
		_fail("something stands behind the value, where the line should end")


func _header(root: Dictionary) -> Dictionary:
	if _peek(2) == "[[":
		_fail("arrays of tables ([[...]]) have no place in a profile")
		return root
	_at += 1
	var path := _key_path()
	if error.is_empty() and _peek() != "]":
		_fail("a table's name ends with ]")
	_at += 1
	var dotted := ".".join(path)
	if _opened.has(dotted):
		_fail("the table [%s] is there twice" % dotted)
	_opened[dotted] = true
	return _descend(root, path)


# The table at a path, made where it is missing.
func _descend(table: Dictionary, path: PackedStringArray) -> Dictionary:
	for part: String in path:
		if not table.has(part):
			table[part] = {}
		if not table[part] is Dictionary:
			_fail("%s is a value already, and no table" % part)
			return table
		table = table[part]
		if table.is_read_only():
			_fail("%s is closed already: all of a table in braces stands between them" % part)
			return {}
	return table


func _pair(table: Dictionary, depth: int) -> void:
	var path := _key_path()
	if not error.is_empty():
		return
	if _peek() != "=":
		_fail("a key is followed by =")
		return
	_at += 1
	_skip_space()
	var key := path[-1]
	var target := _descend(table, path.slice(0, -1))
	if target.has(key):
		_fail("%s is there twice" % key)
	var value: Variant = _value(depth)
	if error.is_empty():
		target[key] = value


func _key_path() -> PackedStringArray:
	var path := PackedStringArray()
	while error.is_empty():
		_skip_space()
		var key := ""
		if _peek() == '"' or _peek() == "'":
			key = _string(_peek())
		else:
			var from := _at
			while _at < _text.length() and _text[_at] in _BARE:
				_at += 1
			key = _text.substr(from, _at - from)
			if key.is_empty():
				_fail("a key is missing")
		path.append(key)
		_skip_space()
		if _peek() != ".":
			break
		_at += 1
	return path


func _value(depth: int) -> Variant:
	if depth > DEPTH_MAX:
		_fail("values nest deeper than %d" % DEPTH_MAX)
		return null
	match _peek():
		'"', "'":
			var quote := _peek()
			return _long_string(quote.repeat(3)) if _peek(3) == quote.repeat(3) else _string(quote)
		"[":
			return _array(depth)
		"{":
			return _inline_table(depth)
	return _scalar()


func _scalar() -> Variant:
	var from := _at
	while _at < _text.length() and (_text[_at] in _BARE or _text[_at] in "+.:"):
		_at += 1
	var word := _text.substr(from, _at - from)
	if word == "true" or word == "false":
		return word == "true"
	var number := _number.search(word)
	if number != null:
		var digits := word.replace("_", "")
		if number.get_string("part").is_empty():
			return digits.to_int()
		return digits.to_float()
	_at = from
	_fail("'%s' is no value; texts stand in quotation marks" % word if word else "a value is missing")
	return null


func _string(quote: String) -> String:
	_at += 1
	var read := ""
	while _peek() != quote:
		if _peek() in ["", "\n"]:
			_fail("a text is not closed on its line")
			return read
		read += _escaped() if quote == '"' and _peek() == "\\" else _next()
		if not error.is_empty():
			return read
	_at += 1
	return read


func _long_string(quote: String) -> String:
	_at += 3
	if _peek() == "\n":
		_at += 1
	var read := ""
	while _peek(3) != quote:
		if _at >= _text.length():
			_fail("a text is not closed")
			return read
		if quote == '"""' and _peek() == "\\":
			if _peek(2) == "\\\n":
				_at += 1
				while _at < _text.length() and _text[_at] in " \t\n":
					_at += 1
				continue
			read += _escaped()
			if not error.is_empty():
				return read
		else:
			read += _next()
	_at += 3
	return read


func _next() -> String:
	_at += 1
	return _text[_at - 1]


func _escaped() -> String:
	var letter := _peek(2).right(1)
	if _ESCAPES.has(letter):
		_at += 2
		return _ESCAPES[letter]
	var size: int = {"u": 4, "U": 8}.get(letter, 0)
	var code := _text.substr(_at + 2, size)
	var rune := code.hex_to_int() if size > 0 and code.is_valid_hex_number() else -1
	if rune <= 0 or rune > 0x10FFFF or (rune >= 0xD800 and rune < 0xE000):
		_fail("there is no such escape as \\%s" % letter)
		return ""
	_at += 2 + size
	return String.chr(rune)


func _array(depth: int) -> Array:
	_at += 1
	var values: Array = []
	while error.is_empty():
		_skip_blank()
		if _peek() == "]":
			break
		values.append(_value(depth + 1))
		_skip_blank()
		if _peek() == ",":
			_at += 1
		elif _peek() != "]":
			_fail("values of an array are parted by commas, and it ends with ]")
	_at += 1
	return values


func _inline_table(depth: int) -> Dictionary:
	_at += 1
	var table: Dictionary = {}
	_skip_space()
	while error.is_empty() and _peek() != "}":
		_pair(table, depth + 1)
		_skip_space()
		if _peek() == ",":
			_at += 1
			_skip_space()
			if _peek() == "}":
				_fail("no comma stands before }")
		elif _peek() != "}":
			_fail("a table in braces stands on one line, its parts parted by commas")
	_at += 1
	table.make_read_only()
	return table
