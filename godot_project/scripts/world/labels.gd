extends RefCounted
## Letters in the world: name plates and signs.

const Palette := preload("res://scripts/world/palette.gd")


## A label that always faces the camera; `height` of the letters in metres.
static func floating(text: String, height: float, color: Color) -> Label3D:
	var made := flat(text, height, color)
	made.billboard = BaseMaterial3D.BILLBOARD_ENABLED
	return made


static func flat(text: String, height: float, color: Color) -> Label3D:
	var made := Label3D.new()
	made.text = text
	made.font_size = 64
	made.pixel_size = height / 64.0
	made.outline_size = 14
	made.modulate = color
	made.outline_modulate = Color(Palette.INK, 0.85)
	made.shaded = false
	made.double_sided = true
	made.texture_filter = BaseMaterial3D.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS
	made.alpha_cut = Label3D.ALPHA_CUT_DISABLED
	made.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	return made
