extends "res://case.gd"
## A game that runs from the editor: its mock plays the mood that the dock sends.


func _ready() -> void:
	var mock := RapportMock.new()
	add_child(mock)
	if await until(func() -> bool: return mock.mood != null and mock.mood.granular.has("frustration")):
		passed()
	else:
		failed("no mood has come")
