extends "res://case.gd"
## Looks at the levels of profiles over states, and prints what begins and ends. Argument: a file with a
## JSON array of {profile, steps: [{state, context}]}.

const Levels := preload("res://addons/rapport/mock/levels.gd")


func _ready() -> void:
	for run: Dictionary in JSON.parse_string(FileAccess.get_file_as_string(arguments[0])):
		var profile := RapportProfile.from_json(JSON.stringify(run.profile))
		var levels := Levels.new()
		var told: Array = []
		for index: int in (run.steps as Array).size():
			var step: Dictionary = run.steps[index]
			for change: Dictionary in levels.look(profile, RapportState.new(step.state as Dictionary), step.context as Dictionary):
				if change.phase != Levels.UPDATED:
					told.append([index, change.phase, change.name, change.reason, change.strength])
		print("TOLD ", JSON.stringify(told, "", false, true))
	passed()
