extends RefCounted
## Finds running sidecars of this user by the files that they leave.
##
## Where and what is in them: bridge/protocol/SPEC.md, "Finding the sidecar". Tokens are never printed.

## The environment variable that names another directory.
const VARIABLE := "RAPPORT_WIRE__RUNTIME_DIRECTORY"
const FILE_BYTES_MAX := 16384
const NEEDED: PackedStringArray = ["pid", "started_wall", "state", "events", "control", "read_token", "control_token"]


## The sidecars that seem to run, newest first, each as the fields of its file.
static func find(directory: String = "") -> Array[Dictionary]:
	var folder := directory if directory else runtime_directory()
	var found: Array[Dictionary] = []
	if folder.is_empty() or not DirAccess.dir_exists_absolute(folder):
		return found
	for name: String in DirAccess.get_files_at(folder):
		if name.begins_with("sidecar-") and name.ends_with(".json"):
			var told := _read(folder.path_join(name))
			if not told.is_empty() and _may_run(told.pid as int):
				found.append(told)
	found.sort_custom(func(a: Dictionary, b: Dictionary) -> bool: return a.started_wall > b.started_wall)
	return found


## The directory that sidecars of this user leave their files in.
static func runtime_directory() -> String:
	if OS.get_environment(VARIABLE):
		return OS.get_environment(VARIABLE)
	match OS.get_name():
		"Windows":
			return OS.get_environment("LOCALAPPDATA").path_join("rapport/Cache/run")
		"macOS":
			return OS.get_environment("HOME").path_join("Library/Caches/rapport/run")
	var runtime := OS.get_environment("XDG_RUNTIME_DIR")
	if runtime and DirAccess.dir_exists_absolute(runtime):
		return runtime.path_join("rapport")
	var user := _user_id()
	if user >= 0 and DirAccess.dir_exists_absolute("/run/user/%d" % user):
		return "/run/user/%d/rapport" % user
	var cache := OS.get_environment("XDG_CACHE_HOME")
	return (cache if cache else OS.get_environment("HOME").path_join(".cache")).path_join("rapport/run")


# The user's number, which Godot does not tell; -1 where the system does not either.
static func _user_id() -> int:
	var file := FileAccess.open("/proc/self/status", FileAccess.READ)
	while file != null and not file.eof_reached():
		var line := file.get_line()
		if line.begins_with("Uid:"):
			return line.split("\t")[1].to_int()
	return -1


static func _read(path: String) -> Dictionary:
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null or file.get_length() > FILE_BYTES_MAX:
		return {}
	var parser := JSON.new()
	if parser.parse(file.get_as_text()) != OK or not parser.data is Dictionary:
		return {}
	var told := parser.data as Dictionary
	for name: String in NEEDED:
		if not told.has(name):
			return {}
	if str(told.get("server_key", "")) or str(told.control).is_empty():
		return {}  # encrypted, or takes no requests: not for games of this machine
	return told if told.pid is float and told.started_wall is float else {}


# Whether a process may still be there; only Linux can be asked for any process.
static func _may_run(pid: int) -> bool:
	return not DirAccess.dir_exists_absolute("/proc/self") or DirAccess.dir_exists_absolute("/proc/%d" % pid)
