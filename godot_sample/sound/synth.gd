class_name Synth
extends RefCounted
## Sounds that are computed, not recorded.

const RATE := 22050
const PEAK := 32000.0
## The pitch at which a string is computed; others are played faster or slower.
const PLUCK_HZ := 220.0


## A plucked string (Karplus and Strong, 1983). [param brightness] 0 … 1: a thumb … a plectrum.
static func pluck(brightness: float, seconds: float = 1.6) -> AudioStreamWAV:
	var rng := RandomNumberGenerator.new()
	rng.seed = 1
	var string := PackedFloat32Array()
	var smooth := 0.0
	for _sample: int in roundi(RATE / PLUCK_HZ):
		smooth = lerpf(smooth, rng.randf_range(-1.0, 1.0), lerpf(0.16, 0.85, brightness))
		string.append(smooth)
	var length := string.size()
	var keep := lerpf(0.4965, 0.4985, brightness)
	var samples := PackedFloat32Array()
	samples.resize(int(RATE * seconds))
	for index: int in samples.size():
		var here := index % length
		var value := string[here]
		samples[index] = value
		string[here] = (value + string[(here + 1) % length]) * keep
	return _wave(samples, false)


## A fire: a murmur, and crackles at random. Loops.
static func crackle(seconds: float = 4.0) -> AudioStreamWAV:
	var rng := RandomNumberGenerator.new()
	rng.seed = 2
	var samples := PackedFloat32Array()
	var murmur := 0.0
	var snap := 0.0
	for _sample: int in int(RATE * seconds):
		murmur = lerpf(murmur, rng.randf_range(-1.0, 1.0), 0.03)
		if rng.randf() < 0.0006:
			snap = rng.randf_range(0.2, 1.0)
		snap *= 0.985
		samples.append(murmur * 1.1 + snap * rng.randf_range(-0.4, 0.4))
	return _wave(samples, true)


## A syllable of somebody who talks.
static func blip() -> AudioStreamWAV:
	var samples := PackedFloat32Array()
	var count := int(RATE * 0.05)
	for index: int in count:
		var share := index / float(count)
		samples.append(sin(TAU * 300.0 * index / RATE) * sin(PI * share) * 0.5)
	return _wave(samples, false)


static func _wave(samples: PackedFloat32Array, loops: bool) -> AudioStreamWAV:
	var loudest := 0.001
	for value: float in samples:
		loudest = maxf(loudest, absf(value))
	var bytes := PackedByteArray()
	bytes.resize(samples.size() * 2)
	for index: int in samples.size():
		bytes.encode_s16(index * 2, int(samples[index] / loudest * PEAK))
	var made := AudioStreamWAV.new()
	made.format = AudioStreamWAV.FORMAT_16_BITS
	made.mix_rate = RATE
	made.data = bytes
	if loops:
		made.loop_mode = AudioStreamWAV.LOOP_FORWARD
		made.loop_end = samples.size()
	return made
