extends "res://case.gd"
## Reads states of a file, each behind its length in four bytes (the least first), and prints of each the signals that
## are asked for: value, word and confidence. Before that, the exit level of each for an enter level of 0.6, whether
## it is a signal and whether a word. Arguments: the file, and one with a JSON array of names.

const StateReader := preload("res://addons/rapport/core/state_reader.gd")
const Check := preload("res://addons/rapport/nodes/profile_check.gd")
const Signals := preload("res://addons/rapport/types/signals.gd")


func _ready() -> void:
	var names: Array = JSON.parse_string(FileAccess.get_file_as_string(arguments[1]))
	print("KNOWN ", JSON.stringify(names.map(_of_itself), "", false, true))
	var states := StateReader.new()
	var file := FileAccess.open(arguments[0], FileAccess.READ)
	while file.get_position() < file.get_length():
		var state := states.read(file.get_buffer(file.get_32()))
		print("SIGNALS ", JSON.stringify(names.map(_of_a_state.bind(state)), "", false, true))
	passed()


func _of_itself(named: String) -> Array:
	return [RapportCondition.level(named, 0.6).exit_level(), Check.is_signal(named), Check.is_word(named)]


func _of_a_state(named: String, state: RapportState) -> Array:
	var number := state.value_of(named)
	var confidence := Signals.confidence_of(named, state)
	return [null if is_nan(number) else number, state.word_of(named), confidence]
