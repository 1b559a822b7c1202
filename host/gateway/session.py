"""One client: hello -> signing in -> live -> closed, its rate limits and its back pressure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Protocol

from host.errors import MallError
from host.gateway import codec, schema
from host.gateway.limits import Bucket, Limits
from host.gateway.lobby import Hello, PlayerRef
from host.world.frames import MOVE, MOVE_STRUCT


class Link(Protocol):
    """The socket under a session."""

    def send_text(self, payload: bytes) -> None: ...
    def send_binary(self, payload: bytes) -> None: ...
    def ping(self) -> None: ...
    def buffered(self) -> int:
        """Bytes accepted and not yet given to the operating system."""
        ...

    def peer(self) -> str:
        """The network address of the other side; "" when it is gone."""
        ...

    def close(self, code: int, reason: str, within: float) -> None:
        """Send the close frame, wait for the peer's at most `within` seconds, then cut."""
        ...


class Owner(Protocol):
    """What a session needs of the gateway."""

    limits: Limits
    kinds: dict[str, dict[str, str]]

    def said_hello(self, session: Session, hello: Hello) -> None: ...
    def said(self, session: Session, kind: str, fields: codec.Fields) -> None: ...
    def moved(self, session: Session, frame: bytes) -> None: ...
    def fell_behind(self, session: Session) -> None: ...
    def caught_up(self, session: Session) -> None: ...
    def gone(self, session: Session) -> None: ...


class State(Enum):
    HELLO = "hello"
    SIGNING_IN = "signing in"
    LIVE = "live"
    CLOSED = "closed"


