extends RefCounted
## Finds running sidecars of this user by the files that they leave.
##
## Where and what is in them: bridge/protocol/SPEC.md, "Finding the sidecar". Tokens are never printed.

const MessagePack := preload("message_pack.gd")
## The environment variable that names another directory.
const VARIABLE := "RAPPORT_WIRE__RUNTIME_DIRECTORY"
const FILE_BYTES_MAX := 16384
const TEXTS: PackedStringArray = ["state", "events", "control", "read_token", "control_token"]
## Two starts of one process that differ by less, in seconds, are the same: rounding.
const SAME_START_S := 1.0
## Linux counts the time since the system's start in hundredths of a second (USER_HZ) on every machine that
## Godot runs on.
const TICKS_PER_S := 100.0
# Where the start stands in /proc/<pid>/stat, counted behind the name, which may hold blanks (proc(5)).
const _STARTED_AT := 19


## The sidecars that seem to run, newest first, each as the fields of its file.
static func find(directory: String = "") -> Array[Dictionary]:
	var folder := directory if directory else runtime_directory()
	var found: Array[Dictionary] = []
	if folder.is_empty() or not DirAccess.dir_exists_absolute(folder):
		return found
	for name: String in DirAccess.get_files_at(folder):
		if name.begins_with("sidecar-") and name.ends_with(".json"):
			var told := _read(folder.path_join(name))
			if not told.is_empty() and _may_run(told):
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
	var file := FileAccess.open(path, FileAccess.READ)  # null, and silent, when it is gone by now
	var raw := file.get_buffer(FILE_BYTES_MAX + 1) if file != null else PackedByteArray()
	if raw.size() > FILE_BYTES_MAX or not MessagePack.is_utf8(raw):
		return {}
	var parser := JSON.new()
	if parser.parse(raw.get_string_from_utf8()) != OK or not parser.data is Dictionary:
		return {}
	var told := parser.data as Dictionary
	for name: String in TEXTS:
		if not told.get(name) is String:
			return {}
	if not (told.get("pid") is float and told.get("started_wall") is float):
		return {}
	if told.get("server_key", "") != "" or told.control == "":
		return {}  # encrypted, or takes no requests: not for games of this machine
	return told


# Whether its process may still be there, and be the one that wrote the file; only Linux can be asked for any.
static func _may_run(told: Dictionary) -> bool:
	if not FileAccess.file_exists("/proc/self/stat"):
		return true
	var path := "/proc/%d/stat" % int(told.pid as float)
	var file := FileAccess.open(path, FileAccess.READ) if FileAccess.file_exists(path) else null
	if file == null:
		return false
	var line := file.get_line()
	var fields := line.substr(line.rfind(")") + 2).split(" ")
	if fields.size() <= _STARTED_AT or not told.get("process_started") is float:
		return true
	return absf(fields[_STARTED_AT].to_float() / TICKS_PER_S - (told.process_started as float)) < SAME_START_S
