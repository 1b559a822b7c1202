extends RefCounted
## What the player has chosen; kept in a file of the player's own.

signal changed

const STORE := "user://settings.cfg"
const SECTION := "player"
const LANGUAGES: Array[String] = ["en", "es", "zh"]
const TEXT_SIZES: Array[float] = [0.85, 1.0, 1.2, 1.45, 1.7]

var name := ""
var text_scale := 1.0
var sensitivity := 1.0
var invert_y := false
var volume := 0.7
## 0 low, 1 medium, 2 high; -1: as the machine can.
var quality := -1
var language := ""
var show_fps := false

var _path := STORE


func _init(path: String = STORE) -> void:
	_path = path


## Reads the file; what is missing or out of range keeps its default.
func read() -> void:
	var file := ConfigFile.new()
	if file.load(_path) != OK:
		return
	var kept: Variant = file.get_value(SECTION, "name", name)
	name = (kept as String).left(24) if kept is String else name
	kept = file.get_value(SECTION, "language", language)
	language = kept as String if kept is String and kept in LANGUAGES else language
	text_scale = _number(file, "text_scale", text_scale, 0.7, 2.0)
	sensitivity = _number(file, "sensitivity", sensitivity, 0.1, 4.0)
	volume = _number(file, "volume", volume, 0.0, 1.0)
	quality = int(_number(file, "quality", quality, -1, 2))
	invert_y = file.get_value(SECTION, "invert_y", invert_y) == true
	show_fps = file.get_value(SECTION, "show_fps", show_fps) == true


## Writes the file and tells everybody. Returns what the file system answered.
func keep() -> Error:
	var file := ConfigFile.new()
	for key: String in [
		"name", "language", "text_scale", "sensitivity", "volume", "quality", "invert_y", "show_fps"
	]:
		file.set_value(SECTION, key, get(key))
	var saved := file.save(_path)
	changed.emit()
	return saved


## The quality to draw with. A machine without a graphics card gets the low one.
func drawn_quality() -> int:
	if quality >= 0:
		return quality
	var adapter := RenderingServer.get_video_adapter_name().to_lower()
	var by_processor := adapter.contains("llvmpipe") or adapter.contains("software")
	return 0 if by_processor else 1


func spoken_language() -> String:
	if language in LANGUAGES:
		return language
	var system := OS.get_locale_language()
	return system if system in LANGUAGES else "en"


func _number(file: ConfigFile, key: String, default: float, low: float, high: float) -> float:
	var value: Variant = file.get_value(SECTION, key, default)
	if not (value is float or value is int) or not is_finite(value as float):
		return default
	return clampf(value as float, low, high)
