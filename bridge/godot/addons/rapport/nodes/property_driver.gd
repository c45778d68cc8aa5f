extends RefCounted
## Moves the properties of bindings by the strengths of reactions, and puts them back.
##
## Where several move one property, each goes on from where the one that began before it left it.

# One property: {node, path, rest, strengths: one per binding}. By the property's whole name.
var _moved: Dictionary = {}
var _complained: Dictionary = {}


## One frame. [param goals] is the strength of each active reaction by name; [param home] resolves the
## bindings' node paths. Returns whether anything still moves.
func move(bindings: Array[RapportBinding], goals: Dictionary, home: Node, delta: float) -> bool:
	for binding: RapportBinding in bindings:
		if binding != null and goals.get(binding.reaction, 0.0) > 0.0:
			_begin(binding, home)
	for key: String in _moved.keys():
		_step(_moved[key], bindings, goals, delta)
		if (_moved[key].strengths as Dictionary).is_empty():
			_moved.erase(key)
	return not _moved.is_empty()


## Puts every property back at once.
func restore() -> void:
	for key: String in _moved:
		var node: Node = instance_from_id(_moved[key].node) as Node
		if node != null:
			node.set_indexed(_moved[key].path as NodePath, _moved[key].rest)
	_moved.clear()


func _begin(binding: RapportBinding, home: Node) -> void:
	var node := find(binding.target, home)
	if node == null:
		_complain_once(binding, "there is no node %s" % binding.target)
		return
	var key := "%d:%s" % [node.get_instance_id(), binding.property]
	if not _moved.has(key):
		var path := NodePath(binding.property).get_as_property_path()
		var rest: Variant = node.get_indexed(path)
		if rest == null:
			_complain_once(binding, "%s has no property %s" % [node.name, binding.property])
			return
		_moved[key] = { "node": node.get_instance_id(), "path": path, "rest": rest, "strengths": {} }
	var strengths: Dictionary = _moved[key].strengths
	if not strengths.has(binding):
		strengths[binding] = 0.0


func _step(moved: Dictionary, bindings: Array[RapportBinding], goals: Dictionary, delta: float) -> void:
	var node := instance_from_id(moved.node as int) as Node
	var strengths: Dictionary = moved.strengths
	var value: Variant = moved.rest
	for binding: RapportBinding in strengths.keys():
		var goal: float = goals.get(binding.reaction, 0.0) if binding in bindings else 0.0
		var strength := binding.follow(strengths[binding] as float, goal, delta)
		strengths[binding] = strength
		if strength > 0.0:
			value = binding.value_at(strength, value)
		elif goal <= 0.0:
			strengths.erase(binding)
	if node == null:
		strengths.clear()
	else:
		node.set_indexed(moved.path as NodePath, value)


## The node that a binding's path means. Paths that the inspector writes are from the scene's root, those
## that people write from the reactor.
static func find(path: NodePath, home: Node) -> Node:
	var found := home.get_node_or_null(path)
	if found == null and home.owner != null:
		found = home.owner.get_node_or_null(path)
	return found


func _complain_once(binding: RapportBinding, what: String) -> void:
	if not _complained.has(binding):
		_complained[binding] = true
		push_warning("Rapport: the binding of '%s' is not used: %s." % [binding.reaction, what])
