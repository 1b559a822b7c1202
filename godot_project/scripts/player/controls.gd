extends Node
## What the player wants, from keyboard, gamepad, touch or the autopilot.

signal interact_pressed
signal orbit_moved(by: Vector2)
signal zoomed(steps: float)

const KEYS: Dictionary[String, Array] = {
	"walk_north": [KEY_W, KEY_UP],
	"walk_south": [KEY_S, KEY_DOWN],
	"walk_west": [KEY_A, KEY_LEFT],
	"walk_east": [KEY_D, KEY_RIGHT],
	"run": [KEY_SHIFT],
	"jump": [KEY_SPACE],
	"interact": [KEY_E],
	"chat": [KEY_ENTER, KEY_KP_ENTER],
	"settings": [KEY_ESCAPE],
	"scoreboard": [KEY_TAB],
	"panel": [KEY_F],
	"emote": [KEY_G],
	"act_1": [KEY_1],
	"act_2": [KEY_2],
	"act_3": [KEY_3],
	"act_4": [KEY_4],
	"act_5": [KEY_5],
	"act_6": [KEY_6],
	"look_left": [KEY_Q],
	"look_right": [KEY_R],
	"look_up": [KEY_PAGEUP],
	"look_down": [KEY_PAGEDOWN],
	"zoom_in": [KEY_EQUAL, KEY_KP_ADD],
	"zoom_out": [KEY_MINUS, KEY_KP_SUBTRACT],
}
const BUTTONS: Dictionary[String, JoyButton] = {
	"run": JOY_BUTTON_LEFT_SHOULDER,
	"jump": JOY_BUTTON_A,
	"interact": JOY_BUTTON_X,
	"settings": JOY_BUTTON_START,
	"scoreboard": JOY_BUTTON_BACK,
	"emote": JOY_BUTTON_Y,
	"act_1": JOY_BUTTON_DPAD_UP,
	"act_2": JOY_BUTTON_DPAD_RIGHT,
	"act_3": JOY_BUTTON_DPAD_DOWN,
	"act_4": JOY_BUTTON_DPAD_LEFT,
	"act_5": JOY_BUTTON_RIGHT_SHOULDER,
	"act_6": JOY_BUTTON_RIGHT_STICK,
}
const AXES: Dictionary[String, Array] = {
	"walk_west": [JOY_AXIS_LEFT_X, -1.0],
	"walk_east": [JOY_AXIS_LEFT_X, 1.0],
	"walk_north": [JOY_AXIS_LEFT_Y, -1.0],
	"walk_south": [JOY_AXIS_LEFT_Y, 1.0],
	"look_left": [JOY_AXIS_RIGHT_X, -1.0],
	"look_right": [JOY_AXIS_RIGHT_X, 1.0],
	"look_up": [JOY_AXIS_RIGHT_Y, -1.0],
	"look_down": [JOY_AXIS_RIGHT_Y, 1.0],
}
const LOOK_SPEED := 420.0

## False while the player types or reads a page.
var enabled := true
## The autopilot's wish in the world's plane; used while `piloted`.
var piloted := false
var pilot_wish := Vector2.ZERO
var pilot_run := false
## The touch stick: x right, y down, at most 1 long.
var stick := Vector2.ZERO
var touch_jump := false

var _dragging := false


static func register() -> void:
	for action: String in KEYS:
		if InputMap.has_action(action):
			continue
		InputMap.add_action(action, 0.25)
		for key: Key in KEYS[action]:
			var event := InputEventKey.new()
			event.physical_keycode = key
			InputMap.action_add_event(action, event)
		if BUTTONS.has(action):
			var button := InputEventJoypadButton.new()
			button.button_index = BUTTONS[action]
			InputMap.action_add_event(action, button)
		if AXES.has(action):
			var motion := InputEventJoypadMotion.new()
			motion.axis = AXES[action][0] as JoyAxis
			motion.axis_value = AXES[action][1]
			InputMap.action_add_event(action, motion)


## The wished direction in the world (x east, y south), as seen by a camera turned by `camera_yaw`.
func wish(camera_yaw: float) -> Vector2:
	if piloted:
		return pilot_wish
	if not enabled:
		return Vector2.ZERO
	var want := Input.get_vector("walk_west", "walk_east", "walk_north", "walk_south")
	if stick.length() > want.length():
		want = stick
	return want.rotated(-camera_yaw)


func wants_run() -> bool:
	if piloted:
		return pilot_run
	return enabled and (Input.is_action_pressed("run") or stick.length() > 0.92)


func wants_jump() -> bool:
	if touch_jump:
		touch_jump = false
		return true
	return enabled and not piloted and Input.is_action_pressed("jump")


func interact() -> void:
	interact_pressed.emit()


func _process(delta: float) -> void:
	if not enabled or piloted:
		return
	var look := Input.get_vector("look_left", "look_right", "look_up", "look_down")
	if look != Vector2.ZERO:
		orbit_moved.emit(look * LOOK_SPEED * delta)
	var zoom := Input.get_axis("zoom_in", "zoom_out")
	if zoom != 0.0:
		zoomed.emit(zoom * delta * 6.0)


func _unhandled_input(event: InputEvent) -> void:
	if not enabled:
		_dragging = false
		return
	if event is InputEventMouseButton:
		var click := event as InputEventMouseButton
		match click.button_index:
			MOUSE_BUTTON_LEFT, MOUSE_BUTTON_RIGHT:
				_dragging = click.pressed
			MOUSE_BUTTON_WHEEL_UP:
				zoomed.emit(-1.0)
			MOUSE_BUTTON_WHEEL_DOWN:
				zoomed.emit(1.0)
	elif event is InputEventMouseMotion and _dragging:
		orbit_moved.emit((event as InputEventMouseMotion).relative)
	elif event is InputEventScreenDrag:
		orbit_moved.emit((event as InputEventScreenDrag).relative)
	elif event.is_action_pressed("interact") and not event.is_echo():
		interact()
