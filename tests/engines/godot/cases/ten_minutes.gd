extends "res://keyboard.gd"
## The steps of docs/godot.md: a preset, two bindings, a mock, the key 6, and the face warms; 1, and it is calm.


func _ready() -> void:
	var companion := Node2D.new()
	companion.name = "Companion"
	var face := Sprite2D.new()
	face.name = "Face"
	companion.add_child(face)
	var reactor := RapportReactor.new()
	reactor.profile = RapportProfile.from_file("res://addons/rapport/presets/companion.toml")
	var warm := Color(1.0, 0.6, 0.5)
	reactor.bindings = [
		RapportBinding.make("comfort", ^"../Face", "modulate", warm),
		RapportBinding.make("comfort", ^"../Face", "scale", Vector2(1.3, 1.3)),
	]
	companion.add_child(reactor)
	add_child(companion)
	var mock := RapportMock.new()
	mock.number_keys = true
	add_child(mock)
	for scene: String in ["consent_panel", "indicator", "overlay"]:
		show_scene(scene)
	await press(KEY_6)
	if not await until(func() -> bool: return face.scale.x > 1.15 and face.modulate.g < 0.8, 10.0):
		failed("it does not warm: %s %s %s" % [reactor.active(), face.modulate, face.scale])
		return
	print("ACTIVE %s" % reactor.active())
	await press(KEY_1)
	if await until(func() -> bool: return face.modulate == Color.WHITE and face.scale == Vector2.ONE, 10.0):
		passed()
	else:
		failed("it does not calm down: %s %s %s" % [reactor.active(), face.modulate, face.scale])
