@tool
extends EditorPlugin
## Adds the autoload, the project settings, the dock and the tools of the inspector.

const AUTOLOAD := "Rapport"
const Client := preload("rapport.gd")
const Dock := preload("editor/dock.gd")
const DOCK := preload("editor/dock.tscn")
const ProfileInspector := preload("editor/profile_inspector.gd")
const MoodSender := preload("editor/mood_sender.gd")
## What the settings are for, in the project settings' own form.
const HINTS: Array[Dictionary] = [
	{ "name": "rapport/application/id", "type": TYPE_STRING },
	{ "name": "rapport/sidecar/autostart", "type": TYPE_BOOL },
	{ "name": "rapport/sidecar/command", "type": TYPE_STRING },
	{ "name": "rapport/sidecar/arguments", "type": TYPE_ARRAY },
	{ "name": "rapport/sidecar/runtime_directory", "type": TYPE_STRING },
]

var _dock: Dock
var _inspector: ProfileInspector
var _moods: MoodSender


func _enable_plugin() -> void:
	add_autoload_singleton(AUTOLOAD, "%s/rapport.gd" % _folder())


func _disable_plugin() -> void:
	remove_autoload_singleton(AUTOLOAD)


func _enter_tree() -> void:
	for hint: Dictionary in HINTS:
		var setting := hint.name as String
		if not ProjectSettings.has_setting(setting):
			ProjectSettings.set_setting(setting, Client.SETTINGS[setting])
		ProjectSettings.set_initial_value(setting, Client.SETTINGS[setting])
		ProjectSettings.set_as_basic(setting, true)
		ProjectSettings.add_property_info(hint)
	_moods = MoodSender.new()
	add_debugger_plugin(_moods)
	_dock = DOCK.instantiate() as Dock
	_dock.moods = _moods
	add_control_to_dock(DOCK_SLOT_LEFT_BR, _dock)
	_inspector = ProfileInspector.new()
	_inspector.dock = _dock
	add_inspector_plugin(_inspector)


func _exit_tree() -> void:
	remove_inspector_plugin(_inspector)
	remove_control_from_docks(_dock)
	_dock.queue_free()
	remove_debugger_plugin(_moods)


func _folder() -> String:
	return (get_script() as Script).resource_path.get_base_dir()
