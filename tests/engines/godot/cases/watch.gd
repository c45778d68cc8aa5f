extends "res://case.gd"
## Prints when it is connected and when it is not any more, with the time of day. Arguments: how many
## connections to wait for; for how many seconds at most.

var _connections := 0


func _ready() -> void:
	print("WATCHING")
	Rapport.connection_changed.connect(_on_connection)
	await until(func() -> bool: return _connections >= arguments[0].to_int(), arguments[1].to_float())
	print("REASON %s REFUSED %d STATE %s" % [Rapport._link.reason, Rapport.refused, Rapport.state.label])
	passed()


func _on_connection(connected: bool, reason: String) -> void:
	var now := Time.get_unix_time_from_system()
	print("CONNECTED %.3f" % now if connected else "GONE %.3f %s" % [now, reason])
	_connections += int(connected)
