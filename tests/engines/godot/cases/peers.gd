extends "res://case.gd"
## Connects to peers that break the rules, all at once, until each connection has ended, and prints why it did.
## Arguments: addresses.

const Connection := preload("res://addons/rapport/core/zmtp_connection.gd")
const AT_MOST_S := 30.0

var _connections: Array[Connection] = []


func _ready() -> void:
	Rapport.set_process(false)
	for address: String in arguments:
		var connection := Connection.new()
		connection.open(address, "SUB", "read", "token", "state ")
		_connections.append(connection)
	await until(_have_all_ended, AT_MOST_S)
	for connection: Connection in _connections:
		print("PEER %s" % (connection.reason if connection.reason else "open"))
	passed()


func _have_all_ended() -> bool:
	var ended := true
	for connection: Connection in _connections:
		connection.poll()
		connection.take()
		ended = ended and connection.state == Connection.CLOSED
	return ended
