extends "res://case.gd"
## What the bridge costs a frame, at sixty frames a second. Argument: for how many seconds.


func _ready() -> void:
	Engine.max_fps = 60
	if not await until(func() -> bool: return Rapport.is_connected):
		return failed("no sidecar")
	Rapport.set_process(false)
	var costs := PackedFloat64Array()
	var states := [0]
	Rapport.state_changed.connect(func(_s: RapportState) -> void: states[0] += 1)
	var end := Time.get_ticks_msec() + int(arguments[0].to_float() * 1000.0)
	var begun := Time.get_ticks_usec()
	while Time.get_ticks_msec() < end:
		await get_tree().process_frame
		var start := Time.get_ticks_usec()
		Rapport._process(0.0)
		costs.append((Time.get_ticks_usec() - start) / 1000.0)
	var seconds := (Time.get_ticks_usec() - begun) / 1e6
	var sum := 0.0
	for cost: float in costs:
		sum += cost
	costs.sort()
	print("COST mean %.3f median %.3f p99 %.3f ms a frame; %.1f frames and %.1f states a second" % [
		sum / costs.size(), costs[costs.size() / 2], costs[int(costs.size() * 0.99)],
		costs.size() / seconds, states[0] / seconds,
	])
	passed()
