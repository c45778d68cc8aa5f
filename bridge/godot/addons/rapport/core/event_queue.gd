extends RefCounted
## Puts events in order, and says which are missing between them.

const RESTARTED := -1

## The number of the last event that was delivered; [constant RESTARTED]: none of this sidecar yet.
var last := RESTARTED
## How many could not be had.
var missed := 0

var _waiting: Array[Dictionary] = []


## Another sidecar is connected to, which counts from one; [param first]: nothing was heard of any before.
func restart(first: bool) -> void:
	_waiting.clear()
	last = RESTARTED if first else 0


## Takes an event that has come.
func put(event: Dictionary) -> void:
	_waiting.append(event)


## Takes events that were fetched; none: those before the next are lost.
func put_fetched(events: Array) -> void:
	var wanted: Array[Dictionary] = []
	for event: Dictionary in events:
		var number: int = event.get("sequence", 0)
		if number > last and (_waiting.is_empty() or number < (_waiting[0].get("sequence", 0) as int)):
			wanted.append(event)
	if wanted.is_empty() and not _waiting.is_empty():
		var gap: int = (_waiting[0].get("sequence", 0) as int) - last - 1
		missed += maxi(0, gap)
		last = (_waiting[0].get("sequence", 0) as int) - 1
	_waiting = wanted + _waiting


## Whether events before the next one are missing and must be fetched.
func has_gap() -> bool:
	if _waiting.is_empty() or last == RESTARTED:
		return false
	return (_waiting[0].get("sequence", 0) as int) > last + 1


## The events that are due, in order.
func take() -> Array[Dictionary]:
	var due: Array[Dictionary] = []
	while not _waiting.is_empty() and not has_gap():
		var event: Dictionary = _waiting.pop_front()
		var number: int = event.get("sequence", 0)
		if last != RESTARTED and number <= last and number > 1:
			continue  # it was fetched before
		last = number
		due.append(event)
	return due
