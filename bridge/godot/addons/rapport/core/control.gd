extends RefCounted
## Requests to the sidecar and their replies, over one DEALER connection.

const Connection := preload("zmtp_connection.gd")
const MessagePack := preload("message_pack.gd")
const Writer := preload("message_writer.gd")
## How long an answer may take; devices may take seconds to be listed.
const TIMEOUT_MS := 5000
const SCHEMA := 5
## No request is longer; what is left of a frame is for its id.
const REQUEST_BYTES_MAX := Connection.FRAME_BYTES_MAX - 16

## The connection has said hello and was welcomed; [param welcome] are the fields of the answer.
signal welcomed(welcome: Dictionary)


# A request that waits for its answer.
class Pending:
	signal done(reply: Dictionary)
	var request: Dictionary
	var until_ms: int
	var again := false


## The code with which the sidecar refused hello; empty: it did not.
var refusal := ""

var _connection := Connection.new()
var _reader := MessagePack.new()
var _pending: Dictionary = {}
var _id := 0
var _hello: Dictionary = {}
var _greeted := false


## Begins to connect, as application [param app] that people know as [param title].
func open(address: String, token: String, app: String, title: String) -> void:
	_fail_all("sidecar_silent", "The connection was made anew.")
	_greeted = false
	refusal = ""
	_hello = {"op": "hello", "app": app, "name": title, "schema": SCHEMA}
	_connection.open(address, "DEALER", "control", token)


## Ends the connection; what still waits for an answer gets an error.
func close() -> void:
	_connection.close()
	_greeted = false
	_fail_all("sidecar_not_found", "No sidecar is connected.")


## Whether requests can be sent.
func is_open() -> bool:
	return _connection.state == Connection.OPEN


## Whether the connection has ended, or was never begun.
func is_closed() -> bool:
	return _connection.state == Connection.CLOSED


## Why it has ended.
func reason() -> String:
	return _connection.reason


## Asks for something: [param op] and its fields as bridge/protocol/SPEC.md names them. Awaits the answer:
## [code]{"reply": {…}}[/code] or [code]{"error": {code, what, meaning, remedy, retryable}}[/code].
func ask(op: String, fields: Dictionary) -> Dictionary:
	if not is_open():
		return failure("sidecar_not_found", "No sidecar is connected.")
	var request := fields.duplicate()
	request.op = op
	var size := Writer.write(request).size()
	if size == 0 or size > REQUEST_BYTES_MAX:  # the sidecar would end the connection
		var what := "is too long" if size else "holds something that is no number, text, list or map"
		return failure("request_invalid", "The request %s %s." % [op, what], false)
	var pending := Pending.new()
	pending.request = request
	pending.until_ms = Time.get_ticks_msec() + TIMEOUT_MS
	_send(pending)
	return await pending.done


## Reads what has come.
func poll() -> void:
	_connection.poll()
	if _connection.state == Connection.OPEN and not _greeted:
		_greeted = true
		_greet()
	for body: PackedByteArray in _connection.take():
		_answer(body)
	if _connection.state == Connection.CLOSED:
		_fail_all("sidecar_silent", "The connection has ended.")
	if _pending.is_empty():
		return
	var now_ms := Time.get_ticks_msec()
	for id: int in _pending.keys():
		if now_ms > (_pending[id] as Pending).until_ms:
			_finish(id, failure("sidecar_silent", "The sidecar did not answer in time."))


## An error of our own, in the form of the sidecar's.
static func failure(code: String, what: String, retryable: bool = true) -> Dictionary:
	return {"error": {"code": code, "what": what, "meaning": "", "remedy": "", "retryable": retryable}}


func _greet() -> void:
	var answer: Dictionary = await ask("hello", _hello)
	if answer.has("reply"):
		welcomed.emit(answer.reply as Dictionary)
	elif is_open():
		refusal = str(answer.error.get("code", "request_invalid"))
		_connection.close()


func _send(pending: Pending) -> void:
	_id += 1
	pending.request.id = _id
	_pending[_id] = pending
	_connection.send(Writer.write(pending.request))


func _answer(body: PackedByteArray) -> void:
	var told: Variant = _reader.read(body)
	if not told is Dictionary or not told.get("id") is int or not _pending.has(told.id):
		return
	if told.get("error") is Dictionary:
		var pending := _pending[told.id] as Pending
		# A sidecar that heard nothing for a minute has forgotten who asks.
		if told.error.get("code") == "hello_first" and not pending.again:
			_pending.erase(told.id)
			pending.again = true
			_connection.send(Writer.write(_hello))  # without an id: nobody waits for its answer
			_send(pending)
			return
		_finish(told.id as int, {"error": told.error})
	elif told.get("reply") is Dictionary:
		_finish(told.id as int, {"reply": told.reply})


func _finish(id: int, answer: Dictionary) -> void:
	var pending := _pending.get(id) as Pending
	if _pending.erase(id):  # what waited for another answer may have closed everything meanwhile
		pending.done.emit(answer)


func _fail_all(code: String, what: String) -> void:
	for id: int in _pending.keys():
		_finish(id, failure(code, what))
