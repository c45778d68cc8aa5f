@icon("../icon.svg")
class_name RapportOverlay
extends Control
## A debug view, on and off with F3: what Rapport makes of the player, why, and how old it is.
##
## Costs nothing while it is hidden. It shows feelings of a person: leave it out of what players see, or
## keep [member debug_builds_only].

const Client := preload("../rapport.gd")
const Chart := preload("overlay_chart.gd")

const REACTIONS_SHOWN := 5
const MARGIN := 16.0
## Often enough to be read.
const REDRAWS_PER_SECOND := 15.0

## The key that shows and hides it.
@export var toggle_key: Key = KEY_F3
## The key does nothing in a release build.
@export var debug_builds_only := true

# The newest last: {reaction, ended: bool}.
var _reactions: Array[Dictionary] = []
var _waited := 0.0


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	var rapport := _rapport()
	if rapport != null:
		rapport.reaction_began.connect(_on_reaction.bind(false))
		rapport.reaction_updated.connect(_on_reaction.bind(false))
		rapport.reaction_ended.connect(_on_reaction.bind(true))


func _input(event: InputEvent) -> void:
	var key := event as InputEventKey
	if key == null or not key.pressed or key.echo or key.keycode != toggle_key:
		return
	if OS.is_debug_build() or not debug_builds_only:
		visible = not visible
		get_viewport().set_input_as_handled()


func _process(delta: float) -> void:
	_waited += delta
	if visible and _waited >= 1.0 / REDRAWS_PER_SECOND:
		_waited = 0.0
		queue_redraw()


func _draw() -> void:
	var rapport := _rapport()
	var chart := Chart.new(self)
	chart.begin(size)
	if rapport == null or not rapport.is_connected:
		chart.title("no sidecar", "", false)
	if rapport != null:
		chart.state(rapport.state)
	chart.head("Reactions")
	for index: int in range(_reactions.size() - 1, -1, -1):
		_draw_reaction(chart, _reactions[index])
	if _reactions.is_empty():
		chart.note("none yet")
	size.y = chart.total_height()
	# A small window shows all of it, smaller.
	scale = Vector2.ONE * minf(1.0, (get_viewport_rect().size.y - 2.0 * MARGIN) / size.y)


func _draw_reaction(chart: Chart, shown: Dictionary) -> void:
	var reaction := shown.reaction as RapportReaction
	var right := "ended: " + reaction.reason if shown.ended else "%.2f" % reaction.strength
	chart.reaction("%s · %s" % [reaction.name, reaction.npc], right, not shown.ended)
	if not reaction.why.is_empty():
		chart.note(reaction.why_in_words(), Chart.INDENT)


func _on_reaction(reaction: RapportReaction, ended: bool) -> void:
	for index: int in _reactions.size():
		var shown := _reactions[index].reaction as RapportReaction
		if shown.firing == reaction.firing and shown.npc == reaction.npc and shown.name == reaction.name:
			_reactions.remove_at(index)
			break
	_reactions.append({ "reaction": reaction, "ended": ended })
	if _reactions.size() > REACTIONS_SHOWN:
		_reactions.pop_front()


func _rapport() -> Client:
	return get_node_or_null(^"/root/Rapport") as Client
