extends "res://case.gd"
## A reactor with a real sidecar: its profile gets there, edits too, and mistakes are told.

var _reactor := RapportReactor.new()


func _ready() -> void:
	var npc := Node.new()
	npc.name = "Mira"
	npc.add_child(_reactor)
	_reactor.profile = RapportProfile.new()
	_reactor.profile.reactions = [RapportRule.make("cheer", RapportCondition.level("context.cheer", 0.5))]
	_reactor.profile.reactions[0].hold_s = 0.0
	_reactor.reaction_began.connect(func(n: String, s: float, r: RapportReaction) -> void: print("BEGAN %s %.2f %s" % [n, s, r.reason]))
	_reactor.reaction_ended.connect(func(n: String, r: RapportReaction) -> void: print("ENDED %s %s" % [n, r.reason]))
	_reactor.profile_refused.connect(func(what: String) -> void: print("REFUSED ", what))
	_reactor.set_context("cheer", 0.75)
	add_child(npc)
	# Context and profile arrive although both were set before there was a connection.
	if not await until(func() -> bool: return _reactor.is_active("cheer")):
		failed("it did not begin")
		return
	print("STRENGTH %.2f ACTIVE %s" % [_reactor.strength_of("cheer"), _reactor.active()])
	var known: Dictionary = await Rapport.ask("profile.list")
	print("LISTED ", known.reply.profiles[0].npc)
	(_reactor.profile.reactions[0].when).enter = 0.9
	if not await until(func() -> bool: return not _reactor.is_active("cheer")):
		failed("the edit did not arrive")
		return
	_reactor.profile.reactions[0].when.signal_name = "cheeer"
	if not await until(func() -> bool: return not _reactor.on("cheer").active):
		failed("it goes on")
		return
	await get_tree().create_timer(0.5).timeout
	_reactor.profile.reactions[0].when = RapportCondition.flag("context.cheer", true)
	_reactor.set_context("cheer", true)
	if not await until(func() -> bool: return _reactor.is_active("cheer")):
		failed("the last edit did not arrive")
		return
	npc.queue_free()
	await get_tree().create_timer(0.5).timeout
	known = await Rapport.ask("profile.list")
	print("LEFT ", (known.reply.profiles as Array).size())
	passed()
