extends "res://case.gd"
## A profile that is saved while the game runs is taken over by it.


func _ready() -> void:
	var path := "res://designed.tres"
	var first := RapportProfile.new()
	first.reactions = [RapportRule.make("first", RapportCondition.level("anger", 0.5))]
	ResourceSaver.save(first, path)
	var reactor := RapportReactor.new()
	reactor.profile = ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_REPLACE) as RapportProfile
	add_child(reactor)
	await get_tree().create_timer(1.1).timeout  # times of files are whole seconds
	var second := RapportProfile.new()
	second.reactions = [RapportRule.make("second", RapportCondition.level("anger", 0.5))]
	ResourceSaver.save(second, path)
	if await until(func() -> bool: return reactor.profile.names() == PackedStringArray(["second"]), 10.0):
		passed()
	else:
		failed("it still has %s" % reactor.profile.names())
