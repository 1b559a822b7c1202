extends Node3D
## The city around the player: puts together sky, district, placements, things and people.

signal coin_caught(at: Vector3)
## The district stands and what is near is shown.
signal built
signal building(share: float)

const Wire := preload("res://scripts/net/wire.gd")
const Fields := preload("res://scripts/net/fields.gd")
const Session := preload("res://scripts/net/session.gd")
const Controls := preload("res://scripts/player/controls.gd")
const Camera := preload("res://scripts/player/follow_camera.gd")
const Player := preload("res://scripts/player/player.gd")
const Crowd := preload("res://scripts/world/crowd.gd")
const Effects := preload("res://scripts/world/effects.gd")
const Entities := preload("res://scripts/world/entities.gd")
const Entity := preload("res://scripts/world/entity.gd")
const Ground := preload("res://scripts/world/ground.gd")
const Layout := preload("res://scripts/world/layout.gd")
const Plaza := preload("res://scripts/world/plaza.gd")
const Scenery := preload("res://scripts/world/scenery.gd")
const Skyline := preload("res://scripts/world/skyline.gd")
const Places := preload("res://scripts/world/places.gd")
const SkyDome := preload("res://scripts/world/sky.gd")
const Solids := preload("res://scripts/world/solids.gd")
const Streets := preload("res://scripts/world/streets.gd")
const Say := preload("res://scripts/say.gd")

## Time for new scenery in a frame: while loading, and while walking.
const BOOT_S := 0.1
const BUDGET_S := 0.004

var plan: Layout = Layout.new()
var solids: Solids = Solids.new()
var streets: Streets = Streets.new()
var sky: SkyDome = SkyDome.new()
var places: Places = Places.new()
var entities: Entities = Entities.new()
var crowd: Crowd = Crowd.new()
var player: Player = Player.new()
var camera: Camera = Camera.new()
## The thing that E would use now, or null.
var target: Entity = null

var _ground: Ground = Ground.new()
var _plaza: Plaza = Plaza.new()
var _scenery: Scenery = Scenery.new()
var _skyline: Skyline = Skyline.new()
var _effects: Effects = Effects.new()
var _session: Session = null
var _built := ""
var _waits := false
var _most_late := 0


func start(session: Session, controls: Controls) -> void:
	_session = session
	for child: Node in [
		sky, _ground, _plaza, _skyline, _scenery, places, entities, crowd, _effects, player, camera
	]:
		add_child(child)
	for holder: Object in [_plaza, _scenery, places, entities, player, camera]:
		holder.set("solids", solids)
	player.start(session, controls, camera)
	crowd.start(session)
	crowd.ground_at = plan.ground
	player.ground_at = plan.ground
	camera.make_current()
	controls.orbit_moved.connect(camera.orbit)
	controls.zoomed.connect(camera.zoom)
	controls.interact_pressed.connect(use)
	session.signed_in.connect(_on_signed_in)
	session.district_given.connect(_on_district)
	session.places_given.connect(_on_places)
	session.entities_spawned.connect(entities.spawn)
	session.entities_set.connect(entities.change)
	session.entities_removed.connect(entities.remove)
	session.chat_heard.connect(_on_chat)
	session.effect_given.connect(_on_effect)
	session.emote_given.connect(_on_emote)
	session.sky_given.connect(sky.take)
	session.inside_changed.connect(func(_placement: int) -> void: sky.take({}))
	entities.caught.connect(_on_caught)


## 0 low, 1 medium, 2 high.
func set_quality(quality: int) -> void:
	_scenery.set_quality(quality)
	draw_as(quality)


## How the same things are drawn: shadows, resolution, smooth edges.
func draw_as(quality: int) -> void:
	sky.set_quality(quality)
	get_viewport().scaling_3d_scale = 0.75 if quality == 0 else 1.0
	get_viewport().msaa_3d = [Viewport.MSAA_DISABLED, Viewport.MSAA_2X, Viewport.MSAA_4X][quality]


## Uses the thing in front, when there is one.
func use() -> void:
	if target != null:
		_session.interact(target.id, target.verb)


func _process(delta: float) -> void:
	player.advance(delta)
	var at := player.position
	sky.advance(delta, camera.position)
	places.advance(delta, at, sky.light.night)
	_plaza.advance(delta, sky.light.night)
	_skyline.advance(delta, sky.light.night)
	var late := _scenery.advance(at, sky.light.night, BOOT_S if _waits else BUDGET_S)
	if _waits and player.visible:
		_most_late = maxi(_most_late, late)
		building.emit(1.0 - float(late) / maxi(_most_late, 1))
		if late == 0:
			_waits = false
			built.emit()
	entities.advance(delta, at)
	crowd.advance(delta, at)
	target = (
		entities.usable(player.motion.at, player.motion.yaw) if _session.is_signed_in() else null
	)


## A fresh sign-in means a fresh world: what was known of things and people is gone.
func _on_signed_in(_welcome: Dictionary) -> void:
	entities.clear()
	crowd.clear()


func _on_district(district: Dictionary) -> void:
	sky.set_clock(Fields.number(district, "clock"), Fields.number(district, "clock_rate", 1.0))
	# The same district after a reconnect is not built again.
	var key := JSON.stringify([district.parcels, district.lanes, district.plaza, district.seed])
	if key == _built:
		return
	_built = key
	_waits = true
	plan.read(district)
	player.motion.bounds = plan.walkable()
	_ground.build(plan)
	_plaza.build(plan)
	_skyline.build(plan)
	_scenery.build(plan, places.areas())
	streets.build(plan)
	Say.event("district", {"name": plan.name, "region": Fields.whole(district, "region")})


func _on_places(facts: Array) -> void:
	var before := places.areas()
	places.show_all(facts)
	if before != places.areas():
		_scenery.build(plan, places.areas())
	Say.event("places", {"count": places.list.size()})


func _on_chat(_from: int, _name: String, text: String, slot: int) -> void:
	crowd.speak(slot, text)


func _on_caught(at: Vector3, color: Color) -> void:
	_effects.burst(at, color)
	coin_caught.emit(at)


func _on_effect(name: String, at: Vector3, color: Color, seconds: float) -> void:
	match name:
		"confetti":
			_effects.confetti(at + Vector3.UP * 2.0, color, seconds)
		"sparkle":
			_effects.sparkle(at + Vector3.UP, color, seconds)
		_:
			_effects.burst(at + Vector3.UP, color)


func _on_emote(slot: int, name: String) -> void:
	if slot == _session.slot:
		player.body.gesture(name)
	else:
		crowd.gesture(slot, name)
