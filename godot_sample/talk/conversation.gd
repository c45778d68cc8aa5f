class_name Conversation
extends Node
## A talk between the player and one person. Every line is told to Rapport, which reads the player's
## words for emotion and keeps what the others say as context.

## There is something to show: a line, or the same line in other words, as a reaction has begun or ended.
signal line_shown(npc: Npc, text: String, replies: Array[Dictionary], anew: bool)
signal began(npc: Npc)
signal ended(npc: Npc)

const PLAYER := "player"

var story: Story
## With whom the player talks; null: nobody.
var partner: Npc

var _line := ""
var _shown := ""


func begin(npc: Npc) -> void:
	partner = npc
	npc.in_conversation = true
	npc.reacted.connect(_on_reacted)
	began.emit(npc)
	_go_to(npc.dialogue.start(story))


## The player gives the reply of a place, 0 is the first. Nothing happens if there is none.
func choose(place: int) -> void:
	if partner == null:
		return
	var replies := partner.dialogue.replies(_line, story)
	if place < 0 or place >= replies.size():
		return
	var reply := replies[place]
	Rapport.say(PLAYER, story.fill(reply.say as String), "player", "%s.%s.%d" % [partner.reactor.character(), _line, place])
	if reply.has("marks"):
		Rapport.mark(reply.marks as String)
	story.apply(reply.get("changes", {}) as Dictionary)
	var next: String = reply.get("to", "")
	if partner.dialogue.has_line(next):
		_go_to(next)
	else:
		end()


func end() -> void:
	if partner == null:
		return
	var left := partner
	left.reacted.disconnect(_on_reacted)
	left.in_conversation = false
	left.face.talking = false
	partner = null
	ended.emit(left)


func _go_to(line: String) -> void:
	_line = line
	_show(true)
	Rapport.say(partner.title, _shown, "npc", "%s.%s" % [partner.reactor.character(), line])


func _show(anew: bool) -> void:
	_shown = story.fill(partner.dialogue.words(_line, partner.reactions()))
	line_shown.emit(partner, _shown, partner.dialogue.replies(_line, story), anew)


# Other words for the same line, if it has them.
func _on_reacted(_npc: Npc, _reaction: String, _active: bool) -> void:
	if not is_inside_tree():
		return
	if story.fill(partner.dialogue.words(_line, partner.reactions())) != _shown:
		_show(true)
