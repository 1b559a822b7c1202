extends "res://tests/suite.gd"
## Panels of games: every kind of node, changes, and trees that are made to break things.

const GameUi := preload("res://scripts/ui/game_ui.gd")
const Parts := preload("res://scripts/ui/ui_parts.gd")
const UiTree := preload("res://scripts/ui/ui_tree.gd")

const KINDS: Array[String] = [
	"column",
	"row",
	"grid",
	"list",
	"text",
	"image",
	"model",
	"button",
	"input",
	"choice",
	"slider",
	"progress",
]


func test_a_panel_of_the_hud() -> void:
	var tree := UiTree.new()
	var row := {"kind": "row", "role": "hud", "place": "top"}
	row["children"] = [
		{"kind": "text", "text": "", "id": "streak", "label": "Streak"},
		{"kind": "progress", "value": 0.0, "id": "goal", "min": 0.0, "max": 10.0, "label": "Coins"},
	]
	var root := tree.build(row, 1.0)
	same(root is HBoxContainer, true, "a row")
	same(root.get_child_count(), 2, "parts")
	var words := root.get_child(0) as Label
	same(words.visible, false, "words without words take no room")
	same(words.accessibility_name, "Streak", "what a screen reader says")
	same(tree.update("streak", {"text": "Streak x3"}), true, "known id")
	same(words.text + str(words.visible), "Streak x3true", "words after the change")
	var bar := Parts.core(root.get_child(1) as Control) as ProgressBar
	tree.update("goal", {"value": 4.0})
	same(bar.value, 4.0, "value")
	same((bar.get_meta("figures") as Label).text, "4 / 10", "figures")
	same(tree.first(), null, "nothing for the keyboard")
	same(tree.update("nobody", {"text": "?"}), false, "unknown id")
	root.free()


func test_every_kind_is_drawn() -> void:
	for kind in KINDS:
		var tree := UiTree.new()
		var node := {"kind": kind, "id": "it", "label": "Label", "text": "coin", "value": 1.0}
		node["options"] = ["one", "two"]
		node["children"] = [{"kind": "text", "text": "inside"}]
		tree.build({"kind": "column", "children": [node]}, 1.0)
		same(tree.root.get_child_count(), 1, kind)
		same(tree.holds("it"), true, kind + " has its id")
		tree.root.free()


func test_a_button_answers_with_its_value() -> void:
	var heard: Array = []
	var tree := _listening({"kind": "button", "text": "Buy", "id": "buy", "value": 7.0}, heard)
	var button := tree.root as Button
	same(button.text, "Buy", "words")
	same(tree.first(), button, "the keyboard reaches it")
	button.pressed.emit()
	tree.update("buy", {"value": "seven", "text": "Take", "enabled": false})
	button.pressed.emit()
	same(heard, [["buy", 7.0], ["buy", "seven"]], "answers")
	same(button.text + str(button.disabled), "Taketrue", "after the change")
	tree.root.free()


func test_input_tells_once_for_each_text() -> void:
	var heard: Array = []
	var tree := _listening({"kind": "input", "text": "Your name", "id": "name"}, heard)
	var entry := Parts.core(tree.root) as LineEdit
	same(entry.placeholder_text, "Your name", "hint")
	entry.text = "Ada"
	entry.text_submitted.emit("Ada")
	entry.focus_exited.emit()
	same(heard, [["name", "Ada"]], "answers")
	tree.root.free()


func test_choice_by_words_and_by_number() -> void:
	var heard: Array = []
	var node := {"kind": "choice", "options": ["red", "green", "blue"], "value": "green", "id": "c"}
	var tree := _listening(node, heard)
	var list := Parts.core(tree.root) as OptionButton
	same(list.selected, 1, "chosen by words")
	tree.update("c", {"value": 3.0})
	same(list.selected, 2, "chosen by number")
	list.item_selected.emit(0)
	same(heard, [["c", "red"]], "answers")
	tree.root.free()


func test_slider_keeps_its_bounds() -> void:
	var tree := UiTree.new()
	var node := {"kind": "slider", "value": 25.0, "min": 10.0, "max": 20.0, "step": 5.0, "id": "s"}
	tree.build(node, 1.0)
	var slider := Parts.core(tree.root) as HSlider
	same(slider.value, 20.0, "not above")
	tree.update("s", {"value": -1.0})
	same(slider.value, 10.0, "not below")
	tree.update("s", {"value": 1.0e15})
	same(slider.value, 20.0, "huge")
	tree.root.free()


