extends RefCounted
## Starts the sidecar for this game. It ends with the game: by its lease, and by the game's process.

## The process that was started; 0: none was, −1: it could not be.
var pid := 0


## Starts it once. Returns whether it was started; where there is no such program, the game plays on
## without.
func start(command: String, arguments: PackedStringArray) -> bool:
	if pid == 0:
		var all := PackedStringArray(["run", "--lease", "--parent-pid", str(OS.get_process_id())])
		pid = OS.create_process(command, all + arguments)
	return pid > 0
