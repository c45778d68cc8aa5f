class_name OptionsMenu
extends Control
## Reduced motion, sound, large text; how the player feels; what may be sensed.

signal closed
## The player wants to see what is sensed, and change it.
signal consent_wanted
## The player wants to choose a mood.
signal mood_wanted

## The preferences with what they are called.
const SWITCHES: Dictionary = {
	"reduced_motion": "Less motion",
	"large_text": "Large text",
	"sound": "Sound",
}

var preferences: Preferences

var _buttons: Dictionary = {}

@onready var _column: VBoxContainer = %Column


func _ready() -> void:
	visible = false


## Builds the menu; call it once [member preferences] is there.
func build() -> void:
	for switch: String in SWITCHES:
		_buttons[switch] = _add("", func() -> void: _toggle(switch))
	_add("How do you feel?   (M)", func() -> void: _leave(mood_wanted))
	_add("Camera and microphone   (C)", func() -> void: _leave(consent_wanted))
	_add("Back   (Esc)", close)
	_show()


func open() -> void:
	visible = true
	(_column.get_child(1) as Button).grab_focus()


func close() -> void:
	visible = false
	closed.emit()


func _unhandled_input(event: InputEvent) -> void:
	if visible and (event.is_action_pressed("ui_cancel") or event.is_action_pressed("options")):
		get_viewport().set_input_as_handled()
		close()


func _add(text: String, action: Callable) -> Button:
	var button := Button.new()
	button.text = text
	button.custom_minimum_size = Vector2(360.0, 46.0)
	button.pressed.connect(action)
	_column.add_child(button)
	return button


func _toggle(switch: String) -> void:
	preferences.toggle(switch)
	_show()


func _show() -> void:
	for switch: String in SWITCHES:
		(_buttons[switch] as Button).text = "%s: %s" % [SWITCHES[switch], "on" if preferences.get(switch) else "off"]


func _leave(to: Signal) -> void:
	close()
	to.emit()
