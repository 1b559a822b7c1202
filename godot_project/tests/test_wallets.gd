extends "res://tests/suite.gd"
## The card of own wallets: what it shows for each word of the host, and which pages it opens.

const Args := preload("res://scripts/args.gd")
const Card := preload("res://scripts/ui/wallet_card.gd")
const Session := preload("res://scripts/net/session.gd")
const Wallets := preload("res://scripts/ui/wallets.gd")


func test_only_pages_of_the_web_are_opened() -> void:
	for page: String in ["https://mall.example/wallet/pay", "http://127.0.0.1:7778/wallet/sign-in"]:
		check(Card.is_web(page), page)
	for page: String in [
		"file:///etc/passwd", "", "javascript:alert(1)", "steam://run/1", "httpx://a"
	]:
		check(not Card.is_web(page), page)


func test_the_card_follows_the_sign_in() -> void:
	var session := _session()
	var wallets := Wallets.new()
	wallets.start(session)
	session.choice_wanted.emit("")
	same(_buttons(wallets), ["play_as_guest", "use_wallet"], "choice")
	session.sign_in_given.emit(
		{"state": "code", "show": "WDJB-MJHT", "url": "http://a/", "seconds": 300}
	)
	same(_buttons(wallets), ["open_page", "copy_address", "cancel"], "code")
	session.sign_in_given.emit({"state": "code", "show": "WDJB-MJHT", "url": "file:///a"})
	same(_buttons(wallets), ["cancel"], "a page that is none")
	session.sign_in_given.emit({"state": "confirm", "wallet": "0x1234"})
	same(_buttons(wallets), ["not_mine", "yes_mine"], "no stands first, so that no slip says yes")
	session.sign_in_given.emit({"state": "over", "message": "too late"})
	same(_buttons(wallets), ["play_as_guest", "use_wallet"], "choice again")
	session.sign_in_given.emit({"state": 7})
	session.sign_in_given.emit({})
	wallets.free()
	session.free()


func test_a_payment_stays_on_the_card_until_it_is_paid() -> void:
	var session := _session()
	var wallets := Wallets.new()
	wallets.start(session)
	var asked := {"id": 4, "state": "asked", "text": "2.5 LIVE", "purpose": "A hat"}
	asked.merge({"show": "WDJB-MJHT", "url": "http://a/"})
	session.pay_given.emit(asked)
	same(_buttons(wallets), ["open_page", "copy_address", "later"], "asked")
	session.pay_given.emit({"id": 5, "state": "over", "text": "1 LIVE"})
	check(wallets.is_open(), "another one's end changes nothing")
	wallets.free()
	session.free()


func test_tools_are_not_asked_how_to_come_in() -> void:
	for words: Array in [["--autopilot"], ["--name", "Ada"], ["--shot", "a.png"]]:
		var args := Args.new()
		args.read(PackedStringArray(words))
		check(not args.asks(), str(words))
	check(Args.new().asks(), "a person is")


## A session that was never started; its connection is freed with it.
func _session() -> Session:
	var session := Session.new()
	session.add_child(session.get("_connection") as Node)
	return session


func _buttons(wallets: Wallets) -> Array[String]:
	var found: Array[String] = []
	for button in wallets.find_children("*", "Button", true, false):
		found.append((button as Button).text)
	return found
