extends Node
## Puts the client together: settings, session, world, what is drawn over it, sounds and the pilot.

const Args := preload("res://scripts/args.gd")
const Autopilot := preload("res://scripts/autopilot.gd")
const Controls := preload("res://scripts/player/controls.gd")
const Hud := preload("res://scripts/ui/hud.gd")
const Photographer := preload("res://scripts/photographer.gd")
const Reporter := preload("res://scripts/reporter.gd")
const Say := preload("res://scripts/say.gd")
const Session := preload("res://scripts/net/session.gd")
const Settings := preload("res://scripts/settings.gd")
const Sounds := preload("res://scripts/audio/sounds.gd")
const Texts := preload("res://scripts/texts.gd")
const Tokens := preload("res://scripts/net/tokens.gd")
const World := preload("res://scripts/world/world.gd")

## How far the sound of an effect is heard, in metres.
const HEARD_M := 40.0

var args: Args = Args.new()
var settings: Settings = Settings.new()
var session: Session = Session.new()
var controls: Controls = Controls.new()
var world: World = World.new()
var hud: Hud = Hud.new()
var sounds: Sounds = Sounds.new()
var photographer: Photographer = Photographer.new()
var reporter: Reporter = Reporter.new()

var _age := 0.0
var _leaving := false
var _quality := -1


func _ready() -> void:
	get_tree().auto_accept_quit = false
	args.read(OS.get_cmdline_user_args())
	for problem in args.problems:
		Say.event("error", {"code": "client.bad_argument", "message": problem})
	settings.read()
	if not args.name.is_empty():
		settings.name = args.name
	Texts.register()
	Controls.register()
	for child: Node in [session, controls, world, hud, sounds, photographer, reporter]:
		add_child(child)
	world.start(session, controls)
	hud.start(session, world, controls, settings)
	reporter.start(session)
	photographer.prepare = func() -> void: world.draw_as(maxi(_quality, 1))
	photographer.restore = func() -> void: world.draw_as(_quality)
	_connect_sounds()
	settings.changed.connect(_apply)
	hud.quit_wanted.connect(leave.bind(0))
	world.built.connect(hud.boot.leave)
	_apply()
	if args.autopilot:
		_start_autopilot()
	var tokens := Tokens.new(args.server, args.token_file)
	var asks := args.asks() or args.by_wallet
	var locale := settings.spoken_language()
	session.start(args.server, settings.name, locale, tokens, asks, args.by_wallet)


func _process(delta: float) -> void:
	_age += delta
	if args.quit_after > 0.0 and _age > args.quit_after and not _leaving:
		if args.autopilot:
			Say.event("failed", {"reason": "not done within %d s" % int(args.quit_after)})
		leave(1 if args.autopilot else 0)


func _notification(what: int) -> void:
	if what == NOTIFICATION_WM_CLOSE_REQUEST:
		leave(0)


## Takes the last picture, says goodbye and ends with `code`.
func leave(code: int) -> void:
	if _leaving:
		return
	_leaving = true
	await photographer.idle()
	if not args.shot.is_empty():
		await photographer.take(args.shot)
	session.leave()
	# One more frame, so that the goodbye leaves the machine.
	await get_tree().process_frame
	get_tree().quit(code)


func _apply() -> void:
	world.camera.sensitivity = settings.sensitivity
	world.camera.invert_y = settings.invert_y
	sounds.set_volume(settings.volume)
	var quality := settings.drawn_quality()
	if quality != _quality:
		_quality = quality
		world.set_quality(quality)


func _connect_sounds() -> void:
	world.coin_caught.connect(func(_at: Vector3) -> void: sounds.play("coin"))
	world.player.stepped.connect(sounds.play.bind("step", 0.22))
	session.sound_given.connect(
		func(name: String, at: Vector3) -> void:
			var away := at.distance_to(world.player.position)
			sounds.play(name, clampf(1.0 - away / HEARD_M, 0.0, 1.0))
	)
	session.signed_in.connect(func(_welcome: Dictionary) -> void: sounds.play("welcome", 0.6))
	session.toast_given.connect(
		func(_text: String, kind: String) -> void:
			var tune := kind if kind in ["bad", "reward"] else "toast"
			sounds.play(tune, 0.7)
	)


func _start_autopilot() -> void:
	var pilot := Autopilot.new()
	add_child(pilot)
	pilot.start(session, world, controls, args.place)
	pilot.finished.connect(leave)
	pilot.take_picture = func(name: String) -> void:
		if not args.shots_dir.is_empty():
			await photographer.take(args.shots_dir.path_join(name + ".png"))
