extends CanvasLayer
## Everything drawn over the world, and what the player does there.

signal quit_wanted

const ActionsBar := preload("res://scripts/ui/actions_bar.gd")
const Balance := preload("res://scripts/ui/balance_panel.gd")
const Boot := preload("res://scripts/ui/boot_screen.gd")
const Chat := preload("res://scripts/ui/chat_panel.gd")
const Controls := preload("res://scripts/player/controls.gd")
const Fields := preload("res://scripts/net/fields.gd")
const GameUi := preload("res://scripts/ui/game_ui.gd")
const Layout := preload("res://scripts/world/layout.gd")
const Look := preload("res://scripts/ui/look.gd")
const Minimap := preload("res://scripts/ui/minimap.gd")
const Palette := preload("res://scripts/world/palette.gd")
const Place := preload("res://scripts/world/place.gd")
const Prompt := preload("res://scripts/ui/prompt.gd")
const Say := preload("res://scripts/say.gd")
const Score := preload("res://scripts/ui/score_panel.gd")
const Session := preload("res://scripts/net/session.gd")
const Settings := preload("res://scripts/settings.gd")
const SettingsPage := preload("res://scripts/ui/settings_page.gd")
const Toasts := preload("res://scripts/ui/toasts.gd")
const TouchPad := preload("res://scripts/ui/touch_pad.gd")
const Wallets := preload("res://scripts/ui/wallets.gd")
const Wayfinder := preload("res://scripts/ui/wayfinder.gd")
const World := preload("res://scripts/world/world.gd")

const MARGIN := 18.0

var boot: Boot = Boot.new()
var page: SettingsPage = SettingsPage.new()
var chat: Chat = Chat.new()
var toasts: Toasts = Toasts.new()
var wallets: Wallets = Wallets.new()

var _root := Control.new()
var _balance: Balance = Balance.new()
var _score: Score = Score.new()
var _prompt: Prompt = Prompt.new()
var _wayfinder: Wayfinder = Wayfinder.new()
var _minimap: Minimap = Minimap.new()
var _games: GameUi = GameUi.new()
var _actions: ActionsBar = ActionsBar.new()
var _touch: TouchPad = TouchPad.new()
var _place_name := Look.label("", "Head")
var _status := Look.label("", "")
var _status_box := PanelContainer.new()
var _fps := Look.label("", "Small")
## The placement the player is in; null on the street.
var _inside: Place = null
var _session: Session = null
var _world: World = null
var _controls: Controls = null
var _settings: Settings = null


func start(session: Session, world: World, controls: Controls, settings: Settings) -> void:
	_session = session
	_world = world
	_controls = controls
	_settings = settings
	_lay_out()
	page.start(settings)
	page.closed.connect(_on_page_closed)
	page.quit_wanted.connect(quit_wanted.emit)
	_touch.start(controls)
	chat.said.connect(session.chat)
	chat.typing_changed.connect(func(_typing: bool) -> void: _share_keys())
	_games.used.connect(session.send_ui)
	_games.opened_changed.connect(func(_open: bool) -> void: _share_keys())
	wallets.start(session)
	wallets.chosen.connect(session.come_in)
	wallets.opened_changed.connect(func(_open: bool) -> void: _share_keys())
	page.wallet_wanted.connect(session.ask_wallet)
	session.status_changed.connect(_on_status)
	session.signed_in.connect(_on_signed_in)
	session.balance_given.connect(_balance.take)
	session.score_given.connect(_score.take)
	session.toast_given.connect(toasts.add)
	session.inside_changed.connect(_on_inside)
	session.ui_message.connect(_games.take)
	session.inside_changed.connect(_games.leave_all_but)
	session.chat_heard.connect(_on_chat)
	session.said.connect(_on_said)
	session.lost.connect(_games.close_all)
	session.actions_given.connect(_on_actions)
	session.lost.connect(_actions.clear)
	_actions.pressed.connect(session.send_input)
	world.building.connect(func(share: float) -> void: boot.tell("building", 0.6 + 0.4 * share))
	settings.changed.connect(restyle)
	restyle()


## Draws again with the chosen size of letters and language.
func restyle() -> void:
	TranslationServer.set_locale(_settings.spoken_language())
	_root.theme = Look.make(_settings.text_scale)
	_games.text_scale = _settings.text_scale
	_minimap.custom_minimum_size = Vector2.ONE * 150.0 * sqrt(_settings.text_scale)
	_fps.visible = _settings.show_fps
	_place()


func _process(delta: float) -> void:
	var at := _world.player.motion.at
	var target := _world.target
	var words := ""
	if target != null and _controls.enabled:
		words = target.prompt if not target.prompt.is_empty() else target.text
		words = words if not words.is_empty() else tr(target.verb)
	if _prompt.offer(words):
		Say.event("prompt", {"entity": target.id, "verb": target.verb, "label": target.text})
	if _inside == null:
		var on_plaza := _world.plan.surface(Vector2(at.x, at.z)) == Layout.Surface.PLAZA
		_place_name.text = tr("plaza") if on_plaza else _world.plan.name
	_wayfinder.point(_world.places.nearest(at, "game"), at, _world.camera.yaw)
	_minimap.plan = _world.plan
	_minimap.places = _world.places.list
	_minimap.people = _world.crowd.places()
	_minimap.follow(delta, at, _world.camera.yaw, _world.player.motion.yaw)
	_score.advance(delta)
	var lower := _games.top_height()
	toasts.position.y = MARGIN + (lower + 10.0 if lower > 0.0 else 0.0)
	chat.advance(delta)
	if _fps.visible:
		_fps.text = "%d fps" % roundi(Engine.get_frames_per_second())


