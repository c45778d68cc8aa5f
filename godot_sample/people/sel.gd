extends Npc
## Sel, the bard: plays along with sadness, is coaxed out of a sulk by a laugh, and knows when to stop.

## The tune that goes with a reaction; anything else is a sulk.
const TUNES: Dictionary = { "melancholy": "melancholy", "coaxed": "merry", "hush": "silence" }

@export var music: LuteMusic

@onready var _notes: Flourish = $Notes

var _idle_colours := PackedColorArray([Color("8a8fa8")])
var _colours: Dictionary = {
	"melancholy": PackedColorArray([Color("7fa8ff"), Color("a9c4ff")]),
	"coaxed": PackedColorArray([Color("ffd45e"), Color("ff9d5c"), Color("fff0b0")]),
}


func _ready() -> void:
	super()
	music.plucked.connect(_on_plucked)


func _begin(reaction: String) -> void:
	if TUNES.has(reaction):
		music.tune = TUNES[reaction]
		_notes.colours = _colours.get(reaction, _idle_colours)


func _end(_reaction: String) -> void:
	for reaction: String in TUNES:
		if reactor.is_active(reaction):
			_begin(reaction)
			return
	music.tune = "sulk"
	_notes.colours = _idle_colours


# A sulk looks away, until there is a reason not to.
func _attend() -> void:
	if reactor.is_active("coaxed") or reactor.is_active("hush") or in_conversation:
		super()
	else:
		attention = 0.55


func _on_plucked() -> void:
	(figure as SelFigure).pluck()
	_notes.launch()
