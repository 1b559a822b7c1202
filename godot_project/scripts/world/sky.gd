extends Node3D
## Sun, sky dome with clouds, fog and ambient light, all following the city's clock.

const Fields := preload("res://scripts/net/fields.gd")
const Daylight := preload("res://scripts/world/daylight.gd")

const CITY_FOG := 0.0011
## Fog of a game: what 1 means.
const THICK_FOG := 0.06
const RADIUS := 2200.0
const SHADER := """
shader_type spatial;
render_mode unshaded, cull_disabled, fog_disabled, shadows_disabled;
uniform vec3 top : source_color;
uniform vec3 horizon : source_color;
uniform vec3 sun : source_color;
uniform vec3 way;
uniform float night;
uniform vec2 drift;
uniform sampler2D clouds : repeat_enable, filter_linear_mipmap;
varying vec3 out_way;
void vertex() { out_way = VERTEX; }
float dot_hash(vec3 p) { return fract(sin(dot(p, vec3(12.9898, 78.233, 45.164))) * 43758.5453); }
void fragment() {
	vec3 d = normalize(out_way);
	float h = clamp(d.y, 0.0, 1.0);
	float s = max(dot(d, way), 0.0);
	vec3 c = mix(horizon, top, 1.0 - pow(1.0 - h, 3.2));
	float low = pow(1.0 - h, 6.0);
	c += sun * (pow(s, 5.0) * 0.22 * (0.4 + low) + pow(s, 90.0) * 0.35) * (1.0 - night * 0.75);
	c = mix(c, mix(vec3(1.0), sun, 0.3) * 1.15, smoothstep(0.9988, 0.9993, s) * (1.0 - night * 0.1));
	if (d.y > 0.0) {
		if (night > 0.3) {
			vec3 cell = floor(d * 90.0);
			vec3 inside = fract(d * 90.0) - 0.5;
			float star = step(0.985, dot_hash(cell)) * smoothstep(0.28, 0.0, length(inside));
			c += vec3(0.9, 0.95, 1.0) * star * (night - 0.3) * h * 1.6;
		}
		vec2 uv = d.xz / (d.y + 0.16) * 0.16;
		float n = texture(clouds, uv + drift).r * 0.66 + texture(clouds, uv * 3.1 - drift).r * 0.34;
		float body = smoothstep(0.5, 0.72, n) * smoothstep(0.0, 0.16, d.y);
		vec3 lit = mix(vec3(1.0), sun, 0.45) * (0.97 + pow(s, 4.0) * 0.25);
		vec3 shade = mix(horizon, top, 0.25) * 0.93;
		vec3 cloud = mix(lit, shade, smoothstep(0.58, 0.86, n)) * (1.0 - night * 0.86);
		c = mix(c, cloud, body * (0.88 - night * 0.4));
	}
	ALBEDO = c;
}
"""

var light := Daylight.new()
var sun := DirectionalLight3D.new()
var environment := Environment.new()

var _dome := MeshInstance3D.new()
var _material := ShaderMaterial.new()
var _clock := 36000.0
var _rate := 1.0
var _shown := -1.0e9
var _drift := Vector2.ZERO
## The sky of the game around: its hour stands still; below 0: the city's.
var _hour := -1.0
var _tint := Color.WHITE


## Seconds of the day; `rate` seconds of it pass in one real second.
func set_clock(clock: float, rate: float) -> void:
	_clock = clock
	_rate = rate
	_shown = -1.0e9


## The sky of the game that the player is in; what `sky` leaves out is the city's.
func take(sky: Dictionary) -> void:
	_hour = clampf(Fields.number(sky, "time", -1.0), -1.0, 24.0)
	_tint = Fields.color(sky, "tint", Color.WHITE)
	var fog := clampf(Fields.number(sky, "fog", -1.0), -1.0, 1.0)
	environment.fog_density = CITY_FOG if fog < 0.0 else THICK_FOG * fog * fog
	_apply()


func set_quality(quality: int) -> void:
	sun.shadow_enabled = quality > 0
	sun.directional_shadow_mode = (
		DirectionalLight3D.SHADOW_PARALLEL_2_SPLITS
		if quality > 1
		else DirectionalLight3D.SHADOW_ORTHOGONAL
	)
	sun.directional_shadow_max_distance = 110.0 if quality > 1 else 55.0
	RenderingServer.directional_shadow_atlas_set_size(4096 if quality > 1 else 2048, true)
	environment.glow_enabled = quality > 1


func advance(delta: float, centre: Vector3) -> void:
	_clock += delta * _rate
	_drift += Vector2(0.0011, 0.0004) * delta
	_material.set_shader_parameter("drift", _drift)
	_dome.position = centre
	if absf(_clock - _shown) > 4.0:
		_shown = _clock
		_apply()


func _init() -> void:
	var sphere := SphereMesh.new()
	sphere.radius = RADIUS
	sphere.height = RADIUS * 2.0
	sphere.radial_segments = 32
	sphere.rings = 16
	var shader := Shader.new()
	shader.code = SHADER
	_material.shader = shader
	_material.set_shader_parameter("clouds", _cloud_texture())
	sphere.material = _material
	_dome.mesh = sphere
	_dome.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	_dome.extra_cull_margin = RADIUS
	add_child(_dome)
	sun.shadow_bias = 0.06
	sun.shadow_normal_bias = 1.6
	sun.directional_shadow_blend_splits = false
	add_child(sun)
	environment.background_mode = Environment.BG_COLOR
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.reflected_light_source = Environment.REFLECTION_SOURCE_DISABLED
	environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	environment.fog_enabled = true
	environment.fog_density = CITY_FOG
	environment.fog_sky_affect = 0.0
	environment.fog_sun_scatter = 0.12
	environment.glow_intensity = 0.5
	environment.glow_bloom = 0.04
	environment.glow_hdr_threshold = 0.95
	var holder := WorldEnvironment.new()
	holder.environment = environment
	add_child(holder)


func _apply() -> void:
	light.at(_clock if _hour < 0.0 else _hour * 3600.0)
	for key: String in ["top", "horizon", "sun", "ambient"]:
		light.set(key, (light.get(key) as Color) * _tint)
	for key: String in ["top", "horizon", "sun"]:
		_material.set_shader_parameter(key, light.get(key))
	_material.set_shader_parameter("way", light.way)
	_material.set_shader_parameter("night", light.night)
	sun.look_at_from_position(light.way, Vector3.ZERO, Vector3.UP)
	sun.light_color = light.sun
	sun.light_energy = light.energy
	environment.background_color = light.horizon
	environment.ambient_light_color = light.ambient
	environment.ambient_light_energy = light.ambient_energy
	environment.fog_light_color = light.horizon.lerp(light.top, 0.12)
	environment.fog_light_energy = 0.95


static func _cloud_texture() -> ImageTexture:
	var noise := FastNoiseLite.new()
	noise.seed = 11
	noise.noise_type = FastNoiseLite.TYPE_SIMPLEX_SMOOTH
	noise.fractal_octaves = 4
	noise.frequency = 0.014
	var image := noise.get_seamless_image(256, 256)
	image.generate_mipmaps()
	return ImageTexture.create_from_image(image)
