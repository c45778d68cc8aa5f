extends Node
## Runs one case: the script that the first argument names. A case prints what it finds, and ends with
## `PASS` or `FAIL: why`.


func _ready() -> void:
	var arguments := OS.get_cmdline_user_args()
	var script := load("res://cases/%s.gd" % arguments[0]) as GDScript
	var case := script.new() as Node
	case.set("arguments", arguments.slice(1))
	add_child(case)
