extends "res://case.gd"
## Makes ids of titles. Argument: a JSON list of titles.

const Application := preload("res://addons/rapport/core/application.gd")


func _ready() -> void:
	for title: String in JSON.parse_string(arguments[0]):
		print("ID %s" % Application.as_id(title))
	passed()
