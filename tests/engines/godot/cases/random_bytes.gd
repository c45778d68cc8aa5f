extends "res://case.gd"
## Random and damaged bytes: read or refused, and nothing else. Arguments: the seed, a good frame in hex.

const MessagePack := preload("res://addons/rapport/core/message_pack.gd")
const Check := preload("res://addons/rapport/core/message_check.gd")
const COUNT := 20000


func _ready() -> void:
	var chance := RandomNumberGenerator.new()
	chance.seed = arguments[0].to_int()
	var good := arguments[1].hex_decode()
	var reader := MessagePack.new()
	var read := 0
	for number: int in COUNT:
		var bytes := _damaged(good, chance) if number % 2 else _random(chance)
		var value: Variant = reader.read(bytes)
		if reader.fault.is_empty():
			read += 1
			if value is Dictionary:
				Check.state(value as Dictionary)
				Check.event(value as Dictionary)
		elif value != null:
			return failed("something was made of %s" % bytes.hex_encode())
	var after: Variant = reader.read(good)
	if not after is Dictionary or Check.state(after as Dictionary) != "":
		return failed("a good message is not read any more")
	print("INPUTS %d READ %d" % [COUNT, read])
	passed()


func _random(chance: RandomNumberGenerator) -> PackedByteArray:
	var bytes := PackedByteArray()
	for place: int in chance.randi_range(0, 40):
		bytes.append(chance.randi() & 0xff)
	return bytes


func _damaged(good: PackedByteArray, chance: RandomNumberGenerator) -> PackedByteArray:
	var bytes := good.slice(0, chance.randi_range(1, good.size()))
	for change: int in chance.randi_range(1, 5):
		bytes[chance.randi() % bytes.size()] = chance.randi() & 0xff
	return bytes
