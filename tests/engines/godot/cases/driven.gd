extends "res://case.gd"
## A game that does what a test says, over a connection to it: lines of JSON, a list of what to do and with
## what in, a list of what was told and its values out. Argument: the port of the test.

var _test := StreamPeerTCP.new()
var _unread := PackedByteArray()
var _figures := {"frames": 0, "longest_ms": 0.0, "states": 0, "oldest_ms": 0.0}
var _before_usec := 0


func _ready() -> void:
	Engine.max_fps = 60
	_test.connect_to_host("127.0.0.1", arguments[0].to_int())
	await until(_is_connected)
	Rapport.connection_changed.connect(func(is_up: bool, why: String) -> void: tell("connection", [is_up, why]))
	Rapport.condition_changed.connect(func(m: String, c: String, b: String) -> void: tell("condition", [m, c, b]))
	Rapport.consent_changed.connect(func(status: Dictionary) -> void: tell("consent", status))
	Rapport.event_received.connect(func(e: RapportEvent) -> void: tell("event", [e.sequence, e.kind]))
	Rapport.reaction_began.connect(func(r: RapportReaction) -> void: _tell_reaction("began", r))
	Rapport.reaction_updated.connect(func(r: RapportReaction) -> void: _tell_reaction("updated", r))
	Rapport.reaction_ended.connect(func(r: RapportReaction) -> void: _tell_reaction("ended", r))
	Rapport.state_changed.connect(_on_state)
	tell("begun", Rapport.app)


func _process(_delta: float) -> void:
	var now_usec := Time.get_ticks_usec()
	if _before_usec:
		_figures.frames += 1
		_figures.longest_ms = maxf(_figures.longest_ms as float, (now_usec - _before_usec) / 1000.0)
	_before_usec = now_usec
	if not _is_connected():
		return
	var read: Array = _test.get_partial_data(_test.get_available_bytes())
	_unread.append_array(read[1] as PackedByteArray)
	if _unread.has(0x0a):  # one in a frame, so that the next finds what the game would
		var end := _unread.find(0x0a)
		var line := _unread.slice(0, end).get_string_from_utf8()
		_unread = _unread.slice(end + 1)
		var words: Array = JSON.parse_string(line)
		callv("_" + str(words[0]), words.slice(1))


## Tells the test something.
func tell(what: String, told: Variant) -> void:
	_test.put_data((JSON.stringify([what, told]) + "\n").to_utf8_buffer())


func _is_connected() -> bool:
	_test.poll()
	return _test.get_status() == StreamPeerTCP.STATUS_CONNECTED


func _on_state(state: RapportState) -> void:
	_figures.states += 1
	if not state.to_dictionary().is_empty():
		var age_ms := (Time.get_unix_time_from_system() - state.published_wall) * 1000.0
		_figures.oldest_ms = maxf(_figures.oldest_ms as float, age_ms)


func _tell_reaction(what: String, reaction: RapportReaction) -> void:
	tell(what, [reaction.npc, reaction.name, reaction.firing, reaction.reason, reaction.why_in_words()])


func _ask(op: String, fields: Dictionary) -> void:
	tell("reply", await Rapport.ask(op, fields))


# Asks for something that JSON has no word for.
func _ask_nonsense(op: String) -> void:
	tell("reply", await Rapport.ask(op, {"values": {"where": Vector2.ONE}}))


func _profile(npc: String, text: String) -> void:
	tell("reply", await Rapport.set_profile(npc, text))


func _context(npc: String, values: Dictionary) -> void:
	tell("reply", await Rapport.set_context(npc, values))


func _say(speaker: String, text: String, role: String, line: String, seconds: Variant) -> void:
	tell("reply", await Rapport.say(speaker, text, role, line, NAN if seconds == null else float(seconds)))


func _mark(moment: String, at_ns: float) -> void:
	tell("reply", await Rapport.mark(moment, int(at_ns)))


func _wait_for(reaction_name: String, npc: String) -> void:
	var reaction := await Rapport.wait_for(reaction_name, npc)
	tell("waited", [reaction.npc, reaction.name])


func _capture(wanted: bool) -> void:
	Rapport.wants_capture = wanted


func _state() -> void:
	var state := Rapport.state
	tell("state", {"known": state.is_known(), "label": state.label, "sequence": state.sequence, "connected": Rapport.is_connected})


# What is known of the dialogue, and of a moment.
func _dialogue(moment: String) -> void:
	var conversation := Rapport.state.conversation
	var taken := Rapport.state.moment(moment)
	tell("dialogue", {
		"utterances": conversation.utterances, "line": conversation.line, "role": conversation.role,
		"reading": Array(conversation.reading), "course": taken.course, "since_s": taken.since_s,
		"mood": Rapport.state.value_of("mood.valence"), "contradiction": Rapport.state.contradiction.kind,
	})


func _reason() -> void:
	tell("reason", Rapport._link.reason)


# What was counted since the last time.
func _count() -> void:
	tell("count", _figures.merged({"refused": Rapport.refused, "missed": Rapport.missed_events}))
	_figures = {"frames": 0, "longest_ms": 0.0, "states": 0, "oldest_ms": 0.0}


# Hangs, as a scene that loads does.
func _hang(milliseconds: float) -> void:
	OS.delay_msec(int(milliseconds))
	_figures.oldest_ms = 0.0
	_figures.longest_ms = 0.0


func _quit() -> void:
	passed()
