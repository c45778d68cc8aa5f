extends RefCounted
## One connection that speaks ZMTP 3.0 with PLAIN, as far as Rapport needs it: SUB and DEALER.
##
## Polled, never blocking. After [method open] call [method poll] once a frame; [method take] gives what
## has come. Whatever the peer sends, the connection ends with a [member reason] and nothing is printed.

const Bytes := preload("zmtp_bytes.gd")

enum { CLOSED, CONNECTING, GREETING, WELCOME, READYING, OPEN }

## A longer message ends the connection: none of Rapport's is.
const FRAME_BYTES_MAX := 65536
## How long connecting and the handshake may take.
const HANDSHAKE_MS := 5000
## So many bytes are read at one poll at most; the rest at the next.
const READ_BYTES_MAX := 4 << 20
## More frames at one poll end the connection: a scene that loads for minutes finds a third of them.
const FRAMES_MAX := 16384
## More bytes that the peer has not taken yet end the connection: it reads nothing any more.
const UNSENT_BYTES_MAX := 1 << 20
## Longest context of a PING, which the PONG gives back.
const CONTEXT_BYTES_MAX := 16

## Where the connection stands.
var state := CLOSED
## Why it ended: [code]refused[/code], [code]ended[/code], [code]denied[/code] (the token is not known),
## [code]garbage[/code], [code]oversized[/code], [code]flood[/code], [code]stuck[/code] (it reads nothing),
## [code]timeout[/code], [code]closed[/code].
var reason := ""

var _ERROR := "ERROR".to_ascii_buffer()
var _ERROR_TAIL := "RROR".to_ascii_buffer()
var _WELCOME := "WELCOME".to_ascii_buffer()
var _READY := "READY".to_ascii_buffer()
var _PING := "PING".to_ascii_buffer()

var _peer := StreamPeerTCP.new()
var _type := ""
var _user := ""
var _password := ""
var _topic := PackedByteArray()
var _newest_only := false
var _begun_ms := 0
var _in := PackedByteArray()
var _at := 0
var _out := PackedByteArray()
var _frames := 0
var _messages: Array[PackedByteArray] = []


## Begins to connect.
## [param type] is SUB or DEALER; [param topic] what a SUB subscribes to; [param newest_only]: of several
## messages that have come only the last is kept.
func open(
	address: String,
	type: String,
	user: String,
	password: String,
	topic: String = "",
	newest_only: bool = false
) -> void:
	_type = type
	_user = user
	_password = password
	_topic = topic.to_ascii_buffer()
	_newest_only = newest_only
	_in = PackedByteArray()
	_at = 0
	_out = PackedByteArray()
	_messages = []
	_begun_ms = Time.get_ticks_msec()
	reason = ""
	_peer = StreamPeerTCP.new()
	var place := parse(address)
	state = CONNECTING
	if place.is_empty() or _peer.connect_to_host(place[0] as String, place[1] as int) != OK:
		close("refused")


## Host and port of [code]tcp://127.0.0.1:5555[/code]; empty if it is not on this machine, because
## tokens go over it in the clear.
static func parse(address: String) -> Array:
	var parts := address.trim_prefix("tcp://").rsplit(":", true, 1)
	if parts.size() != 2 or not parts[1].is_valid_int():
		return []
	var host := parts[0].trim_prefix("[").trim_suffix("]")
	var loopback := host == "::1" or (host.begins_with("127.") and host.is_valid_ip_address())
	return [host, parts[1].to_int()] if loopback else []


## Reads and answers what has come.
func poll() -> void:
	if state == CLOSED:
		return
	_frames = 0
	_peer.poll()
	var status := _peer.get_status()
	if status == StreamPeerTCP.STATUS_CONNECTED:
		if state == CONNECTING:
			_greet()
		_receive()
		_flush()
	elif status != StreamPeerTCP.STATUS_CONNECTING:
		close("refused" if state == CONNECTING else "ended")
	if state != CLOSED and state != OPEN and Time.get_ticks_msec() - _begun_ms > HANDSHAKE_MS:
		close("timeout")


## The messages that have come since the last call, in order.
func take() -> Array[PackedByteArray]:
	var taken := _messages
	_messages = []
	return taken


