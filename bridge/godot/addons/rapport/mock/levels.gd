extends RefCounted
## Looks at the levels of a profile without a sidecar: enter and exit, with all, any and not.
##
## [b]Not[/b] the whole meaning of a profile. Dwell ([code]for_s[/code]), hold, cool-down, decay,
## priority, groups and holding on through unknown signals are the sidecar's work alone. What fires
## here would begin there too, sooner or later; how long it goes on differs.

## What is told of a firing.
const BEGAN := "began"
const UPDATED := "updated"
const ENDED := "ended"
## A change of strength below this is not told.
const STEP := 0.05
const CONTEXT := "context."

const Signals := preload("../types/signals.gd")

# GONE is a leaf that is to be ignored because it is unknown, and a group of nothing else.
enum { NO, YES, UNKNOWN, GONE }

# Strength last told, by the name of each reaction that goes on.
var _active: Dictionary = {}
# Of the state that is looked at: by the name of a signal, its value and how sure it is. Each is read once.
var _readings: Dictionary = {}


## One look. Returns what has changed, in the order of the profile, each
## [code]{phase, name, strength, reason, why}[/code]; [code]why[/code] is a list of causes as the wire
## has them.
func look(profile: RapportProfile, state: RapportState, context: Dictionary) -> Array[Dictionary]:
	var changes: Array[Dictionary] = []
	_readings.clear()
	for name: String in _active.keys():
		if profile == null or profile.find(name) == null:
			changes.append(_ended(name, "profile"))
	for rule: RapportRule in (profile.reactions if profile != null else [] as Array[RapportRule]):
		if rule == null or rule.when == null:
			continue
		var goes_on := _active.has(rule.name)
		var why: Array[Dictionary] = []
		var reading := _read(rule.when, goes_on, state, context, rule, why)
		if goes_on and reading != YES:
			changes.append(_ended(rule.name, "left" if reading == NO else "unknown", why))
		elif reading == YES:
			var strength := rule.published_strength(_strength(rule.when, goes_on, state, context, rule))
			var before: float = _active.get(rule.name, -1.0)
			if not goes_on or absf(strength - before) >= STEP:
				_active[rule.name] = strength
				changes.append({
					"phase": UPDATED if goes_on else BEGAN,
					"name": rule.name,
					"strength": strength,
					"reason": "strength" if goes_on else "entered",
					"why": why,
				})
	return changes


## Ends all that goes on; returns what has changed.
func stop(reason: String = "stopped") -> Array[Dictionary]:
	var changes: Array[Dictionary] = []
	for name: String in _active.keys():
		changes.append(_ended(name, reason))
	return changes


func _ended(name: String, reason: String, why: Array[Dictionary] = []) -> Dictionary:
	_active.erase(name)
	return { "phase": ENDED, "name": name, "strength": 0.0, "reason": reason, "why": why }


# The enter reading, or the keep reading.
func _read(
	condition: RapportCondition, keep: bool, state: RapportState, context: Dictionary,
	rule: RapportRule, why: Array[Dictionary]
) -> int:
	if not condition.is_group():
		return _leaf(condition, keep, state, context, rule, why)
	if condition.kind == RapportCondition.Kind.NOT:
		# Not entered is what keeps the opposite, and not even kept is what enters it.
		var inner := _part(condition, 0, not keep, state, context, rule, [])
		return { YES: NO, NO: YES }.get(inner, inner)
	var decides := NO if condition.kind == RapportCondition.Kind.ALL else YES
	var readings: Array[int] = []
	for index: int in condition.parts.size():
		var reading := _part(condition, index, keep, state, context, rule, why)
		if reading != GONE:
			readings.append(reading)
	if decides in readings:
		return decides
	if readings.is_empty():
		return GONE
	return UNKNOWN if UNKNOWN in readings else 1 - decides


func _part(
	condition: RapportCondition, index: int, keep: bool, state: RapportState, context: Dictionary,
	rule: RapportRule, why: Array[Dictionary]
) -> int:
	var part := condition.parts[index] as RapportCondition if index < condition.parts.size() else null
	return UNKNOWN if part == null else _read(part, keep, state, context, rule, why)


func _leaf(
	condition: RapportCondition, keep: bool, state: RapportState, context: Dictionary,
	rule: RapportRule, why: Array[Dictionary]
) -> int:
	var value: Variant = _known(condition, state, context, rule)
	if value == null:
		var policy := condition.unknown if condition.unknown != RapportCondition.Unknown.INHERIT else rule.unknown
		return GONE if policy == RapportCondition.Unknown.IGNORE else UNKNOWN
	if condition.kind == RapportCondition.Kind.FLAG:
		return YES if not value is String and float(value) == float(condition.is_true) else NO
	if condition.kind == RapportCondition.Kind.WORD:
		why.append({ "signal": condition.signal_name, "word": str(value) })
		return YES if str(value) in condition.words else NO
	var level := condition.exit_level() if keep else condition.enter
	var number := float(value)
	why.append({ "signal": condition.signal_name, "value": number, "level": level })
	if condition.counts_low():
		return YES if number <= level else NO
	return YES if number >= level else NO


# Raw strength: the smallest part of all, the largest true part of any; levels by their size.
func _strength(
	condition: RapportCondition, keep: bool, state: RapportState, context: Dictionary, rule: RapportRule
) -> float:
	if condition.kind == RapportCondition.Kind.LEVEL:
		var value: Variant = _known(condition, state, context, rule)
		return 1.0 if value == null else minf(absf(float(value)), 1.0)
	if condition.kind not in [RapportCondition.Kind.ALL, RapportCondition.Kind.ANY]:
		return 1.0
	var every := condition.kind == RapportCondition.Kind.ALL
	var strength := 1.0 if every else 0.0
	for part: RapportCondition in condition.parts:
		var reading := _read(part, keep, state, context, rule, [])
		if reading == YES or (every and reading != GONE):
			var found := _strength(part, keep, state, context, rule)
			strength = minf(strength, found) if every else maxf(strength, found)
	return strength


func _known(
	condition: RapportCondition, state: RapportState, context: Dictionary, rule: RapportRule
) -> Variant:
	var named := condition.signal_name
	var least := condition.min_confidence if condition.min_confidence >= 0.0 else rule.min_confidence
	if named.begins_with(CONTEXT):
		return _fit(context.get(named.trim_prefix(CONTEXT)), condition)
	if not _readings.has(named):
		_readings[named] = [Signals.value_of(named, state), Signals.confidence_of(named, state)]
	var reading: Array = _readings[named]
	return _fit(reading[0], condition) if reading[1] >= least else null


# A word where a number is asked for says nothing.
static func _fit(value: Variant, condition: RapportCondition) -> Variant:
	return null if value is String and condition.kind == RapportCondition.Kind.LEVEL else value