func _unhandled_input(event: InputEvent) -> void:
	if event.is_action_pressed("settings"):
		_on_escape()
	elif page.visible or _games.is_open() or wallets.is_open():
		return
	elif event.is_action_pressed("chat") and _session.features.has("chat"):
		chat.open()
	elif event.is_action_pressed("panel"):
		_games.take_keys()
	elif event.is_action_pressed("emote"):
		_session.emote("wave")
	elif _acts(event):
		pass
	elif event.is_action_pressed("scoreboard"):
		_score.show_empty()
	else:
		return
	get_viewport().set_input_as_handled()


## Whether it is the key of an action that the game shows.
func _acts(event: InputEvent) -> bool:
	for index in _actions.count():
		if event.is_action_pressed("act_%d" % (index + 1)):
			return _actions.press(index)
	return false


func _on_actions(actions: Array) -> void:
	_actions.take(actions)
	_actions.reset_size()
	_place()


func _on_escape() -> void:
	if chat.is_typing():
		chat.close()
	elif page.visible:
		page.close()
	elif _games.is_open():
		_games.dismiss()
	else:
		page.open(_session.is_signed_in() and _session.guest)
		_share_keys()


func _on_page_closed() -> void:
	_session.rename(_settings.name)
	_share_keys()


## Walking keys walk only while nothing else wants them.
func _share_keys() -> void:
	_controls.enabled = not (
		page.visible or chat.is_typing() or _games.is_open() or wallets.is_open()
	)


func _on_status(words: String, busy: bool) -> void:
	_status_box.visible = words != "here"
	_status.text = words
	if words != "here":
		boot.tell(words, 0.25 if busy else 0.4)


func _on_signed_in(_welcome: Dictionary) -> void:
	_score.own_id = _session.player
	chat.visible = _session.features.has("chat")
	boot.tell("district_comes", 0.55)


func _on_inside(placement: int) -> void:
	_actions.clear()
	_inside = _world.places.by_id(placement)
	if _inside != null:
		_place_name.text = _inside.title
		toasts.add("%s · %s" % [_inside.title, tr(_inside.kind)], "info")


func _on_chat(from: int, name: String, text: String, _slot: int) -> void:
	chat.add(name.left(24), text.left(280), from == _session.player)


func _on_said(placement: int, text: String, _entity: int) -> void:
	var place := _world.places.by_id(placement)
	chat.add(place.title if place != null else "…", text.left(280), false)


func _lay_out() -> void:
	_root.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	_root.mouse_filter = Control.MOUSE_FILTER_IGNORE
	add_child(_root)
	_status_box.add_child(_status)
	_status_box.mouse_filter = Control.MOUSE_FILTER_IGNORE
	toasts.mouse_filter = Control.MOUSE_FILTER_IGNORE
	_place_name.add_theme_constant_override("outline_size", 8)
	for part: Control in [
		_place_name,
		_balance,
		_score,
		_wayfinder,
		_minimap,
		_fps,
		chat,
		_prompt,
		_actions,
		toasts,
		_status_box,
		_touch,
		_games,
		boot,
		page,
		wallets
	]:
		_root.add_child(part)
	page.visible = false
	_root.resized.connect(_place)


## Puts each part in its corner.
func _place() -> void:
	_pin(_minimap, Control.PRESET_TOP_LEFT)
	_pin(_place_name, Control.PRESET_TOP_LEFT)
	var beside := _minimap.custom_minimum_size.x + MARGIN * 2.0
	_place_name.position = Vector2(beside, MARGIN)
	_pin(_wayfinder, Control.PRESET_TOP_LEFT)
	_wayfinder.position = Vector2(beside - 4.0, MARGIN + 36.0 * _settings.text_scale)
	_pin(_balance, Control.PRESET_TOP_RIGHT)
	_pin(_score, Control.PRESET_TOP_RIGHT)
	_score.position.y = MARGIN * 1.6 + 66.0 * _settings.text_scale
	_pin(chat, Control.PRESET_BOTTOM_LEFT)
	chat.custom_minimum_size.x = 390.0 * sqrt(_settings.text_scale)
	_pin(_prompt, Control.PRESET_CENTER_BOTTOM)
	_prompt.offset_top = -150.0
	_prompt.offset_bottom = -100.0
	_pin(_actions, Control.PRESET_CENTER_BOTTOM)
	_pin(toasts, Control.PRESET_CENTER_TOP)
	_pin(_status_box, Control.PRESET_CENTER)
	_pin(_fps, Control.PRESET_BOTTOM_RIGHT)


static func _pin(part: Control, corner: Control.LayoutPreset) -> void:
	part.set_anchors_and_offsets_preset(corner, Control.PRESET_MODE_MINSIZE, int(MARGIN))
	part.grow_horizontal = Control.GROW_DIRECTION_BOTH
	match corner:
		Control.PRESET_TOP_LEFT, Control.PRESET_BOTTOM_LEFT:
			part.grow_horizontal = Control.GROW_DIRECTION_END
		Control.PRESET_TOP_RIGHT, Control.PRESET_BOTTOM_RIGHT:
			part.grow_horizontal = Control.GROW_DIRECTION_BEGIN
	part.grow_vertical = Control.GROW_DIRECTION_END
	match corner:
		Control.PRESET_BOTTOM_LEFT, Control.PRESET_BOTTOM_RIGHT, Control.PRESET_CENTER_BOTTOM:
			part.grow_vertical = Control.GROW_DIRECTION_BEGIN
		Control.PRESET_CENTER:
			part.grow_vertical = Control.GROW_DIRECTION_BOTH