func test_hidden_and_coloured() -> void:
	var tree := UiTree.new()
	tree.build({"kind": "text", "text": "Hello", "id": "t", "size": 2.0}, 1.0)
	var words := tree.root as Label
	same(words.get_theme_font_size("font_size"), 34, "size")
	tree.update("t", {"hidden": true, "color": "#ff0000"})
	same(words.visible, false, "hidden")
	same(words.get_theme_color("font_color"), Color.RED, "colour")
	tree.update("t", {"text": "Still hidden"})
	same(words.visible, false, "words do not show what is hidden")
	tree.update("t", {"hidden": false})
	same(words.visible, true, "shown again")
	words.free()


func test_a_shape_that_nobody_knows_shows_its_label() -> void:
	var tree := UiTree.new()
	tree.build({"kind": "model", "text": "dragon", "label": "A dragon"}, 1.0)
	same((tree.root as Label).text, "A dragon", "label")
	tree.root.free()


func test_deep_and_huge_trees_are_cut() -> void:
	var deep := {"kind": "text", "text": "bottom", "id": "bottom"}
	for level in 40:
		deep = {"kind": "column", "children": [deep]}
	var tree := UiTree.new()
	tree.build(deep, 1.0)
	same(tree.holds("bottom"), false, "too deep")
	tree.root.free()
	var many: Array = []
	for index in 5000:
		many.append({"kind": "text", "text": "x"})
	tree = UiTree.new()
	tree.build({"kind": "row", "children": many}, 1.0)
	check(tree.root.get_child_count() < UiTree.NODES, "too many")
	tree.root.free()


func test_wrong_types_are_left_out() -> void:
	var bad: Array = [
		null, 3.0, "x", [], {}, [{}], {"kind": 7.0}, true, -1.0e300, {"children": "no"}, INF, NAN
	]
	for kind in KINDS:
		for value: Variant in bad:
			var node := {"kind": kind}
			for key: String in ["id", "label", "role", "place", "text", "value", "options"]:
				node[key] = value
			for key: String in ["children", "color", "size", "columns", "min", "max", "step"]:
				node[key] = value
			var tree := UiTree.new()
			tree.build({"kind": "list", "children": [node, value]}, 1.0)
			tree.update("x", {"text": value, "value": value, "color": value, "enabled": value})
			tree.update("x", {"label": value, "hidden": value})
			tree.root.free()
	check(true, "nothing raised")


func test_panels_come_and_go() -> void:
	var games := GameUi.new()
	games.take(_show(1, "rush", {"kind": "text", "text": "Hi", "role": "hud", "id": "words"}))
	same(games.is_open(), false, "words leave the keys to the walker")
	var page := {"kind": "column", "children": [{"kind": "button", "text": "Go", "id": "go"}]}
	games.take(_show(1, "page", page))
	same(games.is_open(), true, "a page takes them")
	games.take({"t": "ui_close", "placement": 2.0, "id": "page"})
	same(games.is_open(), true, "another game cannot close it")
	games.dismiss()
	same(games.is_open(), false, "the player can")
	games.take(_show(1, "page", page))
	same(games.is_open(), false, "and is left alone for a while")
	games.take(_show(2, "page", page))
	same(games.is_open(), true, "others may ask")
	games.leave_all_but(0)
	same(games.is_open(), false, "gone with the place")
	for index in 50:
		games.take(_show(3, str(index), {"kind": "text", "text": "Spam"}))
	check(games._panels.size() <= GameUi.PANELS, "not more than the limit")
	games.take({"t": "ui_show", "placement": "x", "id": [], "tree": 9})
	games.take({"t": "ui_update", "placement": NAN, "id": {}, "set": []})
	games.take({"t": "ui_close"})
	games.free()


func _show(placement: int, id: String, tree: Dictionary) -> Dictionary:
	return {"t": "ui_show", "placement": float(placement), "id": id, "tree": tree}


func _listening(node: Dictionary, heard: Array) -> UiTree:
	var tree := UiTree.new()
	tree.build(node, 1.0)
	tree.used.connect(func(id: String, value: Variant) -> void: heard.append([id, value]))
	return tree
