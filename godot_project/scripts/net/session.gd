extends Node
## The player's session with the host: signs in, keeps what the host says, tells it by signals.

signal status_changed(text: String, busy: bool)
signal signed_in(welcome: Dictionary)
signal district_given(district: Dictionary)
signal places_given(places: Array)
signal who_given(players: Array)
signal entities_spawned(entities: Array)
signal entities_set(entities: Array)
signal entities_removed(ids: PackedInt32Array)
signal inside_changed(placement: int)
signal score_given(score: Dictionary)
signal ui_message(message: Dictionary)
signal chat_heard(from: int, name: String, text: String, slot: int)
signal said(placement: int, text: String, entity: int)
signal toast_given(text: String, kind: String)
signal balance_given(balance: Dictionary)
signal claim_given(claim: Dictionary)
signal effect_given(name: String, at: Vector3, color: Color, seconds: float)
signal sound_given(name: String, at: Vector3)
signal emote_given(slot: int, name: String)
signal actions_given(actions: Array)
signal sky_given(sky: Dictionary)
signal moved_to(at: Vector3, yaw: float, turn: bool)
signal snapshot_given(snapshot: Codec.Snapshot)
signal sign_in_given(message: Dictionary)
signal pay_given(message: Dictionary)
## The player has to say how to come in; `note` says why.
signal choice_wanted(note: String)
signal lost

const Wire := preload("res://scripts/net/wire.gd")
const Codec := preload("res://scripts/net/codec.gd")
const Connection := preload("res://scripts/net/connection.gd")
const Fields := preload("res://scripts/net/fields.gd")
const Tokens := preload("res://scripts/net/tokens.gd")
const Say := preload("res://scripts/say.gd")

const CLIENT := "godot/0.1"
## A host that stays silent for so long, though it is pinged, counts as gone.
const SILENCE_S := 15.0
const PING_S := 4.0

var player := 0
var slot := -1
var player_name := ""
var wallet := ""
## Whether the host keeps the wallet.
var guest := true
var features: Array[String] = []
## Frames and messages that were ignored because they were no part of the wire.
var ignored := 0
## Where the own avatar is; snapshots are unwrapped near it.
var own_at := Vector3.ZERO

var _connection: Connection = Connection.new()
var _tokens: Tokens = null
var _wanted_name := ""
var _locale := "en"
var _silence := 0.0
var _ping_in := PING_S
var _pings := 0
var _retry := true
var _by_wallet := false
## Whether there is somebody who can say how to come in.
var _asks := false


## Connects; where nobody is known here yet and `asks` is set, only after the player has chosen,
## unless `by_wallet` says it already.
func start(
	server: String, wish: String, locale: String, tokens: Tokens, asks: bool, by_wallet: bool
) -> void:
	_wanted_name = wish.left(Wire.MAX_NAME)
	_locale = locale
	_tokens = tokens
	_asks = asks
	add_child(_connection)
	_connection.address = server
	_connection.opened.connect(_on_opened)
	_connection.closed.connect(_on_closed)
	_connection.waiting.connect(_on_waiting)
	_connection.text_received.connect(_on_text)
	_connection.frame_received.connect(_on_frame)
	if asks and not by_wallet and _tokens.read().is_empty():
		choice_wanted.emit("")
	else:
		come_in(by_wallet)


## Connects as a guest or as who was here before, or to sign in with an own wallet.
func come_in(by_wallet: bool) -> void:
	_by_wallet = by_wallet
	_retry = true
	status_changed.emit("connecting", true)
	_connection.start(_connection.address)


## A guest in the city wants to sign in with an own wallet.
func ask_wallet() -> void:
	_connection.send({"t": "sign_in", "do": "ask"})


## Whether the wallet that signed is the player's.
func answer_wallet(yes: bool) -> void:
	_connection.send({"t": "sign_in", "do": "yes" if yes else "no"})


func is_signed_in() -> bool:
	return slot >= 0


func leave() -> void:
	_connection.send({"t": "leave"})
	_connection.stop()


func send_move(sequence: int, at: Vector3, yaw: float, anim: int) -> void:
	own_at = at
	if is_signed_in():
		_connection.send_frame(Codec.write_move(sequence, at, yaw, anim))


func interact(entity: int, verb: String) -> void:
	Say.event("interact", {"entity": entity, "verb": verb})
	_connection.send({"t": "interact", "entity": entity, "verb": verb})


func send_input(action: String) -> void:
	_connection.send({"t": "input", "action": action})


func emote(name: String) -> void:
	_connection.send({"t": "emote", "name": name})


func send_ui(placement: int, id: String, value: Variant) -> void:
	_connection.send({"t": "ui", "placement": placement, "id": id, "value": value})


func chat(text: String) -> void:
	_connection.send({"t": "chat", "text": text.left(Wire.MAX_CHAT)})


func rename(to: String) -> void:
	_wanted_name = to.left(Wire.MAX_NAME)
	if is_signed_in() and not _wanted_name.is_empty() and _wanted_name != player_name:
		player_name = _wanted_name
		_connection.send({"t": "name", "name": _wanted_name})


func ask_who(slots: Array[int]) -> void:
	_connection.send({"t": "who", "slots": slots})


func _process(delta: float) -> void:
	if not _connection.is_open():
		return
	_silence += delta
	_ping_in -= delta
	if _ping_in <= 0.0:
		_ping_in = PING_S
		_pings += 1
		_connection.send({"t": "ping", "n": _pings})
	if _silence > SILENCE_S:
		_silence = 0.0
		_connection.drop()


