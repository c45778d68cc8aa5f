extends RefCounted
## The add-on's own few words in the player's language, and what all its scenes do alike.
##
## Words are keys such as [code]RAPPORT_CLOSE[/code] in translations/rapport.csv. They are added to the
## game's translations when the first scene needs them, so that nothing has to be set up; a game that
## wants other words adds a translation of its own with the same keys after that.

const FOLDER := "res://addons/rapport/translations/"
## Nothing is drawn smaller than this part of its size.
const SMALLEST := 0.2
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


## Lays a control out over an area that is at least so large, and draws it smaller where the window has
## less. Returns the area that it is laid out in.
static func fit(control: Control, window: Vector2, least: Vector2) -> Vector2:
	# A control that was not laid out yet has no size.
	var shrunk := clampf(minf(window.x / least.x, window.y / least.y), SMALLEST, 1.0)
	control.scale = Vector2.ONE * shrunk
	control.position = Vector2.ZERO
	control.size = window / shrunk
	return control.size


## Lets the focus go round among these controls, and nowhere else.
static func ring(controls: Array[Control]) -> void:
	for index: int in controls.size():
		var here := controls[index]
		var next := here.get_path_to(controls[(index + 1) % controls.size()])
		var before := here.get_path_to(controls[index - 1])
		here.focus_next = next
		here.focus_previous = before
		here.focus_neighbor_bottom = next
		here.focus_neighbor_top = before
