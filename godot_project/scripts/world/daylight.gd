extends RefCounted
## The light of the city at a time of day. Pure: seconds of the day in, colours and directions out.

const DAY_S := 86400.0

## Hour; sky top; horizon; sun or moon; its energy; ambient; ambient energy; night (0..1).
const HOURS: Array[Array] = [
	[0.0, "0d1730", "27365c", "9db7e8", 0.22, "7888bc", 0.52, 1.0],
	[5.0, "1a2547", "5a5577", "a9b4dc", 0.2, "7f86b0", 0.42, 0.9],
	[6.3, "5f7fb0", "f4b490", "ffb98c", 0.5, "c4acba", 0.5, 0.25],
	[8.0, "559bd9", "f6e0c6", "ffe2b8", 0.7, "b9c3dc", 0.48, 0.0],
	[12.5, "3f90d8", "d3e6f0", "fff0d8", 0.7, "b8c8e0", 0.5, 0.0],
	[16.5, "4f97d3", "f3e2c8", "ffdfae", 0.74, "bfc0d4", 0.48, 0.0],
	[18.3, "5f7db8", "f9b883", "ffac66", 0.8, "b9a0b6", 0.5, 0.15],
	[19.5, "3a4a85", "e08a78", "ee8f7c", 0.36, "9284b6", 0.48, 0.6],
	[21.0, "131f40", "3b4271", "9fb4e6", 0.22, "7888bc", 0.52, 1.0],
	[24.0, "0d1730", "27365c", "9db7e8", 0.22, "7888bc", 0.52, 1.0],
]

var top := Color.WHITE
var horizon := Color.WHITE
var sun := Color.WHITE
var energy := 1.0
var ambient := Color.WHITE
var ambient_energy := 1.0
var night := 0.0
## The way to the sun, or to the moon at night.
var way := Vector3.UP


func at(clock: float) -> void:
	var hour := fposmod(clock, DAY_S) / 3600.0
	var index := 0
	while index < HOURS.size() - 2 and hour >= (HOURS[index + 1][0] as float):
		index += 1
	var a := HOURS[index]
	var b := HOURS[index + 1]
	var t := inverse_lerp(a[0] as float, b[0] as float, hour)
	top = Color(a[1] as String).lerp(Color(b[1] as String), t)
	horizon = Color(a[2] as String).lerp(Color(b[2] as String), t)
	sun = Color(a[3] as String).lerp(Color(b[3] as String), t)
	energy = lerpf(a[4] as float, b[4] as float, t)
	ambient = Color(a[5] as String).lerp(Color(b[5] as String), t)
	ambient_energy = lerpf(a[6] as float, b[6] as float, t)
	night = lerpf(a[7] as float, b[7] as float, t)
	var turn := (hour - 5.6) / 14.0 * PI
	if hour < 5.6 or hour > 19.6:
		turn = fposmod(hour - 19.6, 24.0) / 10.0 * PI
	# The sun never stands overhead: long shadows give the low houses their form.
	way = Vector3(cos(turn), 0.12 + 0.62 * sin(turn), 0.62).normalized()
