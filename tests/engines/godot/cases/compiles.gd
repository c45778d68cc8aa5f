extends "res://case.gd"
## Loads scripts of the project that name the autoload, which `--check-only` does not know. Arguments: their paths.


func _ready() -> void:
	for path: String in arguments:
		if not (load(path) as GDScript).can_instantiate():
			failed("%s does not compile" % path)
			return
	passed()
