extends "res://case.gd"
## Sets a profile, and prints what comes until the sidecar ends. Arguments: character, profile (JSON).


func _ready() -> void:
	Rapport.connection_changed.connect(_on_connection)
	Rapport.event_received.connect(func(e: RapportEvent) -> void: print("EVENT %d %s" % [e.sequence, e.kind]))
	Rapport.reaction_began.connect(func(r: RapportReaction) -> void: print("BEGAN %s %s: %s" % [r.npc, r.name, r.why_in_words()]))
	Rapport.reaction_ended.connect(func(r: RapportReaction) -> void: print("ENDED %s %s: %s" % [r.npc, r.name, r.reason]))
	Rapport.condition_changed.connect(func(m: String, c: String, _b: String) -> void: print("CONDITION %s %s" % [m, c]))
	Rapport.set_profile(arguments[0], arguments[1])
	var name: String = (JSON.parse_string(arguments[1]).reaction as Dictionary).keys()[0]
	var reaction := await Rapport.wait_for(name, arguments[0])
	print("WAITED for %s" % reaction.name)


func _on_connection(connected: bool, reason: String) -> void:
	print("CONNECTED" if connected else "GONE %s" % reason)
	if connected:
		var answer: Dictionary = await Rapport.ask("time")
		print("TIME %s" % answer.has("reply"))
		answer = await Rapport.ask("no.such.request")
		print("UNKNOWN %s" % answer.error.code)
	else:
		print("REFUSED %d MISSED %d" % [Rapport.refused, Rapport.missed_events])
		passed()
