extends "res://case.gd"
## Stands in for the editor: listens as its debugger does, and sends a mood as the dock does, until the game has gone.

## What Godot's debugger calls the main thread of a game.
const MAIN_THREAD := 1


func _ready() -> void:
	var server := TCPServer.new()
	server.listen(0, "127.0.0.1")
	print("PORT %d" % server.get_local_port())
	if not await until(server.is_connection_available):
		failed("no game has come")
		return
	var game := server.take_connection()
	game.poll()
	# In one piece, as the editor does it: the game takes a head without a body for a lost connection.
	var body := var_to_bytes(["rapport:mood", MAIN_THREAD, ["frustrated"]])
	var message := PackedByteArray([0, 0, 0, 0])
	message.encode_u32(0, body.size())
	message.append_array(body)
	while game.get_status() == StreamPeerTCP.STATUS_CONNECTED:
		game.put_data(message)
		game.get_partial_data(game.get_available_bytes())
		await get_tree().create_timer(0.1).timeout
		game.poll()
	passed()
