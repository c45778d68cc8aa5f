@tool
extends EditorInspectorPlugin
## Puts warnings, presets and files above a [RapportProfile] in the inspector.

const ProfilePanel := preload("profile_panel.gd")

## The dock, which checks profiles and passes edits on.
var dock: Control


func _can_handle(object: Object) -> bool:
	return object is RapportProfile


func _parse_begin(object: Object) -> void:
	var panel := ProfilePanel.new()
	panel.profile = object as RapportProfile
	add_custom_control(panel)
	if dock != null:
		dock.call("follow", object)
