extends Node
## Plays by itself, for tests and demonstrations: walks to a game, starts it, catches coins, waits
## for the reward. It acts only through the inputs that a player has.

signal finished(code: int)

enum Step { SIGN_IN, WALK, APPROACH, PLAY, CLAIM, DONE }

const Fields := preload("res://scripts/net/fields.gd")
const Session := preload("res://scripts/net/session.gd")
const Controls := preload("res://scripts/player/controls.gd")
const Entity := preload("res://scripts/world/entity.gd")
const Place := preload("res://scripts/world/place.gd")
const World := preload("res://scripts/world/world.gd")
const Say := preload("res://scripts/say.gd")

const NEAR_M := 1.6
const STUCK_S := 1.2
const USE_AGAIN_S := 4.0

## Called with `arrival`, `play` and `reward`; may be awaited.
var take_picture := func(_name: String) -> void: pass

var _session: Session = null
var _world: World = null
var _controls: Controls = null
var _wanted := 0
var _step := Step.SIGN_IN
var _place: Place = null
var _way := PackedVector2Array()
var _still_s := 0.0
var _side_s := 0.0
var _side := 1.0
var _last_at := Vector3.ZERO
var _use_in := 0.0
var _played := false
var _in_play_s := 0.0
var _won := false
var _paid := false
var _balance_before := "0"
var _balance := {}
var _dice := RandomNumberGenerator.new()


func start(session: Session, world: World, controls: Controls, place: int) -> void:
	_session = session
	_world = world
	_controls = controls
	_wanted = place
	_controls.piloted = true
	session.lost.connect(_on_lost)
	session.score_given.connect(_on_score)
	session.claim_given.connect(_on_claim)
	session.balance_given.connect(_on_balance)
	session.sign_in_given.connect(_on_sign_in)


## Says yes to the wallet that signed.
func _on_sign_in(message: Dictionary) -> void:
	if Fields.text(message, "state") == "confirm":
		_session.answer_wallet(true)


## Says in one word what it is doing.
func doing() -> String:
	return (Step.keys()[_step] as String).to_lower()


func _process(delta: float) -> void:
	_controls.pilot_wish = Vector2.ZERO
	if not _session.is_signed_in() or _step == Step.DONE:
		return
	match _step:
		Step.SIGN_IN:
			_choose()
		Step.WALK:
			_walk(delta)
		Step.APPROACH:
			_approach(delta)
		Step.PLAY:
			_play(delta)
		Step.CLAIM:
			_wait_for_reward()


func _choose() -> void:
	var at := _world.player.motion.at
	_place = _world.places.by_id(_wanted) if _wanted > 0 else _world.places.nearest(at, "game")
	if _place == null:
		return
	_balance_before = Fields.text(_balance, "wei", "0")
	_way = _world.streets.way(at, _place.middle())
	Say.event("heading", {"place": _place.id, "title": _place.title})
	_step = Step.WALK


func _walk(delta: float) -> void:
	if _place.area.has_point(Vector2(_world.player.motion.at.x, _world.player.motion.at.z)):
		_step = Step.APPROACH
		Say.event("arrived", {"place": _place.id})
		take_picture.call("arrival")
		return
	while _way.size() > 1 and _flat().distance_to(_way[0]) < 3.0:
		_way.remove_at(0)
	_go(_way[0], delta)


func _approach(delta: float) -> void:
	var id := _place.id
	var start := _world.entities.nearest(
		_world.player.motion.at,
		func(one: Entity) -> bool: return one.placement == id and not one.verb.is_empty()
	)
	if start == null:
		return
	_use_in -= delta
	var target := Vector2(start.at.x, start.at.z)
	if _world.target != start or _flat().distance_to(target) > NEAR_M + start.solid_radius():
		_go(target, delta)
	elif _use_in <= 0.0:
		_use_in = USE_AGAIN_S
		_controls.interact()


func _play(delta: float) -> void:
	_in_play_s += delta
	if _in_play_s > 3.0 and not _played:
		_played = true
		take_picture.call("play")
	var id := _place.id
	var coin := _world.entities.nearest(
		_world.player.motion.at,
		func(one: Entity) -> bool: return one.placement == id and one.tags.has("coin")
	)
	if coin != null:
		_go(Vector2(coin.at.x, coin.at.z), delta)


func _wait_for_reward() -> void:
	if not _won:
		_won = true
		Say.event("won", {"place": _place.id})
	if _paid and _grown():
		_step = Step.DONE
		# Whoever waits for the end may stop the client at once: the picture comes first.
		@warning_ignore("redundant_await")
		await take_picture.call("reward")
		var text := Fields.text(_balance, "text")
		Say.event("done", {"balance": text, "wei": Fields.text(_balance, "wei")})
		finished.emit(0)


func _go(to: Vector2, delta: float) -> void:
	var wish := (to - _flat()).normalized()
	_still_s = _still_s + delta if _last_at.distance_to(_world.player.motion.at) < delta else 0.0
	_last_at = _world.player.motion.at
	if _still_s > STUCK_S:
		_still_s = 0.0
		_side_s = 0.7
		_side = 1.0 if _dice.randf() < 0.5 else -1.0
	_side_s -= delta
	if _side_s > 0.0:
		wish = wish.rotated(_side * 1.2)
	# Slow frames and near goals: not so fast that the goal is passed again and again.
	var room := (to - _flat()).length()
	_controls.pilot_run = room > 2.5 or room > 8.0 * delta * 1.5
	_controls.pilot_wish = wish * clampf(room / maxf(4.5 * delta, 0.05), 0.15, 1.0)


func _flat() -> Vector2:
	return Vector2(_world.player.motion.at.x, _world.player.motion.at.z)


## Whether the balance is more than at the start. Wei are decimal strings of any length.
func _grown() -> bool:
	var now := Fields.text(_balance, "wei", "0")
	if now.length() != _balance_before.length():
		return now.length() > _balance_before.length()
	return now > _balance_before


func _on_score(score: Dictionary) -> void:
	if _place == null or Fields.whole(score, "placement") != _place.id:
		return
	var running := Fields.text(score, "phase") in ["play", "playing", "running", "start", "started"]
	if _step == Step.APPROACH and running:
		_step = Step.PLAY
	elif _step == Step.PLAY and not running and _in_play_s > 0.5:
		_step = Step.CLAIM


func _on_claim(claim: Dictionary) -> void:
	match Fields.text(claim, "state"):
		"paid":
			_paid = true
		"rejected":
			var reason := Fields.text(claim, "reason", "rejected")
			Say.event("failed", {"reason": "claim rejected: " + reason})
			finished.emit(1)
	if _step == Step.PLAY:
		_step = Step.CLAIM


func _on_balance(balance: Dictionary) -> void:
	_balance = balance


func _on_lost() -> void:
	if _step in [Step.WALK, Step.APPROACH, Step.PLAY]:
		_step = Step.SIGN_IN
