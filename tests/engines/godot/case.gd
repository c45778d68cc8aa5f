extends Node
## What all cases share.

var arguments := PackedStringArray()


## Ends the case well.
func passed() -> void:
	print("PASS")
	get_tree().quit()


## Ends the case, saying why.
func failed(why: String) -> void:
	print("FAIL: ", why)
	get_tree().quit(1)


## Waits until something is so, at most for so long. Returns whether it became so.
func until(what: Callable, seconds: float = 20.0) -> bool:
	var end := Time.get_ticks_msec() + int(seconds * 1000.0)
	while not what.call():
		if Time.get_ticks_msec() > end:
			return false
		await get_tree().process_frame
	return true
