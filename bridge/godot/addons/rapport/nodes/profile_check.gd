extends RefCounted
## What is wrong with a profile, as far as the editor can tell without a sidecar.

const Signals := preload("../types/signals.gd")

const NAME_PATTERN := "^[A-Za-z][A-Za-z0-9_-]{0,47}$"
## What a game may call a moment.
const MOMENT_PATTERN := "^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$"
## Less alike than this is no slip of the pen.
const ALIKE := 0.3


## What is wrong with a profile, one sentence each; nothing: it can be used.
static func profile(checked: RapportProfile) -> PackedStringArray:
	var found := PackedStringArray()
	if checked.reactions.is_empty():
		found.append("There is no reaction yet. Add a RapportRule.")
	if checked.reactions.size() > RapportProfile.REACTIONS_MAX:
		found.append("There are more than %d reactions." % RapportProfile.REACTIONS_MAX)
	var seen: Dictionary = {}
	for index: int in checked.reactions.size():
		var checked_rule := checked.reactions[index]
		if checked_rule == null:
			found.append("Reaction %d is empty." % (index + 1))
			continue
		if seen.has(checked_rule.name):
			found.append("Two reactions are called '%s'." % checked_rule.name)
		seen[checked_rule.name] = true
		found.append_array(rule(checked_rule))
	return found


## What is wrong with one rule.
static func rule(checked: RapportRule) -> PackedStringArray:
	var found := PackedStringArray()
	for name: String in [checked.name, checked.group]:
		if RegEx.create_from_string(NAME_PATTERN).search(name) == null and (name or name == checked.name):
			found.append("'%s' is no name: use up to 48 letters, digits, _ and -, first a letter." % name)
	if checked.strength != null and checked.strength_points().size() == 1:
		found.append("%s: its strength curve has one point only; give it two or more." % checked.name)
	if checked.when == null:
		found.append("%s: it has no condition." % checked.name)
	else:
		found.append_array(condition(checked.when, checked.name))
	return found


## What is wrong with a condition; [param where] is how the sentences begin.
static func condition(checked: RapportCondition, where: String, depth: int = 1) -> PackedStringArray:
	if depth > RapportCondition.DEPTH_MAX:
		return ["%s: conditions nest deeper than %d." % [where, RapportCondition.DEPTH_MAX]]
	if checked.is_group():
		return _group(checked, where, depth)
	var found := PackedStringArray()
	if not is_signal(checked.signal_name):
		found.append("%s: there is no signal '%s'%s." % [where, checked.signal_name, _meant(checked.signal_name)])
	elif checked.kind == RapportCondition.Kind.LEVEL:
		found.append_array(_level(checked, where))
	if checked.kind == RapportCondition.Kind.WORD and checked.words.is_empty():
		found.append("%s: no word is given that %s must be." % [where, checked.signal_name])
	return found


static func _group(checked: RapportCondition, where: String, depth: int) -> PackedStringArray:
	var found := PackedStringArray()
	var most := 1 if checked.kind == RapportCondition.Kind.NOT else RapportCondition.PARTS_MAX
	if checked.parts.is_empty() or checked.parts.size() > most:
		found.append("%s: the group wants %s." % [where, "one condition" if most == 1 else "1 to %d conditions" % most])
	for index: int in checked.parts.size():
		var part := checked.parts[index] as RapportCondition
		if part == null:
			found.append("%s: condition %d of the group is empty." % [where, index + 1])
		else:
			found.append_array(condition(part, where, depth + 1))
	return found


static func _level(checked: RapportCondition, where: String) -> PackedStringArray:
	var named := checked.signal_name
	var found := PackedStringArray()
	if named in RapportCondition.FLAGS or is_word(named):
		found.append("%s: %s is no number; choose the kind Flag or Word." % [where, named])
	var ends := Vector2(checked.lowest(), checked.highest())
	var open := named.begins_with("context.")
	if not open and (checked.enter < ends.x or checked.enter > ends.y):
		found.append("%s: %s lies in %d to %d and never gets to %.2f." % [where, named, ends.x, ends.y, checked.enter])
	elif not open and (checked.exit_level() >= ends.y if checked.counts_low() else checked.exit_level() <= ends.x):
		found.append("%s: %s never gets beyond its exit level, so it would never end." % [where, named])
	if checked.own_exit and is_equal_approx(checked.exit, checked.enter):
		found.append("%s: %s enters and exits at the same level, so it would tremble." % [where, named])
	return found


## Whether there is such a signal; [code]context.<name>[/code] always is, [code]moment.<name>[/code] if a moment can
## be called so.
static func is_signal(named: String) -> bool:
	if named.begins_with(Signals.MOMENT):
		var moment := named.trim_prefix(Signals.MOMENT).trim_suffix(Signals.STRENGTH)
		return RegEx.create_from_string(MOMENT_PATTERN).search(moment) != null
	if named.begins_with("context."):
		return named.length() > "context.".length()
	return named in RapportCondition.SIGNALS.split(",")


## Whether a signal is a word rather than a number or a flag.
static func is_word(named: String) -> bool:
	return named in RapportCondition.WORDS or named.begins_with(Signals.MOMENT) and not named.ends_with(Signals.STRENGTH)


static func _meant(named: String) -> String:
	var best := ""
	for each: String in RapportCondition.SIGNALS.split(","):
		if each.similarity(named) > best.similarity(named):
			best = each
	return "; perhaps %s is meant" % best if best.similarity(named) > ALIKE else ""
