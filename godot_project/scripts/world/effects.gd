extends Node3D
## Short effects: the burst of a caught coin, confetti, sparkle.

const Palette := preload("res://scripts/world/palette.gd")

const LIFE_S := 0.7
const MOST := 12


func burst(at: Vector3, color: Color) -> void:
	var sparks := _sparks(at, color, 22, LIFE_S, 1.0)
	if sparks == null:
		return
	sparks.spread = 75.0
	sparks.initial_velocity_min = 2.0
	sparks.initial_velocity_max = 5.0
	sparks.gravity = Vector3(0.0, -9.0, 0.0)
	sparks.scale_amount_min = 0.4
	_ring(at, color)


## Paper in many colours that rains for `seconds`.
func confetti(at: Vector3, color: Color, seconds: float) -> void:
	var paper := _sparks(at, Color.WHITE, 140, seconds, 0.7)
	if paper == null:
		return
	var colors := Gradient.new()
	colors.interpolation_mode = Gradient.GRADIENT_INTERPOLATE_CONSTANT
	var tones: Array[Color] = [color, Palette.CORAL, Palette.TEAL, Palette.CREAM, Palette.GOLD]
	colors.offsets = PackedFloat32Array([0.0, 0.25, 0.5, 0.65, 0.8])
	colors.colors = PackedColorArray(tones)
	paper.color_initial_ramp = colors
	paper.emission_shape = CPUParticles3D.EMISSION_SHAPE_SPHERE
	paper.emission_sphere_radius = 0.6
	paper.spread = 55.0
	paper.initial_velocity_min = 4.0
	paper.initial_velocity_max = 8.5
	paper.damping_min = 2.0
	paper.damping_max = 3.5
	paper.gravity = Vector3(0.0, -4.2, 0.0)
	paper.angle_max = 180.0
	paper.angular_velocity_min = -260.0
	paper.angular_velocity_max = 260.0
	paper.particle_flag_rotate_y = true
	(paper.mesh as BoxMesh).size = Vector3(0.13, 0.02, 0.09)


## A few glints that rise and fade.
func sparkle(at: Vector3, color: Color, seconds: float) -> void:
	var glints := _sparks(at, color, 18, seconds, 0.5)
	if glints == null:
		return
	glints.emission_shape = CPUParticles3D.EMISSION_SHAPE_SPHERE
	glints.emission_sphere_radius = 0.7
	glints.spread = 25.0
	glints.initial_velocity_min = 0.4
	glints.initial_velocity_max = 1.2
	glints.gravity = Vector3.ZERO
	var fade := Curve.new()
	fade.add_point(Vector2(0.0, 0.2))
	fade.add_point(Vector2(0.3, 1.0))
	fade.add_point(Vector2(1.0, 0.0))
	glints.scale_amount_curve = fade


## Particles of one colour that go off once; null when there are too many already.
func _sparks(
	at: Vector3, color: Color, amount: int, seconds: float, at_once: float
) -> CPUParticles3D:
	if get_child_count() >= MOST:
		return null
	var sparks := CPUParticles3D.new()
	var grain := BoxMesh.new()
	grain.size = Vector3.ONE * 0.09
	var paint := StandardMaterial3D.new()
	paint.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	paint.vertex_color_use_as_albedo = true
	grain.material = paint
	sparks.mesh = grain
	sparks.amount = amount
	sparks.lifetime = seconds
	sparks.one_shot = true
	sparks.explosiveness = at_once
	sparks.direction = Vector3.UP
	sparks.color = color.lightened(0.25) if color != Color.WHITE else color
	sparks.position = at
	add_child(sparks)
	sparks.emitting = true
	get_tree().create_timer(seconds * (2.0 - at_once) + 0.3).timeout.connect(sparks.queue_free)
	return sparks


func _ring(at: Vector3, color: Color) -> void:
	var quad := QuadMesh.new()
	quad.size = Vector2.ONE * 2.2
	quad.material = Palette.glow(color, true)
	var flash := MeshInstance3D.new()
	flash.mesh = quad
	flash.position = at
	add_child(flash)
	var play := create_tween()
	play.tween_property(flash, "scale", Vector3.ONE * 0.05, 0.35).set_ease(Tween.EASE_IN)
	play.tween_callback(flash.queue_free)
