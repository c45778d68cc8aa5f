extends "res://case.gd"
## Hangs for five seconds, as a scene that loads does, and prints what comes after.

const STALL_MS := 5000

var _numbers: Array[int] = []


func _ready() -> void:
	Rapport.event_received.connect(func(e: RapportEvent) -> void: _numbers.append(e.sequence))
	if not await until(func() -> bool: return Rapport.is_connected and not _numbers.is_empty()):
		return failed("no sidecar")
	OS.delay_msec(STALL_MS)
	await get_tree().process_frame
	await get_tree().process_frame
	print("AGE %.1f CONNECTED %s" % [Rapport.state.age_ms(), Rapport.is_connected])
	var before := _numbers.size()
	await until(func() -> bool: return _numbers.size() > before + 20, 10.0)
	for place: int in range(1, _numbers.size()):
		if _numbers[place] != _numbers[place - 1] + 1:
			return failed("event %d follows %d" % [_numbers[place], _numbers[place - 1]])
	print("EVENTS %d MISSED %d" % [_numbers.size(), Rapport.missed_events])
	passed()
