extends RefCounted
## The add-on's own few words in the player's language, and what a screen reader is told.
##
## Words are keys such as [code]RAPPORT_CLOSE[/code] in translations/rapport.csv. They are added to the
## game's translations when the first scene needs them, so that nothing has to be set up; a game that
## wants other words adds a translation of its own with the same keys after that.

const FOLDER := "res://addons/rapport/translations/"
const LANGUAGES: PackedStringArray = ["en", "de", "fr", "es", "ja", "zh"]

static var _added := false


## Makes the words known to Godot's translation server; once.
static func add() -> void:
	if _added:
		return
	_added = true
	for each: String in LANGUAGES:
		var path := "%srapport.%s.translation" % [FOLDER, each]
		if ResourceLoader.exists(path):
			TranslationServer.add_translation(load(path) as Translation)


## The player's language without the country, such as [code]de[/code].
static func language() -> String:
	return TranslationServer.get_locale().get_slice("_", 0)


## Tells a screen reader what a control is. Does nothing before Godot 4.5, which cannot.
static func describe(control: Control, name: String, description: String = "") -> void:
	if "accessibility_name" in control:
		control.set("accessibility_name", name)
		control.set("accessibility_description", description)
