extends RefCounted
## Between the resources that designers edit and the profile format that the sidecar reads.
##
## The format is described in docs/reactions.md. Writing leaves defaults out. Reading gathers every
## mistake, each with where it stands.

const Toml := preload("toml.gd")

const SCHEMA := 1
## A line of more points is refused by the sidecar.
const POINTS_MAX := 16
## Vectors have 32 bits, numbers of the format 64: what is finer than this is noise.
const STEP := 0.000001

const UNKNOWN_WORDS: PackedStringArray = ["", "hold", "end", "ignore"]
const GROUP_KEYS: Dictionary = {
	RapportCondition.Kind.ALL: "all", RapportCondition.Kind.ANY: "any", RapportCondition.Kind.NOT: "not"
}
const PROFILE_KEYS: PackedStringArray = ["schema", "title", "description", "reaction"]
const LEAF_KEYS: PackedStringArray = ["signal", "for_s", "min_confidence", "unknown", "unknown_s"]
const RULE_NUMBERS: PackedStringArray = [
	"hold_s", "cooldown_s", "decay_s", "min_confidence", "unknown_s"
]
const RULE_TEXTS: PackedStringArray = ["description", "group"]
const RULE_KEYS: PackedStringArray = [
	"when", "priority", "unknown", "strength", "description", "group",
	"hold_s", "cooldown_s", "decay_s", "min_confidence", "unknown_s"
]


static func profile_to_dict(profile: RapportProfile) -> Dictionary:
	var rules: Dictionary = {}
	for rule: RapportRule in profile.reactions:
		if rule != null:
			rules[rule.name] = rule_to_dict(rule)
	var made: Dictionary = { "schema": SCHEMA, "title": profile.title }
	if not profile.description.is_empty():
		made["description"] = profile.description
	made["reaction"] = rules
	return made


static func rule_to_dict(rule: RapportRule) -> Dictionary:
	var made: Dictionary = {}
	var default := RapportRule.new()
	for key: String in RULE_TEXTS + RULE_NUMBERS + PackedStringArray(["priority"]):
		if rule.get(key) != default.get(key):
			made[key] = rule.get(key)
	if rule.unknown > RapportCondition.Unknown.HOLD:
		made["unknown"] = UNKNOWN_WORDS[rule.unknown]
	var points: Array[Array] = []
	for point: Vector2 in rule.strength_points():
		points.append([snappedf(point.x, STEP), snappedf(point.y, STEP)])
	if not points.is_empty():
		made["strength"] = points
	made["when"] = condition_to_dict(rule.when)
	return made


static func condition_to_dict(condition: RapportCondition) -> Dictionary:
	if condition == null:
		return {}
	if condition.is_group():
		var parts: Array[Dictionary] = []
		for part: RapportCondition in condition.parts:
			parts.append(condition_to_dict(part))
		if condition.kind == RapportCondition.Kind.NOT:
			return { "not": parts[0] if parts.size() == 1 else {} }
		return { GROUP_KEYS[condition.kind]: parts }
	var made: Dictionary = { "signal": condition.signal_name }
	match condition.kind:
		RapportCondition.Kind.LEVEL:
			made["enter"] = condition.enter
			if condition.own_exit:
				made["exit"] = condition.exit
		RapportCondition.Kind.FLAG:
			made["is"] = condition.is_true
		RapportCondition.Kind.WORD:
			made["is"] = condition.words
			if condition.words.size() == 1:
				made["is"] = condition.words[0]
	if condition.for_s > 0.0:
		made["for_s"] = condition.for_s
	if condition.min_confidence >= 0.0:
		made["min_confidence"] = condition.min_confidence
	if condition.unknown != RapportCondition.Unknown.INHERIT:
		made["unknown"] = UNKNOWN_WORDS[condition.unknown]
	if condition.unknown_s >= 0.0:
		made["unknown_s"] = condition.unknown_s
	return made


