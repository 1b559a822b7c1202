extends Camera3D
## Looks over the avatar's shoulder; comes nearer rather than go through a thing.

const Solids := preload("res://scripts/world/solids.gd")

const HEAD := Vector3(0.0, 1.55, 0.0)
const NEAREST := 1.6
const FARTHEST := 12.0
const PER_PIXEL := 0.0045

var solids: Solids = null
var yaw := 0.0
var pitch := -0.2
var distance := 5.2
var sensitivity := 1.0
var invert_y := false

var _free := 5.2
var _idle_s := 10.0


func orbit(by: Vector2) -> void:
	_idle_s = 0.0
	yaw = wrapf(yaw - by.x * PER_PIXEL * sensitivity, -PI, PI)
	var up := by.y * PER_PIXEL * sensitivity * (-1.0 if invert_y else 1.0)
	pitch = clampf(pitch - up, -1.2, 0.45)


func zoom(steps: float) -> void:
	distance = clampf(distance * pow(1.12, steps), NEAREST, FARTHEST)


## Follows `target` (the avatar's feet). A walking avatar slowly draws the camera behind it.
func follow(delta: float, target: Vector3, heading: float, pace: float) -> void:
	_idle_s += delta
	if _idle_s > 1.5 and pace > 1.0:
		var pull := clampf(pace / 8.0, 0.0, 1.0) * 1.4
		var away := wrapf(heading - yaw, -PI, PI)
		# Walking towards the camera is meant: then it does not turn.
		if absf(away) < 2.4:
			yaw = lerp_angle(yaw, heading, minf(1.0, delta * pull))
	var head := target + HEAD
	var back := Vector3(sin(yaw) * cos(pitch), -sin(pitch), cos(yaw) * cos(pitch))
	var room := distance
	if solids != null:
		room = maxf(0.7, solids.reach(head, back, distance, 0.25))
	if back.y < -0.05:
		room = minf(room, (head.y - 0.25) / -back.y)
	_free = room if room < _free else lerpf(_free, room, minf(1.0, delta * 4.0))
	var shoulder := Vector3(cos(yaw), 0.0, -sin(yaw)) * 0.35
	position = head + back * _free + shoulder * clampf(_free / 5.0, 0.0, 1.0)
	look_at(head + shoulder * clampf(_free / 5.0, 0.0, 1.0), Vector3.UP)


## Turns at once to look along `heading`.
func turn(heading: float) -> void:
	yaw = heading
	_idle_s = 10.0


func _init() -> void:
	near = 0.15
	far = 2600.0
	fov = 62.0
