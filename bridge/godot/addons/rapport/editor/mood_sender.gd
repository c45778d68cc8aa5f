@tool
extends EditorDebuggerPlugin
## Sends moods from the dock to the game that runs from the editor, where a [RapportMock] plays them.

const MESSAGE := "rapport:mood"


## Plays a mood of [constant RapportMood.NAMED] in every running game. Returns in how many.
func send(mood: String) -> int:
	var running := 0
	for session: EditorDebuggerSession in get_sessions():
		if session.is_active():
			session.send_message(MESSAGE, [mood])
			running += 1
	return running
