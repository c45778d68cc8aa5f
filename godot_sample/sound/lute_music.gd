class_name LuteMusic
extends Node
## The bard's music, made up as it goes. What is played follows the reaction; how fast and how bright
## follows the player's arousal, for as long as that is known.

## A string was plucked.
signal plucked

## Beats a minute at arousal −1 and +1.
const TEMPO := Vector2(56.0, 118.0)
## How slowly the music follows.
const FOLLOW_S := 3.0
const VOICES := 10
const ROOT_HZ := 220.0
## Steps of the scale above the root, in half tones.
const MINOR: PackedInt32Array = [0, 2, 3, 5, 7, 8, 10]
const MAJOR: PackedInt32Array = [0, 2, 4, 5, 7, 9, 11]
## Each tune: scale, roots of its chords (steps of the scale), notes of a bar by eighths (steps above the
## chord; −1 is a rest), how much its tempo differs, loudness in dB.
const TUNES: Dictionary = {
	"sulk": [MINOR, [0, 5], [0, -1, -1, -1, -1, -1, 4, -1, -1, -1, -1, -1, -1, -1, -1, -1], 0.8, -14.0],
	"melancholy": [MINOR, [0, 5, 2, 6], [0, -1, 4, -1, 7, 9, 7, -1, 4, -1, 2, -1], 0.85, -6.0],
	"merry": [MAJOR, [0, 3, 4, 0], [0, 4, 2, 4, 7, 4, 9, 7, 4, 2, 4, -1], 1.35, -5.0],
	"silence": [MINOR, [0], [-1], 1.0, -80.0],
}

## Which of [constant TUNES] is played.
var tune := "sulk":
	set(value):
		if value != tune:
			tune = value
			_place = 0
## The player's arousal as the music takes it, −1 … 1.
var arousal := 0.0

var _heard := 0.0
var _place := 0
var _wait := 0.5
var _player := AudioStreamPlayer.new()
var _soft: AudioStreamWAV
var _bright: AudioStreamWAV


func _ready() -> void:
	_soft = Synth.pluck(0.1)
	_bright = Synth.pluck(0.9)
	var voices := AudioStreamPolyphonic.new()
	voices.polyphony = VOICES
	_player.stream = voices
	_player.bus = &"Master"
	add_child(_player)
	_player.play()
	Rapport.state_changed.connect(_on_state_changed)


func _process(delta: float) -> void:
	arousal = lerpf(arousal, _heard, 1.0 - exp(-delta / FOLLOW_S))
	_wait -= delta
	if _wait <= 0.0:
		_wait += 30.0 / tempo()
		_play_next()


## No more music.
func stop() -> void:
	set_process(false)
	_player.stop()


## In beats a minute.
func tempo() -> float:
	return lerpf(TEMPO.x, TEMPO.y, (arousal + 1.0) / 2.0) * (TUNES[tune][3] as float)


# Unknown is not calm: the music goes on as it was.
func _on_state_changed(state: RapportState) -> void:
	if not is_nan(state.arousal):
		_heard = state.arousal


func _play_next() -> void:
	var chords: Array = TUNES[tune][1]
	var bar: Array = TUNES[tune][2]
	var step: int = bar[_place % bar.size()]
	var chord: int = chords[floori(_place / float(bar.size())) % chords.size()]
	if step >= 0:
		_pluck(chord + step, 0.0)
		if _place % bar.size() == 0 and tune != "sulk":
			_pluck(chord - 7, -3.0)
		plucked.emit()
	_place += 1


func _pluck(step: int, louder_db: float) -> void:
	var scale: PackedInt32Array = TUNES[tune][0]
	var half_tones := scale[posmod(step, 7)] + 12 * floori(step / 7.0)
	var pitch := ROOT_HZ * pow(2.0, half_tones / 12.0) / Synth.PLUCK_HZ
	var voices := _player.get_stream_playback() as AudioStreamPlaybackPolyphonic
	if voices == null:
		return
	var bright := clampf((arousal + 1.0) / 2.0, 0.05, 0.95)
	var loud: float = TUNES[tune][4]
	voices.play_stream(_soft, 0.0, loud + louder_db + linear_to_db(1.0 - bright), pitch)
	voices.play_stream(_bright, 0.0, loud + louder_db + linear_to_db(bright) - 3.0, pitch)
