extends "res://case.gd"
## A profile made in code: what it warns of, and that every edit in it is noticed.

var _changes := 0


func _ready() -> void:
	var rule := RapportRule.make("comfort", RapportCondition.every([
		RapportCondition.level("sadnes", 1.5, 1.5),
		RapportCondition.opposite(RapportCondition.flag("speaking", true)),
		RapportCondition.word("face.condition", ["ok"]),
		RapportCondition.some([]),
	]))
	var profile := RapportProfile.new()
	profile.reactions = [rule, RapportRule.make("comfort", null)]
	for warning: String in profile.warnings():
		print("WARNING_OF ", warning)
	profile.changed.connect(func() -> void: _changes += 1)
	var level := rule.when.parts[0] as RapportCondition
	level.signal_name = "sadness"
	level.enter = 0.6
	level.exit = 0.4
	rule.when.parts = [level]
	rule.strength = Curve.new()
	rule.strength.add_point(Vector2(0.5, 0.2), 0.0, 0.0, Curve.TANGENT_LINEAR, Curve.TANGENT_LINEAR)
	rule.strength.add_point(Vector2(1.0, 1.0), 0.0, 0.0, Curve.TANGENT_LINEAR, Curve.TANGENT_LINEAR)
	print("CHANGES ", _changes)
	profile.reactions = [rule]
	for warning: String in profile.warnings():
		print("STILL ", warning)
	print("STRENGTH %.3f %.3f %.3f" % [rule.published_strength(0.1), rule.published_strength(0.75), rule.published_strength(1.0)])
	print("JSON ", JSON.stringify(profile.to_dict(), "", false))
	passed()