## The line that a curve is sent as; none: there is no curve. A curve of straight parts is sent
## exactly, another one as [constant POINTS_MAX] points of it.
static func points_of(curve: Curve) -> PackedVector2Array:
	var points := PackedVector2Array()
	if curve == null or curve.point_count == 0:
		return points
	var straight := curve.point_count <= POINTS_MAX
	for index: int in curve.point_count:
		straight = straight and curve.get_point_left_mode(index) == Curve.TANGENT_LINEAR
		straight = straight and curve.get_point_right_mode(index) == Curve.TANGENT_LINEAR
	for index: int in (curve.point_count if straight else POINTS_MAX):
		var x := curve.get_point_position(index).x if straight else index / (POINTS_MAX - 1.0)
		var y := clampf(curve.get_point_position(index).y if straight else curve.sample(x), 0.0, 1.0)
		# Two points on one place are a step; the format wants the places to rise.
		if points.is_empty() or x > points[-1].x + STEP:
			points.append(Vector2(x, y))
	return points


## The profile in a text and what is wrong with it:
## [code]{profile: RapportProfile, problems: PackedStringArray}[/code].
static func read(text: String, format: String) -> Dictionary:
	var problems := PackedStringArray()
	var source: Variant = null
	if format == "toml":
		var toml := Toml.new()
		source = toml.parse(text)
		if not toml.error.is_empty():
			problems.append("line %d: %s" % [toml.line, toml.error])
	else:
		var json := JSON.new()
		if json.parse(text) == OK:
			source = json.data
		else:
			problems.append("line %d: %s" % [json.get_error_line() + 1, json.get_error_message()])
	var profile := RapportProfile.new()
	if problems.is_empty():
		_read_profile(profile, source, problems)
	return { "profile": profile, "problems": problems }


static func _read_profile(profile: RapportProfile, source: Variant, problems: PackedStringArray) -> void:
	if not source is Dictionary:
		problems.append("a profile is a table")
		return
	var table: Dictionary = source
	_refuse_others(table, PROFILE_KEYS, "", problems)
	if _number(table, "schema", SCHEMA, "", problems) != SCHEMA:
		problems.append("schema: this version reads %d" % SCHEMA)
	profile.title = str(table.get("title", ""))
	profile.description = str(table.get("description", ""))
	var listed: Variant = table.get("reaction", {})
	if not listed is Dictionary:
		problems.append("reaction: a table of reactions by name is wanted")
		return
	var rules: Array[RapportRule] = []
	for name: Variant in listed:
		rules.append(_rule(str(name), listed[name], "reaction.%s" % name, problems))
	profile.reactions = rules


static func _rule(name: String, source: Variant, where: String, problems: PackedStringArray) -> RapportRule:
	var rule := RapportRule.new()
	rule.name = name
	if not source is Dictionary:
		problems.append("%s: a reaction is a table" % where)
		return rule
	var table: Dictionary = source
	_refuse_others(table, RULE_KEYS, where, problems)
	for key: String in RULE_TEXTS:
		rule.set(key, str(table.get(key, "")))
	for key: String in RULE_NUMBERS:
		rule.set(key, _number(table, key, rule.get(key) as float, where, problems))
	rule.priority = int(_number(table, "priority", 0.0, where, problems))
	if table.has("unknown"):
		rule.unknown = _unknown(table, where, problems)
	rule.strength = _curve(table.get("strength", []), where + ".strength", problems)
	rule.when = _condition(table.get("when"), where + ".when", problems, 1)
	return rule


static func _curve(source: Variant, where: String, problems: PackedStringArray) -> Curve:
	if source is Array and (source as Array).is_empty():
		return null
	var curve := Curve.new()
	var last := -INF
	for point: Variant in (source if source is Array else [source]):
		var whole := point is Array and (point as Array).size() == 2
		if not whole or not _is_number(point[0]) or not _is_number(point[1]) or point[0] <= last:
			problems.append("%s: pairs [raw, published] are wanted, raw rising" % where)
			return null
		last = point[0]
		curve.add_point(
			Vector2(point[0], point[1]), 0.0, 0.0, Curve.TANGENT_LINEAR, Curve.TANGENT_LINEAR
		)
	return curve


