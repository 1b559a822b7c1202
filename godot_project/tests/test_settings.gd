extends "res://tests/suite.gd"
## Choices that are kept, tokens, and the words of the command line.

const Args := preload("res://scripts/args.gd")
const Settings := preload("res://scripts/settings.gd")
const Texts := preload("res://scripts/texts.gd")
const Tokens := preload("res://scripts/net/tokens.gd")

const FILE := "user://test_settings.cfg"


func test_choices_come_back() -> void:
	var one := Settings.new(FILE)
	one.name = "Ada"
	one.text_scale = 1.45
	one.invert_y = true
	one.language = "zh"
	same(one.keep(), OK, "saved")
	var two := Settings.new(FILE)
	two.read()
	same([two.name, two.text_scale, two.invert_y, two.language], ["Ada", 1.45, true, "zh"], "read")
	DirAccess.remove_absolute(FILE)


func test_nonsense_in_the_file_keeps_the_defaults() -> void:
	var file := ConfigFile.new()
	for key: String in ["name", "language", "text_scale", "sensitivity", "volume", "quality"]:
		file.set_value("player", key, [1, 2])
	file.set_value("player", "volume", 77.0)
	file.save(FILE)
	var read := Settings.new(FILE)
	read.read()
	same([read.name, read.language, read.text_scale, read.quality], ["", "", 1.0, -1], "defaults")
	same(read.volume, 1.0, "clamped")
	DirAccess.remove_absolute(FILE)


func test_tokens_are_kept_for_each_host() -> void:
	var path := "user://test_token"
	var tokens := Tokens.new("ws://a/", path)
	same(tokens.read(), "", "none yet")
	same(tokens.write("secret"), OK, "written")
	same(Tokens.new("ws://b/", path).read(), "secret", "an own file serves the one host")
	DirAccess.remove_absolute(path)


func test_arguments_are_read_and_unknown_ones_named() -> void:
	var args := Args.new()
	args.read(["--server", "ws://h:1/", "--autopilot", "--quit-after", "7.5", "--dance", "--name"])
	same([args.server, args.autopilot, args.quit_after], ["ws://h:1/", true, 7.5], "read")
	same(args.problems.size(), 2, "problems")


func test_every_word_is_there_in_every_language() -> void:
	for key in Texts.WORDS:
		same(Texts.WORDS[key].size(), Texts.LANGUAGES.size(), key)
		for word: String in Texts.WORDS[key]:
			check(not word.is_empty(), key + " is empty")
