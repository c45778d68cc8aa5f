extends Npc
## Odo, the merchant: answers doubt with proof, gives way to frustration, and charges delight.

const CHEAPEST := 5
const DEAREST := 15
const ROPES := 2

@onready var _coins: Flourish = $Coins
@onready var _sparks: Flourish = $Sparks


func _process(delta: float) -> void:
	reactor_context("haggling", is_near() and not story.is_true("has_lantern"))
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
			story.put("ropes", mini(story.number("ropes") + 1, ROPES))
		"ask_more":
			_coins.active = true
			_change_price(2)


func _end(_reaction: String) -> void:
	_sparks.active = false
	_coins.active = false


func _change_price(by: int) -> void:
	story.put("price", clampi(story.number("price") + by, CHEAPEST, DEAREST))
