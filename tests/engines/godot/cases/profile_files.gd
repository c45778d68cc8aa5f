extends "res://case.gd"
## Reads every profile of a folder, and prints what became of it as JSON. Argument: the folder.


func _ready() -> void:
	for file: String in DirAccess.get_files_at(arguments[0]):
		var path := arguments[0].path_join(file)
		var profile := RapportProfile.from_file(path)
		if profile == null:
			failed("%s was not read" % file)
			return
		if RapportProfile.from_json(profile.to_json()).to_json() != profile.to_json():
			failed("%s is another one after a round" % file)
			return
		if ResourceSaver.save(profile, "res://saved.tres") != OK:
			failed("%s was not saved" % file)
			return
		var saved := ResourceLoader.load("res://saved.tres", "", ResourceLoader.CACHE_MODE_IGNORE_DEEP) as RapportProfile
		if saved.to_json() != profile.to_json():
			failed("%s is another one when it was saved" % file)
			return
		print("PROFILE ", JSON.stringify({ "file": file, "json": profile.to_json(), "warnings": profile.warnings() }))
	passed()
