class_name Candle
extends Node2D
## A candle with its light. The origin is its foot.

const FLICKER := 0.14

@export var height := 26.0
@export var wax := Color("efe3c4")
## 0 is out, 1 burns.
@export_range(0.0, 1.0, 0.01) var burning := 1.0

## Burns without a flicker.
var still := false

var _noise := FastNoiseLite.new()
var _burnt_s := 0.0
var _full := 0.0

@onready var _light: PointLight2D = get_node_or_null(^"Light")


func _ready() -> void:
	_noise.seed = int(global_position.x)
	_noise.frequency = 0.9
	if _light != null:
		_full = _light.energy
		_light.position.y = -height - 10.0


func _process(delta: float) -> void:
	_burnt_s += delta
	if _light != null:
		_light.energy = _full * burning * (1.0 + _sway() * FLICKER)
	queue_redraw()


func _draw() -> void:
	Shapes.ellipse(self, Vector2(0, -1), Vector2(12, 4), Color("8a6a3a"))
	Shapes.box(self, Rect2(-5, -height, 10, height), wax, 3)
	draw_line(Vector2(0, -height), Vector2(0, -height - 5), Color("33211f"), 2.0, true)
	if burning > 0.05:
		var lean := _sway() * 2.5
		var tip := Vector2(lean, -height - 4.0 - 17.0 * burning)
		var foot := Vector2(0, -height - 3.0)
		var flame := PackedVector2Array([
			foot, foot + Vector2(5 * burning, -5), tip.lerp(foot, 0.35) + Vector2(2.5, 0), tip,
			tip.lerp(foot, 0.35) - Vector2(2.5, 0), foot + Vector2(-5 * burning, -5),
		])
		Shapes.fill(self, Shapes.smooth(flame), Color("ffb84d"))
		Shapes.ellipse(self, foot + Vector2(lean * 0.3, -5), Vector2(2.3, 4.5 * burning), Color("fff3cf"))


func _sway() -> float:
	return 0.0 if still else _noise.get_noise_1d(_burnt_s * 4.0)
