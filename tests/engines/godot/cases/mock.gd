extends "res://case.gd"
## Without a sidecar a mock plays moods, and characters react to them.

var _told := PackedStringArray()
var _reactor := RapportReactor.new()
var _mock := RapportMock.new()


func _ready() -> void:
	var npc := Node.new()
	npc.name = "Bard"
	npc.add_child(_reactor)
	var comfort := RapportRule.make("comfort", RapportCondition.every([
		RapportCondition.level("frustration", 0.6, 0.4),
		RapportCondition.level("context.near", 0.5),
	]))
	_reactor.profile = RapportProfile.new()
	_reactor.profile.reactions = [comfort, RapportRule.make("cheer", RapportCondition.level("happiness", 0.5))]
	_reactor.reaction_began.connect(func(n: String, _s: float, r: RapportReaction) -> void: _told.append("began %s %s" % [n, r.reason]))
	_reactor.reaction_ended.connect(func(n: String, r: RapportReaction) -> void: _told.append("ended %s %s" % [n, r.reason]))
	_reactor.on("cheer").began.connect(func(strength: float, _r: RapportReaction) -> void: print("CHEER %.1f" % strength))
	add_child(npc)
	_mock.blend_s = 0.0
	_mock.number_keys = true
	_mock.actions = { "ui_home": "happy" }
	add_child(_mock)
	await get_tree().create_timer(0.3).timeout
	if Rapport.state.is_known():
		failed("a mock that plays nothing knows something")
		return
	_mock.set_mood("frustrated")
	await get_tree().create_timer(0.3).timeout
	if not _told.is_empty() or not Rapport.state.replay or Rapport.state.granular_value("frustration") < 0.8:
		failed("%s %s" % [_told, Rapport.state.to_dictionary()])
		return
	if not is_equal_approx(Rapport.state.value_of("mood.valence"), Rapport.state.valence):
		failed("%s" % Rapport.state.to_dictionary())
		return
	_reactor.set_context("near", 1.0)
	if not await _heard(["began comfort entered"]): return
	_press(KEY_2)
	if not await _heard(["ended comfort left", "began cheer entered"]): return
	_press(KEY_0)
	if not await _heard(["ended cheer unknown"]): return
	_act("ui_home")
	if not await _heard(["began cheer entered"]): return
	var script := RapportMoodScript.new()
	script.steps = [RapportMoodStep.make("sad", 0.4), RapportMoodStep.make("frustrated", 0.4)]
	script.loop = false
	_mock.script_of_moods = script
	_mock.play_script()
	if not await _heard(["ended cheer left", "began comfort entered", "ended comfort unknown"]): return
	_mock.set_mood("happy")
	if not await _heard(["began cheer entered"]): return
	var ironic := RapportMood.named("happy")
	ironic.contradiction = "sarcasm"
	_mock.play(ironic)
	if not await until(func() -> bool: return Rapport.state.word_of("contradiction") == "sarcasm", 5.0):
		failed("%s" % Rapport.state.to_dictionary())
		return
	_mock.free()
	if not await _heard(["ended cheer stopped"]): return
	passed()


func _heard(what: Array) -> bool:
	await until(func() -> bool: return _told.size() >= what.size(), 5.0)
	var right := _told == PackedStringArray(what)
	if not right:
		failed("%s instead of %s" % [_told, what])
	_told.clear()
	return right


func _press(key: Key) -> void:
	var event := InputEventKey.new()
	event.keycode = key
	event.pressed = true
	get_viewport().push_input(event)


func _act(action: String) -> void:
	var event := InputEventAction.new()
	event.action = action
	event.pressed = true
	get_viewport().push_input(event)
