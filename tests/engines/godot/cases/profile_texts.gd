extends "res://case.gd"
## Reads texts as TOML and prints what they mean as JSON. Argument: a file with a JSON array of texts.

const Toml := preload("res://addons/rapport/nodes/toml.gd")


func _ready() -> void:
	for text: String in JSON.parse_string(FileAccess.get_file_as_string(arguments[0])):
		var toml := Toml.new()
		var read := toml.parse(text)
		# A profile of whatever it is must not do harm either.
		RapportProfile.from_text(text, "toml")
		print("READ ", JSON.stringify({ "value": read, "error": toml.error, "line": toml.line }, "", false, true))
	passed()
