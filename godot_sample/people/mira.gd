extends Npc
## Mira, the companion: comes over with a hot mug, celebrates, or leaves the player in peace.

const BESIDE := 118.0
## A step nearer than the player, so that the mug is seen.
const LANE_Y := Vector2(580.0, 612.0)
## The stool at the fire.
const FIRESIDE_X := 318.0
## How long she stays after it is over.
const LINGER_S := 1.5

@onready var _hearts: Flourish = $Hearts
@onready var _confetti: Flourish = $Confetti

var _left_alone_s := 0.0


func _process(delta: float) -> void:
	if reactor.is_active("comfort"):
		goal_x = _beside()
	elif reactor.is_active("give_space"):
		goal_x = FIRESIDE_X
	elif reactor.is_active("celebrate"):
		goal_x = position.x
	else:
		_left_alone_s += delta
		if _left_alone_s > LINGER_S and not in_conversation:
			goal_x = home_x
	_hearts.active = reactor.is_active("comfort") and not is_walking()
	var lane := LANE_Y.y if reactor.is_active("comfort") else LANE_Y.x
	position.y = move_toward(position.y, lane, SPEED * 0.3 * delta)
	super(delta)


func _begin(reaction: String) -> void:
	_left_alone_s = 0.0
	if reaction == "celebrate":
		_confetti.active = true
		for piece: int in 14:
			_confetti.launch()
	if reaction == "comfort":
		story.add("trust", 1)


func _end(reaction: String) -> void:
	_left_alone_s = 0.0
	if reaction == "celebrate":
		_confetti.active = false


# She turns to the fire while she gives space.
func _attend() -> void:
	if reactor.is_active("give_space"):
		attention = -0.9
	else:
		super()


func _beside() -> float:
	var side := -1.0 if position.x <= traveller.position.x else 1.0
	return traveller.position.x + side * BESIDE
