extends Node3D
## Short effects: the burst of a caught coin.

const Palette := preload("res://scripts/world/palette.gd")

const LIFE_S := 0.7
const MOST := 12


func burst(at: Vector3, color: Color) -> void:
	if get_child_count() >= MOST:
		return
	var sparks := CPUParticles3D.new()
	var grain := BoxMesh.new()
	grain.size = Vector3.ONE * 0.09
	var paint := StandardMaterial3D.new()
	paint.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	paint.albedo_color = color.lightened(0.25)
	grain.material = paint
	sparks.mesh = grain
	sparks.amount = 22
	sparks.lifetime = LIFE_S
	sparks.one_shot = true
	sparks.explosiveness = 1.0
	sparks.direction = Vector3.UP
	sparks.spread = 75.0
	sparks.initial_velocity_min = 2.0
	sparks.initial_velocity_max = 5.0
	sparks.gravity = Vector3(0.0, -9.0, 0.0)
	sparks.scale_amount_min = 0.4
	sparks.position = at
	add_child(sparks)
	sparks.emitting = true
	_ring(at, color)
	get_tree().create_timer(LIFE_S * 1.5).timeout.connect(sparks.queue_free)


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
