extends Npc
## Odo, the merchant: answers doubt with proof, gives way to frustration, and charges delight.

const CHEAPEST := 5
const DEAREST := 15
const ROPES := 2
const THROW_S := 0.7

## The counter, which shows what he does to the price.
@export var counter: Node2D

@onready var _coins: Flourish = $Coins
@onready var _sparks: Flourish = $Sparks


func _process(delta: float) -> void:
	reactor_context("price", story.number("price"))
	reactor_context("coins", story.number("coins"))
	super(delta)


func _begin(reaction: String) -> void:
	match reaction:
		"offer_proof":
			_sparks.active = true
			_change_price(-1)
		"give_way":
			_change_price(-1)
			if story.number("ropes") < ROPES:
				_throw_in()
		"ask_more":
			_coins.active = true
			_change_price(2)


func _end(_reaction: String) -> void:
	_sparks.active = false
	_coins.active = false


func _change_price(by: int) -> void:
	if not story.is_true("has_lantern"):
		story.put("price", clampi(story.number("price") + by, CHEAPEST, DEAREST))


# A coil of rope flies from under the counter onto it.
func _throw_in() -> void:
	story.add("ropes", 1)
	var coil := Flourish.new()
	counter.add_child(coil)
	coil.kind = Flourish.Kind.SPARK
	coil.rate = 30.0
	coil.width = 8.0
	coil.rise = 26.0
	coil.active = true
	coil.position = Vector2(-20.0, -150.0)
	var flight := create_tween()
	flight.tween_property(coil, "position", Vector2(46.0, -112.0), THROW_S).set_trans(Tween.TRANS_BACK)
	flight.tween_callback(coil.set.bind("active", false))
	flight.tween_interval(Flourish.LIFE_S)
	flight.tween_callback(coil.queue_free)
