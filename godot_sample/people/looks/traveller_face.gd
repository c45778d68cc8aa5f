class_name TravellerFace
extends Face
## The traveller, who is the player: a hood, and a face that says little. What the player feels is the
## player's own; the game shows it in the others.


func _draw_behind() -> void:
	var back := PackedVector2Array([
		Vector2(0, -60), Vector2(38, -46), Vector2(53, -6), Vector2(46, 34), Vector2(24, 52),
		Vector2(-24, 52), Vector2(-46, 34), Vector2(-53, -6), Vector2(-38, -46),
	])
	Shapes.fill(self, Shapes.smooth(back), hair.darkened(0.35))


func _draw_in_front() -> void:
	var turned := _shift() * 0.7
	var rim := PackedVector2Array([
		Vector2(0, -61), Vector2(38, -47), Vector2(54, -6), Vector2(47, 34), Vector2(26, 50), Vector2(30 + turned, 32),
		Vector2(37 + turned, 2), Vector2(27 + turned, -26), Vector2(turned, -37), Vector2(-27 + turned, -26),
		Vector2(-37 + turned, 2), Vector2(-30 + turned, 32), Vector2(-26, 50), Vector2(-47, 34), Vector2(-54, -6),
		Vector2(-38, -47),
	])
	Shapes.fill_vertical(self, Shapes.smooth(rim), hair.lightened(0.08), hair.darkened(0.12))
