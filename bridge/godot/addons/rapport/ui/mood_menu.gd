@icon("../icon.svg")
class_name RapportMoodMenu
extends "modal.gd"
## "How do you feel?": lets a player choose a mood instead of being sensed, or say nothing.
##
## For players who want characters that answer, and no camera. Works with mouse, keyboard, gamepad and
## screen reader. Give it the [RapportMock] that is to play what is chosen, or connect [signal chosen].

## A mood was chosen: a name of [constant RapportMood.NAMED], or [constant RapportMood.UNSAID].
signal chosen(mood: String)

const COLUMNS := 3
const BUTTON_SIZE := Vector2(204.0, 52.0)
## The moods on offer, with the key of their word.
const MOODS: Dictionary = {
	"calm": "RAPPORT_MOOD_CALM",
	"happy": "RAPPORT_MOOD_HAPPY",
	"amused": "RAPPORT_MOOD_AMUSED",
	"surprised": "RAPPORT_MOOD_SURPRISED",
	"sad": "RAPPORT_MOOD_SAD",
	"frustrated": "RAPPORT_MOOD_FRUSTRATED",
	"angry": "RAPPORT_MOOD_ANGRY",
	"afraid": "RAPPORT_MOOD_AFRAID",
	"disgusted": "RAPPORT_MOOD_DISGUSTED",
	"confused": "RAPPORT_MOOD_CONFUSED",
	"bored": "RAPPORT_MOOD_BORED",
	"sceptical": "RAPPORT_MOOD_SCEPTICAL",
}

## The mock that plays what is chosen; may be empty.
@export var mock: RapportMock
## Closes itself when something was chosen.
@export var close_when_chosen := true

@onready var _grid: GridContainer = %Grid
@onready var _unsaid: Button = %Unsaid

var _group := ButtonGroup.new()


func _ready() -> void:
	super()
	_least = Vector2(760.0, 520.0)
	_grid.columns = COLUMNS
	for mood: String in MOODS:
		_grid.add_child(_button(mood))
	_unsaid.button_group = _group
	_unsaid.pressed.connect(_choose.bind(RapportMood.UNSAID))
	_wire()


## Shows the menu, with the focus on the mood that was chosen last.
func open() -> void:
	_show_panel()
	var last := _group.get_pressed_button()
	(last if last != null else _unsaid).grab_focus()


func _button(mood: String) -> Button:
	var button := Button.new()
	button.name = mood
	button.text = MOODS[mood]
	button.toggle_mode = true
	button.button_group = _group
	button.custom_minimum_size = BUTTON_SIZE
	button.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	button.pressed.connect(_choose.bind(mood))
	return button


func _choose(mood: String) -> void:
	if mock != null:
		mock.set_mood(mood)
	if close_when_chosen:
		close()
	chosen.emit(mood)


# Rows and columns find each other by place; what is left is not to leave the menu.
func _wire() -> void:
	var buttons: Array[Control] = []
	for child: Node in _grid.get_children():
		buttons.append(child as Control)
	var rows := ceili(buttons.size() / float(COLUMNS))
	for index: int in buttons.size():
		var here := buttons[index]
		var row := floori(index / float(COLUMNS))
		here.focus_neighbor_top = here.get_path_to(_unsaid if row == 0 else buttons[index - COLUMNS])
		here.focus_neighbor_bottom = here.get_path_to(_unsaid if row == rows - 1 else buttons[index + COLUMNS])
		here.focus_neighbor_left = here.get_path_to(buttons[index - 1] if index % COLUMNS > 0 else buttons[row * COLUMNS + COLUMNS - 1])
		here.focus_neighbor_right = here.get_path_to(buttons[index + 1] if index % COLUMNS < COLUMNS - 1 else buttons[row * COLUMNS])
	_unsaid.focus_neighbor_top = _unsaid.get_path_to(buttons[buttons.size() - COLUMNS])
	_unsaid.focus_neighbor_bottom = _unsaid.get_path_to(buttons[0])
	_unsaid.focus_neighbor_left = ^"."
	_unsaid.focus_neighbor_right = ^"."
	buttons.append(_unsaid)
	for index: int in buttons.size():
		buttons[index].focus_next = buttons[index].get_path_to(buttons[(index + 1) % buttons.size()])
		buttons[index].focus_previous = buttons[index].get_path_to(buttons[index - 1])
