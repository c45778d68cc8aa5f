extends Node2D
## The merchant's shelves. The origin is the middle of the lowest board.

const WIDTH := 214.0
const BOARD := Color("5a3a2b")
const ROW := 66.0
## From left to right: shape, width, height, colour.
const WARES: Array[Array] = [
	[["bottle", 16, 42, "4d8a6a"], ["bottle", 14, 36, "a04848"], ["jar", 28, 30, "c79a4a"], ["bottle", 18, 46, "47689c"], ["book", 40, 34, "7c3a5f"], ["jar", 24, 26, "8a9a5a"], ["bottle", 15, 40, "b4633f"]],
	[["jar", 26, 30, "6d8fa8"], ["book", 34, 38, "3d6650"], ["bottle", 16, 44, "c98a4b"], ["jar", 30, 34, "a8624a"], ["bottle", 18, 38, "7a5a9a"], ["bottle", 14, 46, "4d8a86"], ["jar", 24, 28, "d0b070"]],
]


func _draw() -> void:
	Shapes.box(self, Rect2(-WIDTH / 2.0 - 10, -ROW * 2.0 - 26, WIDTH + 20, ROW * 2.0 + 36), Color("3b251d"), 6)
	for row: int in WARES.size():
		var board := -row * ROW
		_draw_row(WARES[row], board)
		draw_rect(Rect2(-WIDTH / 2.0 - 6, board, WIDTH + 12, 9), BOARD.lightened(0.08))
		draw_rect(Rect2(-WIDTH / 2.0 - 6, board + 9, WIDTH + 12, 5), Color(0, 0, 0, 0.3))


func _draw_row(wares: Array, board: float) -> void:
	var gap := WIDTH / wares.size()
	for place: int in wares.size():
		var width: float = wares[place][1]
		var height: float = wares[place][2]
		var colour := Color(wares[place][3] as String)
		var foot := Vector2(-WIDTH / 2.0 + gap * (place + 0.5), board)
		match wares[place][0]:
			"bottle":
				Shapes.box(self, Rect2(foot.x - width / 2.0, foot.y - height * 0.66, width, height * 0.66), colour, 5)
				Shapes.box(self, Rect2(foot.x - width * 0.18, foot.y - height, width * 0.36, height * 0.42), colour, 2)
				draw_rect(Rect2(foot.x - width * 0.32, foot.y - height * 0.56, 3, height * 0.4), Color(1, 1, 1, 0.25))
			"jar":
				Shapes.box(self, Rect2(foot.x - width / 2.0, foot.y - height, width, height), colour, 7)
				Shapes.box(self, Rect2(foot.x - width * 0.42, foot.y - height - 4, width * 0.84, 7), colour.darkened(0.3), 2)
			"book":
				for spine: int in 3:
					var tall := height - (spine % 2) * 5.0
					Shapes.box(self, Rect2(foot.x - width / 2.0 + spine * width / 3.0, foot.y - tall, width / 3.0 - 1.5, tall), colour.lightened(0.12 * spine), 2)
