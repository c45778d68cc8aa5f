extends RefCounted
## Starts the sidecar for this game. It ends with the game: by its lease, and by the game's process.

## The process that was started; 0: none was.
var pid := 0
## Whether it was tried; that happens once.
var tried := false


## Starts it once. Returns whether it was started; where there is no such program, the game plays on
## without.
func start(command: String, arguments: PackedStringArray) -> bool:
	tried = true
	var program := find(command)  # first: on Linux Godot prints an error for what cannot be started
	if program:
		var all := PackedStringArray(["run", "--lease", "--parent-pid", str(OS.get_process_id())])
		pid = maxi(0, OS.create_process(program, all + arguments))
	return pid > 0


## The program that a command means: a path as it is; one with a folder in it, but not from the root, begins
## beside the game; a name is looked for beside the game and on the path. Empty: there is none.
static func find(command: String) -> String:
	var beside := OS.get_executable_path().get_base_dir()
	var places := PackedStringArray([beside])
	if command.contains("://"):
		return ""  # inside the game's own data, where nothing can be started
	if command.is_absolute_path():
		places = [""]
	elif command.get_base_dir().is_empty():
		var windows := OS.get_name() == "Windows"
		places += OS.get_environment("PATH").split(";" if windows else ":", false)
	for place: String in places:
		for ending: String in ["", ".exe"] if OS.get_name() == "Windows" else [""]:
			var path := place.path_join(command) + ending
			if FileAccess.file_exists(path):
				return path
	return ""
