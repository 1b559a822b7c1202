extends RefCounted
## What the command line asks for: the arguments after `--`.

const DEFAULT_SERVER := "ws://127.0.0.1:7350/"

var server := DEFAULT_SERVER
var name := ""
var token_file := ""
var shot := ""
var shots_dir := ""
var autopilot := false
var by_wallet := false
var place := 0
var quit_after := 0.0
var problems: Array[String] = []


## Whether somebody sits here who can choose how to come in.
func asks() -> bool:
	return not autopilot and name.is_empty() and shot.is_empty()


func read(words: PackedStringArray) -> void:
	var at := 0
	while at < words.size():
		at += _take(words, at)


## Reads the option at `at`; returns how many words it used.
func _take(words: PackedStringArray, at: int) -> int:
	if words[at] == "--autopilot":
		autopilot = true
		return 1
	if words[at] == "--wallet":
		by_wallet = true
		return 1
	if at + 1 >= words.size():
		problems.append("%s: unknown option, or its value is missing" % words[at])
		return 1
	var value := words[at + 1]
	match words[at]:
		"--server":
			server = value
		"--name":
			name = value
		"--token-file":
			token_file = value
		"--shot":
			shot = value
		"--shots":
			shots_dir = value
		"--place":
			place = value.to_int()
		"--quit-after":
			quit_after = value.to_float()
		_:
			problems.append("%s: unknown option" % words[at])
			return 1
	return 2
