extends SceneTree
## Runs the client's own tests without a display:
## godot --headless --path godot_project --script res://tests/run_tests.gd

const Say := preload("res://scripts/say.gd")
const SUITES: Array[Script] = [
	preload("res://tests/test_codec.gd"),
	preload("res://tests/test_motion.gd"),
	preload("res://tests/test_track.gd"),
	preload("res://tests/test_settings.gd"),
	preload("res://tests/test_city.gd"),
	preload("res://tests/test_scripts.gd"),
	preload("res://tests/test_score.gd"),
	preload("res://tests/test_entity.gd"),
	preload("res://tests/test_ui_tree.gd"),
	preload("res://tests/test_wallets.gd"),
]


func _init() -> void:
	var passed := 0
	var failed := 0
	for script in SUITES:
		if not script.can_instantiate():
			failed += 1
			Say.event(
				"test_failed", {"file": script.resource_path.get_file(), "why": "broken script"}
			)
			continue
		var suite: Object = script.new()
		for method: Dictionary in script.get_script_method_list():
			var name: String = method["name"]
			if not name.begins_with("test_"):
				continue
			var problems: Array = suite.get("problems")
			problems.clear()
			suite.call(name)
			if problems.is_empty():
				passed += 1
			else:
				failed += 1
				var file := script.resource_path.get_file()
				Say.event("test_failed", {"file": file, "test": name, "why": "; ".join(problems)})
	Say.event("tests", {"passed": passed, "failed": failed})
	quit(1 if failed > 0 or passed == 0 else 0)
