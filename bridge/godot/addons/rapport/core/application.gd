extends RefCounted
## Which application this is to the sidecar: consent is given to its id, and people read its title.

const ID := "rapport/application/id"
const TITLE := "Godot game"
## The longest id and title that the sidecar takes.
const LENGTH_MAX := 64
const _LETTERS := "abcdefghijklmnopqrstuvwxyz0123456789"


## The id that the project settings name; else one made of the title.
static func id() -> String:
	var named := str(ProjectSettings.get_setting(ID, "")).strip_edges()
	return named if named else as_id(title())


## The name of the project, for people.
static func title() -> String:
	var named := str(ProjectSettings.get_setting("application/config/name", "")).strip_escapes()
	return named.left(LENGTH_MAX) if named.strip_edges() else TITLE


## A title as an id: letters, digits and dashes. What is in no Latin letters is told apart by a number.
static func as_id(name: String) -> String:
	var made := ""
	var foreign := false
	for character: String in name.to_lower():
		made += character if character in _LETTERS else "-"
		foreign = foreign or character.unicode_at(0) > 0x7f
	if foreign:
		made += "-%x" % name.hash()
	return ("game." + made.lstrip("-")).left(LENGTH_MAX).rstrip("-.")
