extends Node
## The one WebSocket to the host: opens it, keeps it, and opens it again with growing pauses.

signal opened
signal closed(code: int, reason: String)
signal waiting(seconds: float)
signal text_received(text: String)
signal frame_received(frame: PackedByteArray)

const BUFFER_BYTES := 1 << 20
const PAUSES: Array[float] = [0.5, 1.0, 2.0, 4.0, 5.0]
## A host that does not answer the handshake within these seconds counts as gone.
const HANDSHAKE_S := 8.0

var address := ""

var _socket: WebSocketPeer = null
var _is_open := false
var _wanted := false
var _attempt := 0
var _pause := 0.0
var _age := 0.0


func start(to: String) -> void:
	address = to
	_wanted = true
	_attempt = 0
	_open()


## Closes for good: no further attempts.
func stop() -> void:
	_wanted = false
	if _socket != null:
		_socket.close(1000)


## Closes now and tries again after the next pause.
func drop() -> void:
	if _socket != null:
		_socket.close(1000)
		_lost(1000, "")


func is_open() -> bool:
	return _is_open and _socket.get_ready_state() == WebSocketPeer.STATE_OPEN


## The pauses start from the shortest again: call when the host has accepted us.
func settle() -> void:
	_attempt = 0


func send(message: Dictionary) -> void:
	if is_open():
		_socket.send_text(JSON.stringify(message))


func send_frame(frame: PackedByteArray) -> void:
	if is_open():
		_socket.send(frame)


func _process(delta: float) -> void:
	if _socket == null:
		if _wanted:
			_pause -= delta
			if _pause <= 0.0:
				_open()
		return
	_age += delta
	_socket.poll()
	match _socket.get_ready_state():
		WebSocketPeer.STATE_OPEN:
			_read()
		WebSocketPeer.STATE_CLOSED:
			_read()
			_lost(_socket.get_close_code(), _socket.get_close_reason())
		WebSocketPeer.STATE_CONNECTING:
			if _age > HANDSHAKE_S:
				_lost(-1, "")


func _open() -> void:
	_socket = WebSocketPeer.new()
	_socket.inbound_buffer_size = BUFFER_BYTES
	_age = 0.0
	if _socket.connect_to_url(address) != OK:
		_lost(-1, "")


func _read() -> void:
	if not _is_open and _socket.get_ready_state() == WebSocketPeer.STATE_OPEN:
		_is_open = true
		opened.emit()
	while _socket != null and _socket.get_available_packet_count() > 0:
		var packet := _socket.get_packet()
		if _socket.was_string_packet():
			text_received.emit(packet.get_string_from_utf8())
		else:
			frame_received.emit(packet)


func _lost(code: int, reason: String) -> void:
	_socket = null
	_is_open = false
	closed.emit(code, reason)
	if _wanted:
		_pause = PAUSES[mini(_attempt, PAUSES.size() - 1)]
		_attempt += 1
		waiting.emit(_pause)
