class_name RapportCause
extends RefCounted
## A condition that decided whether a reaction began or ended, with its value then.

## The signal, as the profile names it, for example [code]frustration[/code].
var signal_name: String
## Its value then; NAN: unknown, or a word.
var value: float
## The level that it crossed; NAN: it was a word or a flag.
var level: float
## Its value, where that is a word.
var word: String
## Which modality had the largest part in it; empty: none alone.
var modality: String


func _init(map: Dictionary) -> void:
	signal_name = map.signal
	value = NAN if map.get("value") == null else float(map.value)
	level = NAN if map.get("level") == null else float(map.level)
	word = map.get("word", "")
	modality = map.get("modality", "")


## In words: [code]frustration 0.72 above 0.60 (voice)[/code].
func in_words() -> String:
	var said := word if word else "unknown"
	if not is_nan(value):
		said = "%.2f" % value
		if not is_nan(level):
			said += " %s %.2f" % ["above" if value >= level else "below", level]
	return "%s %s%s" % [signal_name, said, " (%s)" % modality if modality else ""]
