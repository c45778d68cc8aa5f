class_name Preferences
extends RefCounted
## What the player has set, kept between evenings.

signal changed

const FILE := "user://tavern.cfg"
const SECTION := "preferences"

## Fires do not flicker, the camera does not glide, nobody hops.
var reduced_motion := false
var sound := true
var large_text := false


static func read() -> Preferences:
	var made := Preferences.new()
	var file := ConfigFile.new()
	file.load(FILE)
	for name: String in ["reduced_motion", "sound", "large_text"]:
		made.set(name, file.get_value(SECTION, name, made.get(name)))
	return made


## Turns one of them over and keeps it.
func toggle(name: String) -> void:
	set(name, not get(name))
	var file := ConfigFile.new()
	for each: String in ["reduced_motion", "sound", "large_text"]:
		file.set_value(SECTION, each, get(each))
	file.save(FILE)
	changed.emit()


## The size of text that is to be read, from that of normal text.
func text_size(normal: int) -> int:
	return roundi(normal * 1.25) if large_text else normal