static func _condition(
	source: Variant, where: String, problems: PackedStringArray, depth: int
) -> RapportCondition:
	var condition := RapportCondition.new()
	if not source is Dictionary or depth > RapportCondition.DEPTH_MAX:
		problems.append(
			"%s: conditions nest deeper than %d" % [where, RapportCondition.DEPTH_MAX]
			if source is Dictionary else "%s: a condition in braces is wanted" % where
		)
		return condition
	var table: Dictionary = source
	for kind: RapportCondition.Kind in GROUP_KEYS:
		var key: String = GROUP_KEYS[kind]
		if table.has(key):
			_refuse_others(table, [key], where, problems)
			condition.kind = kind
			condition.parts = _parts(table[key], kind, "%s.%s" % [where, key], problems, depth)
			return condition
	_leaf(condition, table, where, problems)
	return condition


static func _parts(
	source: Variant, kind: RapportCondition.Kind, where: String, problems: PackedStringArray, depth: int
) -> Array[Resource]:
	var found: Array[Resource] = []
	if kind == RapportCondition.Kind.NOT:
		found.append(_condition(source, where, problems, depth + 1))
	elif source is Array:
		for index: int in (source as Array).size():
			found.append(_condition(source[index], "%s[%d]" % [where, index], problems, depth + 1))
	else:
		problems.append("%s: a list of conditions is wanted" % where)
	return found


static func _leaf(
	condition: RapportCondition, table: Dictionary, where: String, problems: PackedStringArray
) -> void:
	var is_level := not table.has("is")
	_refuse_others(table, LEAF_KEYS + PackedStringArray(["enter", "exit"] if is_level else ["is"]), where, problems)
	condition.signal_name = str(table.get("signal", ""))
	if is_level:
		condition.kind = RapportCondition.Kind.LEVEL
		if not table.has("enter"):
			problems.append("%s: neither enter nor is says when it counts" % where)
		condition.enter = _number(table, "enter", condition.enter, where, problems)
		condition.own_exit = table.has("exit")
		condition.exit = _number(table, "exit", condition.exit, where, problems)
	elif table["is"] is bool:
		condition.kind = RapportCondition.Kind.FLAG
		condition.is_true = table["is"]
	else:
		condition.kind = RapportCondition.Kind.WORD
		condition.words = PackedStringArray(table["is"] if table["is"] is Array else [str(table["is"])])
	for key: String in ["for_s", "min_confidence", "unknown_s"]:
		condition.set(key, _number(table, key, condition.get(key) as float, where, problems))
	if table.has("unknown"):
		condition.unknown = _unknown(table, where, problems)


static func _unknown(table: Dictionary, where: String, problems: PackedStringArray) -> RapportCondition.Unknown:
	var index := UNKNOWN_WORDS.find(str(table["unknown"]))
	if index < 1:
		problems.append("%s.unknown: one of hold, end, ignore is wanted" % where)
		return RapportCondition.Unknown.HOLD
	return index as RapportCondition.Unknown


static func _is_number(value: Variant) -> bool:
	return value is float or value is int


static func _number(
	table: Dictionary, key: String, default: float, where: String, problems: PackedStringArray
) -> float:
	var value: Variant = table.get(key, default)
	if _is_number(value):
		return value
	problems.append("%s: a number is wanted" % (key if where.is_empty() else "%s.%s" % [where, key]))
	return default


static func _refuse_others(
	table: Dictionary, known: PackedStringArray, where: String, problems: PackedStringArray
) -> void:
	for key: Variant in table:
		if not str(key) in known:
			var place := str(key) if where.is_empty() else "%s.%s" % [where, key]
			problems.append("%s: there is no such key here, only %s" % [place, ", ".join(known)])
