extends Control
## Own wallets in the client: how to come in, signing in by a code, and payments that are asked for.

## The player chose how to come in.
signal chosen(by_wallet: bool)
signal opened_changed(open: bool)

const Fields := preload("res://scripts/net/fields.gd")
const Session := preload("res://scripts/net/session.gd")
const Card := preload("res://scripts/ui/wallet_card.gd")

var _card: Card = Card.new()
var _session: Session = null
## The payment on the card; 0 while it shows something else.
var _payment := 0


func start(session: Session) -> void:
	_session = session
	session.sign_in_given.connect(_on_sign_in)
	session.pay_given.connect(_on_pay)
	session.choice_wanted.connect(choose)
	session.signed_in.connect(func(_welcome: Dictionary) -> void: close())


## Asks how to come in; `note` says why it is asked again.
func choose(note: String = "") -> void:
	_say("welcome_title", "welcome_words", note)
	_card.offer("play_as_guest", _choose.bind(false))
	_card.offer("use_wallet", _choose.bind(true))


func is_open() -> bool:
	return _card.visible


func close() -> void:
	if _card.visible:
		_card.close()
		_payment = 0
		opened_changed.emit(false)


func _choose(by_wallet: bool) -> void:
	close()
	chosen.emit(by_wallet)


func _on_sign_in(message: Dictionary) -> void:
	match Fields.text(message, "state"):
		"code":
			_say("use_wallet", "code_words")
			var seconds := clampi(Fields.whole(message, "seconds"), 0, 3600)
			_show_code(message, seconds)
			_card.offer("cancel", _answer.bind(false))
		"opened":
			_say("use_wallet", "opened_words")
			_card.offer("cancel", _answer.bind(false))
		"confirm":
			var wallet := Fields.text(message, "wallet").left(64)
			var moves := _session.is_signed_in() and _session.guest
			_say("is_yours", wallet, "goes_along" if moves else "say_no")
			_card.offer("not_mine", _answer.bind(false))
			_card.offer("yes_mine", _answer.bind(true))
		"done":
			close()
			_session.wallet = Fields.text(message, "wallet", _session.wallet).left(64)
			if _session.is_signed_in():
				_session.toast_given.emit(tr("wallet_done"), "good")
		"over":
			_on_over(Fields.text(message, "message").left(300))


## Before the welcome there is nothing behind the card: the choice comes back.
func _on_over(why: String) -> void:
	if _session.is_signed_in():
		close()
		_session.toast_given.emit(why, "bad")
	else:
		choose(why)


func _answer(yes: bool) -> void:
	_session.answer_wallet(yes)
	_say("use_wallet", "one_moment")


func _on_pay(message: Dictionary) -> void:
	var id := Fields.whole(message, "id")
	var text := Fields.text(message, "text").left(60)
	match Fields.text(message, "state"):
		"asked":
			_say(
				text if not text.is_empty() else "to_sign",
				Fields.text(message, "purpose").left(120)
			)
			_show_code(message)
			_card.offer("later", close)
			_payment = id
		"sent":
			if id == _payment:
				_say(text, "pay_sent")
				_card.offer("later", close)
				_payment = id
		"paid", "signed":
			_end_payment(id)
			var what := (
				tr("pay_paid").format({"amount": text}) if not text.is_empty() else tr("pay_signed")
			)
			_session.toast_given.emit(what, "good")
		_:
			_end_payment(id)


func _end_payment(id: int) -> void:
	if id == _payment:
		close()


func _show_code(message: Dictionary, seconds: int = 0) -> void:
	var code := Fields.text(message, "show").left(16)
	_card.show_code(code, Fields.text(message, "url").left(200), seconds)


func _say(title: String, words: String, note: String = "") -> void:
	var was := _card.visible
	_payment = 0
	_card.say(title, words, note)
	if not was:
		opened_changed.emit(true)


func _init() -> void:
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	add_child(_card)
