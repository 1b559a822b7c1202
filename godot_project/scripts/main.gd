extends Node
## Puts the client together: settings, session, world, what is drawn over it, and the pilot.

const Args := preload("res://scripts/args.gd")
const Autopilot := preload("res://scripts/autopilot.gd")
const Controls := preload("res://scripts/player/controls.gd")
const Fields := preload("res://scripts/net/fields.gd")
const Photographer := preload("res://scripts/photographer.gd")
const Say := preload("res://scripts/say.gd")
const Session := preload("res://scripts/net/session.gd")
const Tokens := preload("res://scripts/net/tokens.gd")
const World := preload("res://scripts/world/world.gd")

var args: Args = Args.new()
var session: Session = Session.new()
var controls: Controls = Controls.new()
var world: World = World.new()
var photographer: Photographer = Photographer.new()

var _age := 0.0
var _leaving := false


func _ready() -> void:
	args.read(OS.get_cmdline_user_args())
	for problem in args.problems:
		Say.event("error", {"code": "client.bad_argument", "message": problem})
	Controls.register()
	for child: Node in [session, controls, world, photographer]:
		add_child(child)
	world.start(session, controls)
	if args.autopilot:
		_start_autopilot()
	session.start(args.server, args.name, "en", Tokens.new(args.server, args.token_file))


func _process(delta: float) -> void:
	_age += delta
	if args.quit_after > 0.0 and _age > args.quit_after and not _leaving:
		if args.autopilot:
			Say.event("failed", {"reason": "not done within %d s" % int(args.quit_after)})
		leave(1 if args.autopilot else 0)


func leave(code: int) -> void:
	if _leaving:
		return
	_leaving = true
	await photographer.idle()
	if not args.shot.is_empty():
		await photographer.take(args.shot)
	session.leave()
	get_tree().quit(code)


func _notification(what: int) -> void:
	if what == NOTIFICATION_WM_CLOSE_REQUEST:
		leave(0)


func _start_autopilot() -> void:
	var pilot := Autopilot.new()
	add_child(pilot)
	pilot.start(session, world, controls, args.place)
	pilot.finished.connect(leave)
	pilot.picture_wanted.connect(_on_picture_wanted)


func _on_picture_wanted(name: String) -> void:
	if not args.shots_dir.is_empty():
		photographer.take(args.shots_dir.path_join(name + ".png"))
