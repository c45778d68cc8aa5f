extends RefCounted
## Keeps a lease while the game lives, from a thread and a connection of its own, so that a scene that
## loads for seconds does not switch the camera off and on again.

const Connection := preload("zmtp_connection.gd")
const Writer := preload("message_writer.gd")
const EVERY_MS := 500
const LEASE_S := 1.5
const LOOK_MS := 20
## Between two tries to connect.
const AGAIN_MS := 500


# A thread that keeps one lease.
class Keeper:
	var thread := Thread.new()
	var stopping := false
	var address := ""
	var token := ""
	var hello: Dictionary = {}

	func keep() -> void:
		while not stopping:
			_keep_over(Connection.new())
			var again_ms := Time.get_ticks_msec() + AGAIN_MS
			while not stopping and Time.get_ticks_msec() < again_ms:
				OS.delay_msec(LOOK_MS)

	func _keep_over(connection: Connection) -> void:
		connection.open(address, "DEALER", "control", token)
		var due_ms := 0
		while not stopping and connection.state != Connection.CLOSED:
			connection.poll()
			connection.take()
			if connection.state == Connection.OPEN and Time.get_ticks_msec() >= due_ms:
				if due_ms == 0:
					connection.send(Writer.write(hello))
				due_ms = Time.get_ticks_msec() + EVERY_MS
				connection.send(Writer.write({"op": "lease.take", "seconds": LEASE_S}))
			OS.delay_msec(LOOK_MS)
		connection.send(Writer.write({"op": "lease.end"}))
		connection.close()


var _keeper: Keeper
var _ending: Array[Keeper] = []


## Begins to keep a lease at a sidecar.
func start(address: String, token: String, app: String, title: String) -> void:
	stop()
	_keeper = Keeper.new()
	_keeper.address = address
	_keeper.token = token
	_keeper.hello = {"op": "hello", "app": app, "name": title}
	_keeper.thread.start(_keeper.keep)


## Gives the lease back, without waiting for it.
func stop() -> void:
	for ending: Keeper in _ending.duplicate():
		if not ending.thread.is_alive():
			ending.thread.wait_to_finish()
			_ending.erase(ending)
	if _keeper != null:
		_keeper.stopping = true
		_ending.append(_keeper)
		_keeper = null


## Gives the lease back and waits until all threads have ended: some milliseconds.
func close() -> void:
	stop()
	for ending: Keeper in _ending:
		ending.thread.wait_to_finish()
	_ending.clear()
