extends RefCounted
## The way to a running sidecar: finds one, connects states, events and control, gives the newest state and
## all events in order, and does so again when it is gone.

const Discovery := preload("discovery.gd")
const Connection := preload("zmtp_connection.gd")
const Requests := preload("control.gd")
const EventQueue := preload("event_queue.gd")
const MessagePack := preload("message_pack.gd")
const StateReader := preload("state_reader.gd")
const Check := preload("message_check.gd")

## The shortest and the longest wait between two tries, in milliseconds.
const AGAIN_MIN_MS := 100
const AGAIN_MAX_MS := 500
## After so long without a state the sidecar is gone or hangs.
const SILENT_MS := 1000
## Between two looks that are further apart the game itself hung, which is no silence of the sidecar.
const HUNG_MS := 250

## The sidecar's file, while one is connected to or tried; empty: none was found.
var found: Dictionary = {}
## Why there is no connection: a word for programs.
var reason := "sidecar_not_found"
## Where sidecars leave their files; empty: where they do by default.
var directory := ""
## States and events that were no such, since the start.
var refused := 0
## Events that were sent and could not be had.
var missed: int:
	get:
		return _queue.missed

var control := Requests.new()

var _states := Connection.new()
var _events := Connection.new()
var _queue := EventQueue.new()
var _state_reader := StateReader.new()
var _reader := MessagePack.new()
var _app := ""
var _title := ""
var _again_ms := 0
var _wait_ms := AGAIN_MIN_MS
var _heard_ms := 0
var _polled_ms := 0
var _tried: Array[String] = []
# The token of the sidecar that was welcomed last; one started anew has another.
var _session := ""
var _fetching := ""


## [param app] is the application's id, [param title] what people know it as.
func _init(app: String, title: String) -> void:
	_app = app
	_title = title
	control.welcomed.connect(_on_welcomed)


## Reads and answers what has come, and looks for a sidecar while none is connected.
func poll() -> void:
	var now_ms := Time.get_ticks_msec()
	if now_ms - _polled_ms > HUNG_MS:
		_heard_ms += now_ms - _polled_ms
	_polled_ms = now_ms
	_states.poll()
	_events.poll()
	control.poll()
	if found.is_empty():
		if now_ms >= _again_ms:
			_look(now_ms)
	elif _is_broken() or now_ms - _heard_ms > SILENT_MS + Connection.HANDSHAKE_MS * int(not is_open()):
		_give_up(now_ms)


## The newest state that has come since the last call; null: none has, or only old news. After a scene that took
## seconds to load the system hands out what it held first, and the newest some frames later.
func take_state() -> RapportState:
	var newest: RapportState = null
	for frame: PackedByteArray in _states.take():
		var state := _state_reader.read(frame)
		if state == null:
			refused += 1
			continue
		_heard_ms = _polled_ms
		_wait_ms = AGAIN_MIN_MS
		_tried.clear()
		if state.published_wall == 0.0 or not state.is_stale():
			newest = state
	return newest


## The events that are due, each once and in order, as the fields of bridge/protocol/SPEC.md. Those that did not
## come by themselves are fetched.
func take_events() -> Array[Dictionary]:
	if not found.is_empty() and _session != _token():
		return []  # until this sidecar has welcomed us: it counts anew
	for frame: PackedByteArray in _events.take():
		var told := _event_of(frame)
		if told.is_empty():
			refused += 1
		else:
			_queue.put(told)
	if _queue.wants_more() and _fetching != _session:
		_fetch()
	return _queue.take()


## Whether all three are connected.
func is_open() -> bool:
	return _states.state == Connection.OPEN and _events.state == Connection.OPEN and control.is_open()


## Whether no state has come for so long that the sidecar must be gone.
func is_silent() -> bool:
	return Time.get_ticks_msec() - _heard_ms > SILENT_MS


## Ends everything.
func close() -> void:
	found = {}
	_states.close()
	_events.close()
	control.close()


func _look(now_ms: int) -> void:
	var running := Discovery.find(directory)
	for each: Dictionary in running:
		if found.is_empty() and not _tried.has(each.control_token as String):
			found = each
	if found.is_empty():
		_tried.clear()
		if running.is_empty():
			reason = "sidecar_not_found"
		_wait(now_ms)
		return
	_tried.append(_token())
	_heard_ms = now_ms
	var token := found.read_token as String
	_states.open(found.state as String, "SUB", "read", token, Check.STATE_TOPIC, true)
	_events.open(found.events as String, "SUB", "read", token, Check.EVENT_TOPIC)
	control.open(found.control as String, _token(), _app, _title)


func _is_broken() -> bool:
	var closed := Connection.CLOSED
	return _states.state == closed or _events.state == closed or control.is_closed()


func _give_up(now_ms: int) -> void:
	var denied := [_states.reason, _events.reason, control.reason()].has("denied")
	reason = "access_denied" if denied else "sidecar_silent"
	if control.refusal:
		reason = control.refusal
	close()
	_wait(now_ms)


func _wait(now_ms: int) -> void:
	_again_ms = now_ms + _wait_ms
	_wait_ms = mini(2 * _wait_ms, AGAIN_MAX_MS)


func _on_welcomed(_welcome: Dictionary) -> void:
	if _session != _token():
		_session = _token()
		_queue.restart()
	_queue.catch_up()


# Fetches what is missing; what the sidecar has not any more is counted.
func _fetch() -> void:
	var session := _session
	_fetching = session
	var answer: Dictionary = await control.ask("events.since", {"sequence": _queue.last})
	if session != _session:
		return
	_fetching = ""
	var reply: Dictionary = answer.get("reply", {})
	var told: Array = reply.events if reply.get("events") is Array else []
	var events: Array[Dictionary] = []
	for each: Variant in told:
		if each is Dictionary and Check.event(each as Dictionary) == "":
			events.append(each as Dictionary)
	_queue.put_fetched(events)


func _token() -> String:
	return found.get("control_token", "")


# The fields of the event that a frame holds; empty: it holds none.
func _event_of(frame: PackedByteArray) -> Dictionary:
	var start := Check.EVENT_TOPIC.length()
	if frame.slice(0, start) != Check.EVENT_TOPIC.to_ascii_buffer():
		return {}
	var told: Variant = _reader.read(frame, start)
	return told if told is Dictionary and Check.event(told as Dictionary) == "" else {}
