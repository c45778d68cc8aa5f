extends RefCounted
## Keeps a lease while the game lives, from a thread and a connection of its own, so that a scene that
## loads for seconds does not switch the camera off and on again.

const Connection := preload("zmtp_connection.gd")
const MessagePack := preload("message_pack.gd")
const EVERY_MS := 500
const LEASE_S := 1.5
const LOOK_MS := 20

var _thread: Thread
var _stop := false


## Begins to keep a lease at a sidecar.
func start(address: String, token: String, app: String, title: String) -> void:
	stop()
	_stop = false
	_thread = Thread.new()
	_thread.start(_keep.bind(address, token, app, title))


## Gives the lease back and waits for the thread.
func stop() -> void:
	if _thread != null:
		_stop = true
		_thread.wait_to_finish()
		_thread = null


func _keep(address: String, token: String, app: String, title: String) -> void:
	var connection := Connection.new()
	connection.open(address, "DEALER", "control", token)
	var due_ms := 0
	var greeted := false
	while not _stop and connection.state != Connection.CLOSED:
		connection.poll()
		connection.take()
		if connection.state == Connection.OPEN and not greeted:
			greeted = true
			_say(connection, {"op": "hello", "app": app, "name": title})
		if greeted and Time.get_ticks_msec() >= due_ms:
			due_ms = Time.get_ticks_msec() + EVERY_MS
			_say(connection, {"op": "lease.take", "seconds": LEASE_S})
		OS.delay_msec(LOOK_MS)
	if connection.state == Connection.OPEN:
		_say(connection, {"op": "lease.end"})
		connection.poll()
	connection.close()


func _say(connection: Connection, request: Dictionary) -> void:
	connection.send(MessagePack.write(request))
