extends "res://case.gd"
## A reaction moves a parameter of an AnimationTree and a blend shape of a mesh, and puts both back.

const BLEND := "parameters/comfort/blend_amount"
const SMILE := "blend_shapes/Smile"


func _ready() -> void:
	var npc := Node3D.new()
	npc.name = "Mira"
	npc.add_child(_face())
	npc.add_child(_tree())
	var reactor := RapportReactor.new()
	for binding: RapportBinding in [
		RapportBinding.make("comfort", ^"../Tree", BLEND, 1.0), RapportBinding.make("comfort", ^"../Face", SMILE, 0.8),
	]:
		binding.smoothing_s = 0.0
		reactor.bindings.append(binding)
	npc.add_child(reactor)
	add_child(npc)
	await get_tree().process_frame
	_tell("reaction_began")
	if not await until(func() -> bool: return _is(npc, 0.5, 0.4), 5.0):
		failed("not moved: %s %s" % [npc.get_node("Tree").get(BLEND), npc.get_node("Face").get(SMILE)])
		return
	_tell("reaction_ended")
	if await until(func() -> bool: return _is(npc, 0.0, 0.0), 5.0):
		passed()
	else:
		failed("not put back")


func _is(npc: Node, blend: float, smile: float) -> bool:
	var tree := npc.get_node("Tree").get(BLEND) as float
	return is_equal_approx(tree, blend) and is_equal_approx(npc.get_node("Face").get(SMILE) as float, smile)


func _face() -> MeshInstance3D:
	var mesh := ArrayMesh.new()
	mesh.add_blend_shape("Smile")
	var surface: Array = []
	surface.resize(Mesh.ARRAY_MAX)
	surface[Mesh.ARRAY_VERTEX] = PackedVector3Array([Vector3.ZERO, Vector3.RIGHT, Vector3.UP])
	surface[Mesh.ARRAY_NORMAL] = PackedVector3Array([Vector3.BACK, Vector3.BACK, Vector3.BACK])
	var shape: Array = []
	shape.resize(Mesh.ARRAY_TANGENT + 1)
	shape[Mesh.ARRAY_VERTEX] = PackedVector3Array([Vector3.ZERO, Vector3.RIGHT, Vector3.UP * 2.0])
	shape[Mesh.ARRAY_NORMAL] = surface[Mesh.ARRAY_NORMAL]
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, surface, [shape])
	var face := MeshInstance3D.new()
	face.name = "Face"
	face.mesh = mesh
	return face


func _tree() -> AnimationTree:
	var blending := AnimationNodeBlendTree.new()
	blending.add_node(&"comfort", AnimationNodeBlend2.new())
	blending.connect_node(&"output", 0, &"comfort")
	var tree := AnimationTree.new()
	tree.name = "Tree"
	tree.tree_root = blending
	return tree


func _tell(kind: String) -> void:
	Rapport.feed_event({
		"kind": kind,
		"at_ns": 0,
		"at_wall": 0.0,
		"reaction": { "name": "comfort", "npc": "Mira", "firing": 1, "strength": 0.5, "reason": "entered" },
	})