class Session:
    """State of one socket. Every byte that comes in is hostile until checked here.

    Args:
        now: host seconds, as everywhere here.
    """

    def __init__(self, owner: Owner, link: Link, now: float) -> None:
        limits = owner.limits
        self._owner = owner
        self._limits = limits
        self._link = link
        self._messages = Bucket(limits.messages_per_s, limits.message_burst, now)
        self._bytes = Bucket(limits.bytes_per_s, limits.byte_burst, now)
        self._errors = Bucket(limits.errors_per_s, limits.error_burst, now)
        self.state = State.HELLO
        self.player: PlayerRef | None = None
        self.opened_at = now
        self.heard_at = now
        self.pinged_at = now
        self.stalled_at: float | None = None
        self.listener: Callable[[codec.Fields], None] | None = None

    @property
    def peer(self) -> str:
        """The client's network address."""
        return self._link.peer()

    # what comes in

    def on_text(self, payload: bytes, now: float) -> None:
        """A whole text frame."""
        if not self._admit(len(payload), now):
            return
        if len(payload) > schema.MAX_TEXT_FRAME:
            self.close("wire.too_large", f"A text frame holds at most {schema.MAX_TEXT_FRAME} bytes.")
            return
        try:
            decoded = codec.decode(payload, self._owner.kinds)
            if decoded is not None:
                self._take(*decoded)
        except MallError as refusal:
            self.refuse(refusal, now)

    def on_binary(self, payload: bytes, now: float) -> None:
        """A whole binary frame. Moves before the player is live are dropped: the client may be ahead of us."""
        if not self._admit(len(payload), now) or not payload or payload[0] != MOVE:
            return
        if len(payload) != MOVE_STRUCT.size:
            self.refuse(
                MallError("wire.bad_frame", f"A MOVE has {MOVE_STRUCT.size} bytes.", size=len(payload)), now
            )
        elif self.state is State.LIVE:
            self._owner.moved(self, payload)

    def on_alive(self, now: float) -> None:
        """A pong or ping."""
        if self._admit(0, now):
            self.heard_at = now

    def on_fragment(self) -> None:
        """A message in several frames, which this wire does not have."""
        self.close("wire.bad_frame", "Each message is one frame; fragments are not taken.")

    def on_cut(self) -> None:
        """The socket is gone."""
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self._owner.gone(self)

    def on_full(self, now: float) -> None:
        """The client reads too slowly: snapshots stop, control messages go on."""
        if self.stalled_at is None:
            self.stalled_at = now
            self._owner.fell_behind(self)

    def on_drained(self) -> None:
        """The client has caught up: it gets everything around anew."""
        if self.stalled_at is not None:
            self.stalled_at = None
            self._owner.caught_up(self)

    # what goes out

    def send(self, payload: bytes) -> None:
        """A control message. Never dropped: a client that lets too many pile up is closed."""
        if self.state is State.CLOSED:
            return
        self._link.send_text(payload)
        if self.stalled_at is not None and self._link.buffered() > self._limits.control_buffer:
            self.close("wire.slow_reader", "Too many messages wait to be read.", retry=True)

    def tell(self, message: Mapping[str, Any]) -> None:
        """A control message (`t` names its kind) to a client that is signing in."""
        self.send(codec.encode(message))

    def send_snapshot(self, frame: bytes) -> None:
        """A snapshot, for a session that is not stalled."""
        self._link.send_binary(frame)

    def refuse(self, refusal: MallError, now: float) -> None:
        """Tell the client of its error; too many of the wire's own close it."""
        if refusal.code.startswith("wire.") and not self._errors.take(1, now):
            self.close("wire.bad_frame", "Too many frames that cannot be read.")
            return
        self.send(codec.encode({"t": "error", "code": refusal.code, "message": refusal.message}))

    def close(self, code: str, message: str, *, retry: bool = False) -> None:
        """Say `bye` with the code and close the socket with its number."""
        if self.state is State.CLOSED:
            return
        self._link.send_text(codec.encode({"t": "bye", "code": code, "message": message, "retry": retry}))
        self.state = State.CLOSED
        number = schema.CLOSE_CODES.get(code, schema.CLOSE_CODES["host.refused"])
        self._link.close(number, code, self._limits.goodbye_s)
        self._owner.gone(self)

    def sweep(self, now: float) -> None:
        """Once in a while: what took too long ends."""
        limits = self._limits
        if self.state is State.HELLO and now - self.opened_at > limits.hello_s:
            self.close("wire.no_hello", f"A client says hello within {limits.hello_s:g} s.", retry=True)
        elif self.stalled_at is not None and now - self.stalled_at > limits.slow_s:
            self.close("wire.slow_reader", f"Nothing was read for {limits.slow_s:g} s.", retry=True)
        elif now - self.heard_at > limits.silent_s:
            self.close("wire.silent", f"Nothing was heard for {limits.silent_s:g} s.", retry=True)
        elif now - max(self.heard_at, self.pinged_at) > limits.ping_s:
            self.pinged_at = now
            self._link.ping()

    def _admit(self, size: int, now: float) -> bool:
        """Count a frame against the limits."""
        if self.state is State.CLOSED:
            return False
        self.heard_at = now
        if self._messages.take(1, now) and self._bytes.take(size, now):
            return True
        self.close(
            "wire.flood",
            f"A client sends at most {self._limits.messages_per_s:g} frames and "
            f"{self._limits.bytes_per_s:g} bytes a second.",
        )
        return False

    def _take(self, kind: str, fields: codec.Fields) -> None:
        if kind == "hello":
            if self.state is not State.HELLO:
                raise MallError("wire.not_now", "Hello was said already.", kind=kind)
            if fields["v"] != schema.VERSION:
                self.close(
                    "wire.version",
                    f"This host speaks version {schema.VERSION}, the client {fields['v']}; update the older one.",
                )
                return
            self.state = State.SIGNING_IN
            self._owner.said_hello(
                self,
                Hello(
                    fields["v"],
                    fields["client"],
                    fields.get("token"),
                    fields.get("name"),
                    fields.get("locale"),
                    self,
                    bool(fields.get("wallet")),
                ),
            )
        elif self.state is State.SIGNING_IN and kind == "sign_in" and self.listener is not None:
            self.listener(fields)
        elif self.state is not State.LIVE:
            raise MallError("wire.not_now", f"`{kind}` comes after the welcome.", kind=kind)
        else:
            self._owner.said(self, kind, fields)
