class_name TitleScreen
extends Control
## The name of the tavern, over the tavern.

## The player wants to come in.
signal entered

@onready var _enter: Button = %Enter


func _ready() -> void:
	_enter.pressed.connect(_on_entered)


func open() -> void:
	visible = true
	_enter.grab_focus()


func close() -> void:
	visible = false


func _on_entered() -> void:
	_enter.disabled = true
	_enter.text = "One moment …"
	entered.emit()
