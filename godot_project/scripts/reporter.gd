extends Node
## Tells tools on standard output what the player would see.

const Fields := preload("res://scripts/net/fields.gd")
const Say := preload("res://scripts/say.gd")
const Session := preload("res://scripts/net/session.gd")

const FPS_EVERY_S := 10.0

var _since_ms := Time.get_ticks_msec()
var _frames := 0
var _session: Session = null


func start(session: Session) -> void:
	_session = session
	session.inside_changed.connect(
		func(placement: int) -> void: Say.event("inside", {"placement": placement})
	)
	session.score_given.connect(_tell.bind("score"))
	session.claim_given.connect(_tell.bind("claim"))
	session.balance_given.connect(_tell.bind("balance"))
	session.pay_given.connect(_tell.bind("pay"))
	session.toast_given.connect(
		func(text: String, kind: String) -> void: Say.event("toast", {"text": text, "kind": kind})
	)
	session.chat_heard.connect(
		func(_from: int, name: String, text: String, _slot: int) -> void:
			Say.event("chat", {"name": name, "text": text})
	)


## Counts by the machine's clock: the engine's own delta is capped when frames are slow.
func _process(_delta: float) -> void:
	_frames += 1
	var span := (Time.get_ticks_msec() - _since_ms) / 1000.0
	if span < FPS_EVERY_S:
		return
	Say.event("fps", {"fps": snappedf(_frames / span, 0.1), "ignored": _session.ignored})
	_since_ms = Time.get_ticks_msec()
	_frames = 0


func _tell(message: Dictionary, kind: String) -> void:
	var facts := message.duplicate()
	facts.erase("t")
	Say.event(kind, facts)
