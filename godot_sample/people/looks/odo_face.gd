class_name OdoFace
extends Face
## Odo: a moustache that speaks for itself, under a soft hat.

@export var hat := Color("5b3a6e")


func _draw_behind() -> void:
	for side: float in [-1.0, 1.0]:
		Shapes.ellipse(self, Vector2(side * 40 - _shift() * 0.4, -4), Vector2(10, 19), hair)


func _draw_in_front() -> void:
	_draw_moustache()
	var turned := _shift() * 0.4
	var crown := PackedVector2Array([
		Vector2(-45, -25), Vector2(-43, -52), Vector2(-16 - turned, -72), Vector2(24, -69), Vector2(52, -52),
		Vector2(44, -26), Vector2(0, -34),
	])
	Shapes.fill_vertical(self, Shapes.smooth(crown), hat.lightened(0.12), hat.darkened(0.1))
	var brim := PackedVector2Array([
		Vector2(-50, -25), Vector2(-26, -38), Vector2(0, -41), Vector2(26, -38), Vector2(50, -25),
		Vector2(28, -29), Vector2(0, -31), Vector2(-28, -29),
	])
	Shapes.fill(self, Shapes.smooth(brim), hat.darkened(0.28))
	var feather := PackedVector2Array([
		Vector2(34, -40), Vector2(52, -60), Vector2(60, -88), Vector2(44, -78), Vector2(34, -56),
	])
	Shapes.fill(self, Shapes.smooth(feather), Color("d9a441"))
	Shapes.line(self, PackedVector2Array([Vector2(35, -42), Vector2(55, -80)]), Color("9d6f22"), 2.0)


# Its ends go up with a smile and hang without one.
func _draw_moustache() -> void:
	var middle := Vector2(_shift() * 1.2, 13.0 - mouth_open * 3.0)
	for side: float in [-1.0, 1.0]:
		var tip := middle + Vector2(side * 31.0, 4.0 - 11.0 * smile)
		var half := PackedVector2Array([
			middle + Vector2(0, -3), middle + Vector2(side * 14, -5), tip + Vector2(0, -2), tip + Vector2(side * 2, 2),
			middle + Vector2(side * 17, 9 - 2.0 * smile), middle + Vector2(side * 5, 7),
		])
		Shapes.fill(self, Shapes.smooth(half), hair)
