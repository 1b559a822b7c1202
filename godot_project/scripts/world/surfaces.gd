extends RefCounted
## Materials of the ground: vertex colours times a small tile that is made here. UV is in metres.

const Palette := preload("res://scripts/world/palette.gd")

const SIDE := 128

static var _made: Dictionary[String, StandardMaterial3D] = {}


static func grass() -> StandardMaterial3D:
	return _material("grass", 9.0, _noise.bind(0.05, 0.86, 1.0))


static func asphalt() -> StandardMaterial3D:
	return _material("asphalt", 5.0, _noise.bind(0.16, 0.92, 1.0))


static func paving() -> StandardMaterial3D:
	return _material("paving", 4.0, _slabs.bind(4, 8))


static func cobbles() -> StandardMaterial3D:
	return _material("cobbles", 3.0, _slabs.bind(6, 6))


static func _material(name: String, metres: float, tile: Callable) -> StandardMaterial3D:
	if not _made.has(name):
		var image := tile.call() as Image
		image.generate_mipmaps()
		var made := Palette.matt()
		made.albedo_texture = ImageTexture.create_from_image(image)
		made.uv1_scale = Vector3.ONE / metres
		_made[name] = made
	return _made[name]


static func _noise(frequency: float, dark: float, bright: float) -> Image:
	var noise := FastNoiseLite.new()
	noise.seed = 5
	noise.fractal_octaves = 3
	noise.frequency = frequency
	var from := noise.get_seamless_image(SIDE, SIDE)
	var image := Image.create(SIDE, SIDE, false, Image.FORMAT_RGB8)
	for y in SIDE:
		for x in SIDE:
			var value := lerpf(dark, bright, from.get_pixel(x, y).r)
			image.set_pixel(x, y, Color(value, value, value))
	return image


## Stone slabs in rows, every second row moved by half a slab; each slab has its own shade.
static func _slabs(across: int, rows: int) -> Image:
	var dice := RandomNumberGenerator.new()
	dice.seed = across * 31 + rows
	var shades := PackedFloat32Array()
	for slab in across * rows:
		shades.append(dice.randf_range(0.87, 1.0))
	var image := Image.create(SIDE, SIDE, false, Image.FORMAT_RGB8)
	for y in SIDE:
		var row := y * rows / SIDE
		for x in SIDE:
			var shifted := (x + (SIDE / across / 2 if row % 2 == 1 else 0)) % SIDE
			var slab := shifted * across / SIDE
			var value := shades[row * across + slab]
			var joint := shifted % (SIDE / across) < 1 or y % (SIDE / rows) < 1
			value = value * 0.78 if joint else value - dice.randf() * 0.02
			image.set_pixel(x, y, Color(value, value * 0.995, value * 0.985))
	return image
