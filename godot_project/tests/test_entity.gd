extends "res://tests/suite.gd"
## Things on their way, their letters, the buttons of a game, and its sky.

const ActionsBar := preload("res://scripts/ui/actions_bar.gd")
const Entity := preload("res://scripts/world/entity.gd")
const Palette := preload("res://scripts/world/palette.gd")
const SkyDome := preload("res://scripts/world/sky.gd")


func test_a_thing_goes_its_way_and_stays_there() -> void:
	var lift := Entity.new()
	lift.take({"at": [1.0, 0.0, 1.0], "way": {"to": [1.0, 4.0, 1.0], "seconds": 4.0}})
	same(lift.position, Vector3(1, 0, 1), "where it starts")
	lift.advance(1.0, Vector3.ZERO)
	same(lift.position, Vector3(1, 1, 1), "a quarter of the way")
	lift.advance(9.0, Vector3.ZERO)
	same(lift.position, Vector3(1, 4, 1), "at its end")
	lift.take({"way": {}})
	same(lift.position, Vector3(1, 0, 1), "without a way")
	lift.free()


func test_a_thing_that_goes_there_and_back_is_met_underway() -> void:
	var boat := Entity.new()
	var way := {"to": [4.0, 0.0, 0.0], "seconds": 4.0, "loop": true, "age": 5.0}
	boat.take({"at": [0.0, 0.0, 0.0], "way": way})
	same(boat.position, Vector3(3, 0, 0), "on its way back")
	boat.advance(3.0, Vector3.ZERO)
	same(boat.position, Vector3.ZERO, "back again")
	boat.free()


func test_letters_have_a_height_and_a_color() -> void:
	var one := Entity.new()
	one.take({"label": "Hi", "label_height": 3.0, "label_color": "#ff0000"})
	var letters := one.get_child(1) as Label3D
	same([letters.position.y, letters.modulate], [3.0, Color.RED], "as given")
	one.take({"label_height": -1.0, "label_color": ""})
	same(letters.modulate, Palette.CREAM, "the usual color")
	check(letters.position.y < 2.0, "above the model")
	one.free()


func test_the_buttons_of_a_game() -> void:
	var bar := ActionsBar.new()
	var heard: Array[String] = []
	bar.pressed.connect(func(action: String) -> void: heard.append(action))
	bar.take([{"name": "throw", "label": "Throw"}, 5, {"label": "?"}, {"name": "b"}])
	same(bar.count(), 2, "what has a name")
	same((bar.get_child(0) as Button).text, "1  Throw", "key and words")
	(bar.get_child(1) as Button).pressed.emit()
	same(bar.press(0), true, "a key")
	same(bar.press(2), false, "a key without an action")
	same(heard, ["b", "throw"] as Array[String], "what was pressed")
	bar.take([])
	same(bar.count() + bar.get_child_count(), 0, "taken away")
	bar.free()


func test_the_sky_of_a_game_and_of_the_city() -> void:
	var sky := SkyDome.new()
	sky.set_clock(43200.0, 1.0)
	sky.take({})
	var noon := sky.light.night
	sky.take({"time": 0.0, "tint": "#ff0000", "fog": 1.0})
	same([sky.light.night > noon, sky.light.top.g], [true, 0.0], "a red midnight")
	near(sky.environment.fog_density, SkyDome.THICK_FOG, 0.001, "fog")
	sky.take({})
	same([sky.light.night, sky.light.top.g > 0.0], [noon, true], "the city's again")
	near(sky.environment.fog_density, SkyDome.CITY_FOG, 0.0001, "the city's fog")
	sky.free()
