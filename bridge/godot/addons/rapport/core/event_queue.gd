extends RefCounted
## Puts events in order, and says which are missing between them.

## Nothing was heard yet: what was before the first event is not missed.
const NONE := -1
## More than these do not wait for those that are missing before them.
const WAITING_MAX := 10000
# The number of no event.
const _NEVER := 0x7fff_ffff_ffff_ffff

## The number of the last event that was delivered, or [constant NONE].
var last := NONE
## How many could not be had.
var missed := 0

var _waiting: Array[Dictionary] = []
var _catching_up := false


## Another sidecar is connected to, which counts from one.
func restart() -> void:
	_waiting.clear()
	last = mini(last, 0)


## The connection was made anew: what happened meanwhile is missing, too.
func catch_up() -> void:
	_catching_up = last != NONE


## Takes an event that has come.
func put(event: Dictionary) -> void:
	_waiting.append(event)
	if _waiting.size() > WAITING_MAX:
		put_fetched([])


## Takes events that were fetched, in order; none of use: those before the next are lost.
func put_fetched(events: Array[Dictionary]) -> void:
	var next := _number(_waiting[0]) if not _waiting.is_empty() else _NEVER
	var wanted: Array[Dictionary] = []
	for event: Dictionary in events:
		if _number(event) > last and _number(event) < next:
			wanted.append(event)
	if wanted.is_empty():
		_catching_up = false
		if has_gap():
			missed += next - last - 1
			last = next - 1
	wanted.append_array(_waiting)
	_waiting = wanted


## Whether events are missing and must be fetched.
func wants_more() -> bool:
	return has_gap() or _catching_up


## Whether events are missing before the next one.
func has_gap() -> bool:
	return not _waiting.is_empty() and last != NONE and _number(_waiting[0]) > last + 1


## The events that are due, in order, each once.
func take() -> Array[Dictionary]:
	var due: Array[Dictionary] = []
	while not _waiting.is_empty() and not has_gap():
		var event: Dictionary = _waiting.pop_front()
		var number := _number(event)
		if number == 0:  # from a sender that does not count
			due.append(event)
		elif number > last:  # else it was fetched before
			last = number
			due.append(event)
	return due


static func _number(event: Dictionary) -> int:
	return event.get("sequence", 0)
