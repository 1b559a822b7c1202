extends RefCounted
## Keeps the sign-in token of each host, so that a player comes back as the same one.

const STORE := "user://tokens.cfg"

var _path := STORE
var _section := ""


## With a `file`, that file alone holds the token of this host; else one file of ours holds all.
func _init(server: String, file: String = "") -> void:
	_section = server if file.is_empty() else "token"
	_path = STORE if file.is_empty() else file


func read() -> String:
	var store := ConfigFile.new()
	if store.load(_path) != OK:
		return ""
	var value: Variant = store.get_value(_section, "token", "")
	return value as String if value is String else ""


## Returns what the file system answered.
func write(token: String) -> Error:
	var store := ConfigFile.new()
	var known := store.load(_path)
	if known != OK and known != ERR_FILE_NOT_FOUND:
		store.clear()
	store.set_value(_section, "token", token)
	return store.save(_path)
