extends Node
## Saves pictures of the window. Without a display there is nothing to save.

const Say := preload("res://scripts/say.gd")

const FRAMES := 2

## Called before and after a picture: pictures are drawn well even where play is drawn fast.
var prepare := Callable()
var restore := Callable()

var _busy := 0


## Waits until two frames are drawn, then saves a PNG.
func take(path: String) -> void:
	if DisplayServer.get_name() == "headless":
		return
	_busy += 1
	if _busy == 1 and prepare.is_valid():
		prepare.call()
	for frame in FRAMES:
		await RenderingServer.frame_post_draw
	var folder := path.get_base_dir()
	if not folder.is_empty():
		DirAccess.make_dir_recursive_absolute(folder)
	var saved := get_viewport().get_texture().get_image().save_png(path)
	_busy -= 1
	if _busy == 0 and restore.is_valid():
		restore.call()
	if saved == OK:
		Say.event("shot", {"file": path})
	else:
		var why := "%s: %s" % [path, error_string(saved)]
		Say.event("error", {"code": "client.shot_failed", "message": why})


## Returns when no picture is being taken.
func idle() -> void:
	while _busy > 0:
		await get_tree().process_frame
