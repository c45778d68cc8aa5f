class_name Dialogue
extends RefCounted
## What one person has to say, from a JSON file:
## [codeblock]
## {"starts": [{"line": "hello", "needs": {}}],
##  "barks": {"comfort": ["Come here."]},
##  "lines": {"hello": {
##    "say": "There you are.",
##    "when": {"comfort": "There you are. Long day?"},
##    "replies": [{"say": "Yes.", "to": "tired", "needs": {}, "changes": {"trust": 1}}]}}}
## [/codeblock]
## [code]when[/code] has other words for as long as a reaction goes on; a reply with [code]"marks": "bridge"[/code] is a
## moment that profiles can ask for as [code]moment.bridge[/code]; one without [code]to[/code] ends the talk. A talk starts with the first of [code]starts[/code] that the story allows; [method Story.allows]
## says what [code]needs[/code] can ask for.

const REPLIES_MAX := 5

var _starts: Array = []
var _lines: Dictionary = {}
var _barks: Dictionary = {}
var _barked: Dictionary = {}


static func from_file(path: String) -> Dialogue:
	var made := Dialogue.new()
	var read: Variant = JSON.parse_string(FileAccess.get_file_as_string(path))
	if not read is Dictionary:
		push_error("%s is no dialogue." % path)
		return made
	var data := read as Dictionary
	made._starts = data.starts
	made._lines = data.lines
	made._barks = data.barks
	return made


## The first line of a talk.
func start(story: Story) -> String:
	for start_at: Dictionary in _starts:
		if story.allows(start_at.get("needs", {}) as Dictionary):
			return start_at.line
	return ""


func has_line(line: String) -> bool:
	return _lines.has(line)


## The words of a line while some reactions go on; the first of them that changes the words does.
func words(line: String, reactions: PackedStringArray) -> String:
	var entry: Dictionary = _lines[line]
	var other: Dictionary = entry.get("when", {})
	for reaction: String in reactions:
		if other.has(reaction):
			return other[reaction]
	return entry.say


## The replies that the story allows, in their order.
func replies(line: String, story: Story) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	for reply: Dictionary in (_lines[line] as Dictionary).replies:
		if story.allows(reply.get("needs", {}) as Dictionary) and found.size() < REPLIES_MAX:
			found.append(reply)
	return found


## What is called out when a reaction begins; another one each time. Empty: nothing.
func bark(reaction: String) -> String:
	var choice: Array = _barks.get(reaction, [])
	if choice.is_empty():
		return ""
	var next: int = _barked.get(reaction, 0)
	_barked[reaction] = next + 1
	return choice[next % choice.size()]