## Whether [method take] would give something.
func has_messages() -> bool:
	return not _messages.is_empty()


## Sends a message. Returns whether the connection is open.
func send(body: PackedByteArray) -> bool:
	if state != OPEN:
		return false
	_put(Bytes.frame(0, body))
	_flush()
	return state == OPEN


## Ends the connection.
func close(why: String = "closed") -> void:
	if state != CLOSED:
		state = CLOSED
		reason = why
		_peer.disconnect_from_host()


func _greet() -> void:
	_peer.set_no_delay(true)
	state = GREETING
	_put(Bytes.greeting())


func _receive() -> void:
	var read := 0
	while state != CLOSED and read < READ_BYTES_MAX:
		var available := _peer.get_available_bytes()
		if available <= 0:
			break
		var found: Array = _peer.get_partial_data(mini(available, READ_BYTES_MAX))
		if found[0] != OK:
			close("ended")
			return
		var part := found[1] as PackedByteArray
		read += part.size()
		_in.append_array(part)
		_parse()


func _parse() -> void:
	if state == GREETING:
		if _in.size() < Bytes.GREETING_BYTES:
			return
		if _in[0] != 0xff or _in[9] & 1 != 1 or _in[10] < 3:
			close("garbage")
			return
		_at = Bytes.GREETING_BYTES
		state = WELCOME
		_say("HELLO", Bytes.short(_user) + Bytes.short(_password))
	while state != CLOSED and _next():
		pass
	_in = _in.slice(_at)
	_at = 0


# Takes one frame out of what has come; false: there is no whole one.
func _next() -> bool:
	var left := _in.size() - _at
	if left < 2:
		return false
	var flags := _in[_at]
	var head := 2
	var size := _in[_at + 1]
	if flags & Bytes.LONG:
		head = 9
		if left < head:
			return false
		size = 0
		for place: int in 8:
			if size > FRAME_BYTES_MAX:
				break
			size = size << 8 | _in[_at + 1 + place]
	if flags & ~(Bytes.LONG | Bytes.COMMAND):  # no message of ours has more than one frame
		close("garbage")
		return false
	if size > FRAME_BYTES_MAX:
		close("oversized")
		return false
	if left < head + size:
		return false
	_frames += 1
	if _frames > FRAMES_MAX:
		close("flood")
		return false
	var body := _in.slice(_at + head, _at + head + size)
	_at += head + size
	if flags & Bytes.COMMAND:
		_command(body)
	elif state == OPEN:
		if _newest_only:
			_messages.clear()
		_messages.append(body)
	else:
		close("garbage")
	return true


func _command(body: PackedByteArray) -> void:
	var length := body[0] if not body.is_empty() else 0
	if state != OPEN and body.slice(1, 5) == _ERROR_TAIL:  # libzmq 4.3 spells ERROR with a wrong first byte
		close("denied")
		return
	if length == 0 or body.size() < 1 + length:
		close("garbage")
		return
	var name := body.slice(1, 1 + length)  # as bytes: Godot prints an error for what is no ASCII
	if name == _ERROR:
		close("denied")
	elif name == _WELCOME and state == WELCOME:
		state = READYING
		_say("INITIATE", Bytes.short("Socket-Type") + Bytes.long(_type))
	elif name == _READY and state == READYING:
		state = OPEN
		if _type == "SUB":
			_put(Bytes.frame(0, PackedByteArray([1]) + _topic))
	elif name == _PING and state == OPEN:
		_say("PONG", body.slice(7, 7 + CONTEXT_BYTES_MAX))
	elif state != OPEN:
		close("garbage")


func _say(name: String, data: PackedByteArray) -> void:
	_put(Bytes.frame(Bytes.COMMAND, Bytes.short(name) + data))


func _put(bytes: PackedByteArray) -> void:
	_out.append_array(bytes)
	if _out.size() > UNSENT_BYTES_MAX:
		close("stuck")


# Sends what the peer takes just now. Never waits for it: a peer that reads nothing must not hold the game.
func _flush() -> void:
	if state == CLOSED or _out.is_empty():
		return
	var sent: Array = _peer.put_partial_data(_out)
	if sent[0] != OK:
		close("ended")
	elif sent[1] > 0:
		_out = _out.slice(sent[1] as int)
