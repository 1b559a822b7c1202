extends RefCounted
## The colours of the city (see ART.md) and the materials that carry them.

const STONE := Color("e9dcc3")
const STONE_DARK := Color("c9b698")
const PAVING := Color("e2d0b0")
const PAVING_DARK := Color("c2ab88")
const ASPHALT := Color("8f8780")
const MARKING := Color("f3e7cb")
const GRASS := Color("8fb45c")
const GRASS_DRY := Color("b9b768")
const GRASS_DEEP := Color("739f55")
const EARTH := Color("b58d63")
const LEAF := Color("79a652")
const LEAF_LIGHT := Color("a9c267")
const LEAF_DARK := Color("4c7c52")
const BLOSSOM := Color("eda7a0")
const BARK := Color("85604a")
const TERRACOTTA := Color("d67a52")
const GOLD := Color("f2b84b")
const CORAL := Color("e8674f")
const TEAL := Color("3fa99b")
const WATER := Color("4f9fb3")
const IRON := Color("4a4f58")
const WOOD := Color("a8743f")
const INK := Color("1b2230")
const CREAM := Color("fff4df")
const LAMP := Color("ffd48a")

static var _plain: StandardMaterial3D = null
static var _shining: StandardMaterial3D = null
static var _glow_texture: ImageTexture = null


## The material of nearly everything: vertex colours, matt, soft light.
static func plain() -> StandardMaterial3D:
	if _plain == null:
		_plain = matt()
	return _plain


## Things to catch: as bright in the shade and at night as in the sun.
static func shining() -> StandardMaterial3D:
	if _shining == null:
		_shining = matt()
		_shining.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	return _shining


static func matt() -> StandardMaterial3D:
	var made := StandardMaterial3D.new()
	made.vertex_color_use_as_albedo = true
	made.roughness = 1.0
	made.specular_mode = BaseMaterial3D.SPECULAR_DISABLED
	made.diffuse_mode = BaseMaterial3D.DIFFUSE_LAMBERT
	return made


## Light that is added to what is behind it; `color` above 1 glows more.
static func glow(color: Color, billboard: bool) -> StandardMaterial3D:
	var made := StandardMaterial3D.new()
	made.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	made.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	made.blend_mode = BaseMaterial3D.BLEND_MODE_ADD
	made.cull_mode = BaseMaterial3D.CULL_DISABLED
	made.albedo_color = color
	made.albedo_texture = glow_texture()
	made.disable_receive_shadows = true
	made.disable_fog = true
	made.vertex_color_use_as_albedo = true
	if billboard:
		made.billboard_mode = BaseMaterial3D.BILLBOARD_ENABLED
		made.billboard_keep_scale = true
	return made


## A soft round spot, white in the middle.
static func glow_texture() -> ImageTexture:
	if _glow_texture == null:
		var side := 64
		var image := Image.create(side, side, false, Image.FORMAT_RGBA8)
		for y in side:
			for x in side:
				var away := Vector2(x - 31.5, y - 31.5).length() / 32.0
				var light := pow(clampf(1.0 - away, 0.0, 1.0), 2.0)
				image.set_pixel(x, y, Color(1.0, 1.0, 1.0, light))
		_glow_texture = ImageTexture.create_from_image(image)
	return _glow_texture
