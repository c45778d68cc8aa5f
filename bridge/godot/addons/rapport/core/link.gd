extends RefCounted
## The way to a running sidecar: finds one, connects states, events and control, and does so again when
## it is gone.

const Discovery := preload("discovery.gd")
const Connection := preload("zmtp_connection.gd")
const Requests := preload("control.gd")
const Check := preload("message_check.gd")

## The shortest and the longest wait between two tries, in milliseconds.
const AGAIN_MIN_MS := 100
const AGAIN_MAX_MS := 500
## After so long without a state the sidecar is gone or hangs.
const SILENT_MS := 1000

## The sidecar's file, while one is connected to or tried; empty: none was found.
var found: Dictionary = {}
## Why there is no connection: a word for programs.
var reason := "sidecar_not_found"
## Where sidecars leave their files; empty: where they do by default.
var directory := ""

var states := Connection.new()
var events := Connection.new()
var control := Requests.new()

var _app := ""
var _title := ""
var _again_ms := 0
var _wait_ms := AGAIN_MIN_MS
var _heard_ms := 0
var _tried: Array = []


func _init(app: String, title: String) -> void:
	_app = app
	_title = title


## Reads and answers what has come, and looks for a sidecar while none is connected.
func poll() -> void:
	states.poll()
	if states.has_messages():  # also after a scene that took seconds to load
		heard()
	events.poll()
	control.poll()
	var now_ms := Time.get_ticks_msec()
	if found.is_empty():
		if now_ms >= _again_ms:
			_look(now_ms)
	elif _is_broken() or now_ms - _heard_ms > SILENT_MS + Connection.HANDSHAKE_MS * int(not is_open()):
		_give_up(now_ms)


## Whether all three are connected.
func is_open() -> bool:
	return states.state == Connection.OPEN and events.state == Connection.OPEN and control.is_open()


## A state has come: the sidecar lives.
func heard() -> void:
	_heard_ms = Time.get_ticks_msec()
	_wait_ms = AGAIN_MIN_MS
	_tried.clear()


## Whether no state has come for so long that the sidecar must be gone.
func is_silent() -> bool:
	return Time.get_ticks_msec() - _heard_ms > SILENT_MS


## Ends everything.
func close() -> void:
	found = {}
	states.close()
	events.close()
	control.close()


func _look(now_ms: int) -> void:
	var running := Discovery.find(directory)
	var fresh := running.filter(func(each: Dictionary) -> bool: return not _tried.has(_key(each)))
	if fresh.is_empty():
		_tried.clear()
		if running.is_empty():
			reason = "sidecar_not_found"
		_wait(now_ms)
		return
	found = fresh[0]
	_tried.append(_key(found))
	_heard_ms = now_ms
	var token: String = found.read_token
	states.open(found.state as String, "SUB", "read", token, Check.STATE_TOPIC, true)
	events.open(found.events as String, "SUB", "read", token, Check.EVENT_TOPIC)
	control.open(found.control as String, found.control_token as String, _app, _title)


func _is_broken() -> bool:
	var closed := Connection.CLOSED
	return states.state == closed or events.state == closed or control.is_closed()


func _give_up(now_ms: int) -> void:
	var denied := [states.reason, events.reason, control.reason()].has("denied")
	reason = "access_denied" if denied else "sidecar_silent"
	close()
	_wait(now_ms)


func _wait(now_ms: int) -> void:
	_again_ms = now_ms + _wait_ms
	_wait_ms = mini(2 * _wait_ms, AGAIN_MAX_MS)


# A sidecar started anew has another token, so it is another one.
func _key(running: Dictionary) -> String:
	return str(running.control_token)
