extends Node3D
## The own avatar: takes the wish of the controls, walks, and tells the host where it is.

signal stepped

const Wire := preload("res://scripts/net/wire.gd")
const Session := preload("res://scripts/net/session.gd")
const Controls := preload("res://scripts/player/controls.gd")
const Motion := preload("res://scripts/player/motion.gd")
const Body := preload("res://scripts/player/avatar_body.gd")
const Camera := preload("res://scripts/player/follow_camera.gd")
const Solids := preload("res://scripts/world/solids.gd")

const IDLE_SEND_S := 1.0
const STRIDE_M := 1.35

var motion: Motion = Motion.new()
var body: Body = Body.new()
var solids: Solids = null
## Height of the ground that is shown under a point; the wire's ground is always 0.
var ground_at: Callable = Callable()

var _session: Session = null
var _controls: Controls = null
var _camera: Camera = null
var _sequence := 0
var _send_in := 0.0
var _was_moving := false
var _sunk := 0.0
var _walked := 0.0
## Where a correction left the picture behind the truth; fades away.
var _slip := Vector3.ZERO


func start(session: Session, controls: Controls, camera: Camera) -> void:
	_session = session
	_controls = controls
	_camera = camera
	add_child(body)
	visible = false
	session.signed_in.connect(_on_signed_in)
	session.moved_to.connect(_on_moved_to)
	session.snapshot_given.connect(_on_snapshot)


func advance(delta: float) -> void:
	if not _session.is_signed_in():
		return
	var before := motion.at
	motion.advance(
		delta, _controls.wish(_camera.yaw), _controls.wants_run(), _controls.wants_jump(), solids
	)
	_report(delta, before != motion.at)
	_show(delta, before)
	_camera.follow(delta, position, motion.yaw, motion.speed.length())


func _report(delta: float, moved: bool) -> void:
	_send_in -= delta
	var moving := moved or not motion.grounded
	if moving and not _was_moving:
		_send_in = minf(_send_in, 0.0)
	var stopped := _was_moving and not moving
	_was_moving = moving
	if _send_in > 0.0 and not stopped:
		return
	_send_in = 1.0 / Wire.MOVE_HZ if moving else IDLE_SEND_S
	_sequence = (_sequence + 1) & 0xFFFF
	_session.send_move(_sequence, motion.at, motion.yaw, motion.anim())


func _show(delta: float, before: Vector3) -> void:
	var ground := ground_at.call(motion.at) as float if ground_at.is_valid() else 0.0
	_sunk = lerpf(_sunk, ground, minf(1.0, delta * 14.0))
	_slip = _slip.lerp(Vector3.ZERO, minf(1.0, delta * 10.0))
	position = motion.at + _slip + Vector3(0.0, _sunk, 0.0)
	body.rotation.y = motion.yaw
	var pace := motion.speed.length()
	body.animate(delta, pace, motion.anim())
	if motion.grounded:
		_walked += Vector2(motion.at.x - before.x, motion.at.z - before.z).length()
		if _walked > STRIDE_M * (1.0 if pace < 6.0 else 1.5):
			_walked = 0.0
			stepped.emit()


func _on_signed_in(_welcome: Dictionary) -> void:
	body.dress(_session.player, Color("3fa99b"))


func _on_moved_to(at: Vector3, yaw: float, turn: bool) -> void:
	motion.place(at)
	_slip = Vector3.ZERO
	if turn:
		motion.yaw = yaw
		_camera.turn(yaw)
	visible = true
	_send_in = 0.0


func _on_snapshot(snapshot: Session.Codec.Snapshot) -> void:
	if not snapshot.corrected:
		return
	var shown := motion.at + _slip
	motion.at = snapshot.correction
	motion.grounded = motion.at.y <= 0.0
	_slip = shown - motion.at
	if _slip.length() > 6.0:
		_slip = Vector3.ZERO
	_send_in = 0.0
