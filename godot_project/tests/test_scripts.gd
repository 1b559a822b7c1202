extends "res://tests/suite.gd"
## Every script of the client compiles, also those that no other test needs.


func test_every_script_compiles() -> void:
	var seen := 0
	var folders: Array[String] = ["res://scripts"]
	while not folders.is_empty():
		var folder: String = folders.pop_back()
		for name in DirAccess.get_directories_at(folder):
			folders.append(folder.path_join(name))
		for name in DirAccess.get_files_at(folder):
			if name.ends_with(".gd"):
				seen += 1
				var script := load(folder.path_join(name)) as GDScript
				check(script != null and script.can_instantiate(), name)
	check(seen > 40, "scripts were found")