func _on_opened() -> void:
	Say.event("connected", {"server": _connection.address})
	_silence = 0.0
	status_changed.emit("signing_in", true)
	var hello := {"t": "hello", "v": Wire.VERSION, "client": CLIENT, "locale": _locale}
	var token := _tokens.read()
	if _by_wallet:
		hello["wallet"] = true
	elif not token.is_empty():
		hello["token"] = token
	if not _wanted_name.is_empty():
		hello["name"] = _wanted_name
	_connection.send(hello)


func _on_closed(code: int, _reason: String) -> void:
	if slot >= 0:
		slot = -1
		lost.emit()
	if code == Wire.CLOSE_CODES["account.bad_token"]:
		_tokens.write("")
		if _asks:
			_retry = false
			choice_wanted.emit(tr("sign_in_again"))
	if not _retry:
		_connection.stop()


func _on_waiting(seconds: float) -> void:
	if not _retry:
		return
	Say.event("reconnecting", {"in": seconds})
	status_changed.emit("reconnecting", true)


func _on_frame(frame: PackedByteArray) -> void:
	_silence = 0.0
	var snapshot := Codec.read_snapshot(frame, own_at)
	if snapshot == null or not is_signed_in():
		ignored += 1
		return
	snapshot_given.emit(snapshot)


func _on_text(text: String) -> void:
	_silence = 0.0
	var message := Codec.read_message(text)
	if message.is_empty():
		ignored += 1
		return
	var kind := message["t"] as String
	match kind:
		"welcome":
			_on_welcome(message)
		"error", "bye":
			_on_trouble(kind, message)
		"sign_in":
			_on_sign_in(message)
		"pong":
			pass
		_:
			if is_signed_in():
				_tell(kind, message)
			else:
				ignored += 1


func _on_welcome(message: Dictionary) -> void:
	var spawn := Fields.numbers(message["spawn"], 4)
	if spawn.size() < 3:
		ignored += 1
		return
	player = Fields.whole(message, "player")
	slot = Fields.whole(message, "slot")
	player_name = Fields.text(message, "name")
	wallet = Fields.text(message, "wallet")
	guest = Fields.flag(message, "guest", true)
	_by_wallet = false
	features = Fields.words(message, "features")
	own_at = Vector3(spawn[0], spawn[1], spawn[2])
	_connection.settle()
	var kept := _tokens.write(Fields.text(message, "token"))
	if kept != OK:
		Say.event("error", {"code": "client.token_not_kept", "message": error_string(kept)})
	Say.event("signed_in", {"player": player, "wallet": wallet, "slot": slot, "name": player_name})
	signed_in.emit(message)
	moved_to.emit(own_at, spawn[3] if spawn.size() > 3 else 0.0, true)
	status_changed.emit("here", false)


func _on_sign_in(message: Dictionary) -> void:
	var state := Fields.text(message, "state")
	Say.event("sign_in", {"state": state, "show": Fields.text(message, "show")})
	if state == "done" and is_signed_in():
		guest = false
		var token := Fields.text(message, "token")
		if not token.is_empty():
			_tokens.write(token)
	sign_in_given.emit(message)


func _on_trouble(kind: String, message: Dictionary) -> void:
	var code := Fields.text(message, "code")
	Say.event(kind, {"code": code, "message": Fields.text(message, "message")})
	if code == "account.bad_token":
		_tokens.write("")
	elif kind == "bye" and not Fields.flag(message, "retry", true):
		_retry = false
	if kind == "bye" and not _retry and _by_wallet:
		sign_in_given.emit({"state": "over", "message": Fields.text(message, "message")})
	elif kind == "bye" and not _retry:
		status_changed.emit(Fields.text(message, "message"), false)
	else:
		toast_given.emit(Fields.text(message, "message"), "bad")


func _tell(kind: String, message: Dictionary) -> void:
	match kind:
		"district":
			district_given.emit(message)
		"places":
			places_given.emit(message["places"] as Array)
		"who":
			who_given.emit(message["players"] as Array)
		"spawn":
			entities_spawned.emit(message["entities"] as Array)
		"set":
			entities_set.emit(message["entities"] as Array)
		"remove":
			entities_removed.emit(PackedInt32Array(message["ids"] as Array))
		"teleport":
			var to := Fields.vector(message, "at", own_at)
			var turns := message.get("yaw") != null
			moved_to.emit(to, Fields.number(message, "yaw"), turns)
		"sky":
			sky_given.emit(message)
		"effect":
			var at := Fields.vector(message, "at", own_at)
			var tone := Fields.color(message, "color", Color.GOLD)
			var seconds := clampf(Fields.number(message, "seconds", 1.0), 0.3, 10.0)
			effect_given.emit(Fields.text(message, "name"), at, tone, seconds)
			sound_given.emit(Fields.text(message, "sound"), at)
		"emote":
			emote_given.emit(Fields.whole(message, "slot", -1), Fields.text(message, "name"))
		"ui_show", "ui_update", "ui_close":
			ui_message.emit(message)
		_:
			_tell_player(kind, message)


func _tell_player(kind: String, message: Dictionary) -> void:
	match kind:
		"inside":
			inside_changed.emit(Fields.whole(message, "placement"))
		"score":
			score_given.emit(message)
		"actions":
			actions_given.emit(message["actions"] as Array)
		"toast":
			toast_given.emit(Fields.text(message, "text"), Fields.text(message, "kind"))
		"balance":
			balance_given.emit(message)
		"pay":
			pay_given.emit(message)
		"claim":
			claim_given.emit(message)
		"chat":
			chat_heard.emit(
				Fields.whole(message, "from"),
				Fields.text(message, "name"),
				Fields.text(message, "text"),
				Fields.whole(message, "slot", -1)
			)
		"say":
			said.emit(
				Fields.whole(message, "placement"),
				Fields.text(message, "text"),
				Fields.whole(message, "entity", 0)
			)
