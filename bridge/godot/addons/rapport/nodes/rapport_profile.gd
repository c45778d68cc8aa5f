@tool
@icon("../icon.svg")
class_name RapportProfile
extends Resource
## When a character reacts to how the player feels: named rules, edited in the inspector.
##
## Give it to a [RapportReactor]. Every edit emits [signal Resource.changed], on which the reactor sends
## it to the sidecar anew, while the game runs. It is data only; nothing in it is executed. The same
## profile can be kept as TOML or JSON (docs/reactions.md describes the format), for other engines and
## for [code]rapport try[/code].
## [codeblock]
## var profile := RapportProfile.new()
## profile.title = "Companion"
## profile.reactions = [RapportRule.make("comfort", RapportCondition.level("sadness", 0.6))]
## $Companion/RapportReactor.profile = profile
## [/codeblock]

const REACTIONS_MAX := 32
const _Format := preload("profile_format.gd")
const _Check := preload("profile_check.gd")

## Its name, for people.
@export var title := "":
	set(value):
		title = value
		emit_changed()
## What it is meant for, for people.
@export_multiline var description := "":
	set(value):
		description = value
		emit_changed()
## The rules. Assign the array anew to have a change of it noticed. Where several could begin at once in one group, the first of the highest priority does.
@export var reactions: Array[RapportRule] = []:
	set(value):
		for rule: RapportRule in reactions:
			if rule != null and rule.changed.is_connected(emit_changed):
				rule.changed.disconnect(emit_changed)
		reactions = value
		for rule: RapportRule in reactions:
			if rule != null and not rule.changed.is_connected(emit_changed):
				rule.changed.connect(emit_changed)
		emit_changed()


## The profile in a text in JSON; null, with an error in the output, if it has mistakes.
static func from_json(text: String) -> RapportProfile:
	return _or_complain(from_text(text, "json"), "the profile")


## The profile in a text in TOML; null, with an error in the output, if it has mistakes.
static func from_toml(text: String) -> RapportProfile:
	return _or_complain(from_text(text, "toml"), "the profile")


## The profile in a file that ends in [code].json[/code] or [code].toml[/code]; null, with an error
## in the output, if it cannot be read or has mistakes. In an exported game, name the file in the
## export filter for non-resources.
static func from_file(path: String) -> RapportProfile:
	var text := FileAccess.get_file_as_string(path)
	if text.is_empty():
		push_error("Rapport: %s cannot be read: %s" % [path, error_string(FileAccess.get_open_error())])
		return null
	return _or_complain(from_text(text, "toml" if path.get_extension() == "toml" else "json"), path)


## The profile in a text, [param format] [code]json[/code] or [code]toml[/code], and what is wrong with
## it: [code]{profile: RapportProfile, problems: PackedStringArray}[/code]. Never complains by itself.
static func from_text(text: String, format: String) -> Dictionary:
	return _Format.read(text, format)


## The profile as text in JSON, as the sidecar reads it. Defaults are left out.
func to_json() -> String:
	return JSON.stringify(to_dict(), "  ", false)


## The profile as a dictionary in the structure of the format.
func to_dict() -> Dictionary:
	return _Format.profile_to_dict(self)


## The rule of a name, or null.
func find(reaction: String) -> RapportRule:
	for rule: RapportRule in reactions:
		if rule != null and rule.name == reaction:
			return rule
	return null


## The names of its reactions, in order.
func names() -> PackedStringArray:
	var found := PackedStringArray()
	for rule: RapportRule in reactions:
		if rule != null:
			found.append(rule.name)
	return found


## What is wrong with it, one sentence each; nothing: it can be used. The sidecar looks closer; see
## the check in the editor's Rapport dock.
func warnings() -> PackedStringArray:
	return _Check.profile(self)


## Takes over all of another profile, with one [signal Resource.changed] at the end.
func become(other: RapportProfile) -> void:
	set_block_signals(true)
	title = other.title
	description = other.description
	reactions = other.reactions
	set_block_signals(false)
	emit_changed()


static func _or_complain(read: Dictionary, what: String) -> RapportProfile:
	var problems: PackedStringArray = read.problems
	if problems.is_empty():
		return read.profile
	push_error("Rapport: %s is not used: %s" % [what, "; ".join(problems)])
	return null
