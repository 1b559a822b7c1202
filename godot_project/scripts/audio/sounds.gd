extends Node
## Small sounds, made here sample by sample: steps, coins, notes of welcome and reward.

const RATE := 22050

var _streams: Dictionary[String, AudioStreamWAV] = {}
var _players: Array[AudioStreamPlayer] = []
var _next := 0


func play(name: String, loud: float = 1.0) -> void:
	if not _streams.has(name) or loud <= 0.0:
		return
	var player := _players[_next]
	_next = (_next + 1) % _players.size()
	player.stream = _streams[name]
	player.volume_db = linear_to_db(clampf(loud, 0.01, 1.0))
	player.play()


## 0 silent to 1 full.
func set_volume(volume: float) -> void:
	AudioServer.set_bus_volume_db(0, linear_to_db(maxf(volume, 0.001)))
	AudioServer.set_bus_mute(0, volume <= 0.001)


func _ready() -> void:
	if DisplayServer.get_name() == "headless":
		return
	_streams = {
		"step": _thud(),
		"coin": _bells([1318.5, 1975.5], 0.07, 0.35),
		"toast": _bells([659.3], 0.1, 0.3),
		"bad": _bells([311.1, 233.1], 0.12, 0.35),
		"prompt": _bells([880.0], 0.05, 0.12),
		"reward": _bells([523.3, 659.3, 784.0, 1046.5, 1318.5], 0.1, 0.9),
		"welcome": _bells([392.0, 523.3, 659.3], 0.14, 0.8),
	}
	for index in 8:
		var player := AudioStreamPlayer.new()
		add_child(player)
		_players.append(player)


## Tones that begin one after the other, `gap` seconds apart, and ring out.
static func _bells(tones: Array[float], gap: float, ring: float) -> AudioStreamWAV:
	var length := gap * (tones.size() - 1) + ring
	var samples := PackedFloat32Array()
	samples.resize(int(length * RATE))
	for index in tones.size():
		var start := int(index * gap * RATE)
		for at in range(start, samples.size()):
			var t := float(at - start) / RATE
			var fall := exp(-t * 5.0 / ring) * minf(1.0, t * 400.0)
			var wave := sin(TAU * tones[index] * t) + 0.3 * sin(TAU * tones[index] * 2.01 * t)
			samples[at] += wave * fall * 0.22
	return _stream(samples)


static func _thud() -> AudioStreamWAV:
	var dice := RandomNumberGenerator.new()
	dice.seed = 3
	var samples := PackedFloat32Array()
	samples.resize(int(0.09 * RATE))
	var soft := 0.0
	for at in samples.size():
		var t := float(at) / RATE
		soft = lerpf(soft, dice.randf_range(-1.0, 1.0), 0.18)
		samples[at] = (soft * 0.8 + sin(TAU * 95.0 * t) * 0.5) * exp(-t * 55.0) * 0.5
	return _stream(samples)


static func _stream(samples: PackedFloat32Array) -> AudioStreamWAV:
	var bytes := PackedByteArray()
	bytes.resize(samples.size() * 2)
	for at in samples.size():
		bytes.encode_s16(at * 2, int(clampf(samples[at], -1.0, 1.0) * 32000.0))
	var made := AudioStreamWAV.new()
	made.format = AudioStreamWAV.FORMAT_16_BITS
	made.mix_rate = RATE
	made.data = bytes
	return made
