"""What the gateway grants to each client. Defaults are for the public; tests and operators may pass others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and counts; rates are token buckets that refill continuously.

    Attributes:
        sessions: sockets at a time, signed in or not.
        signing_in: of these, those that wait for their sign-in.
        messages_per_s, message_burst: frames from one client, moves included.
        bytes_per_s, byte_burst: payload from one client.
        errors_per_s, error_burst: refused frames from one client before it is closed.
        snapshot_buffer: unsent bytes at which a client loses snapshots.
        control_buffer: unsent bytes at which a client is closed at once.
        socket_buffer: bytes that the operating system may hold for a client.
        slow_s: longest time that a client may go without snapshots.
        hello_s: time to say hello. sign_in_s: time that the lobby has to answer.
        wallet_s: time to sign in with a wallet. waiting_wallets: clients that do so at a time.
        ping_s: silence after which a client is pinged. silent_s: silence after which it is given up.
        goodbye_s: time to read our `bye` before the socket is cut.
    """

    sessions: int = 3000
    signing_in: int = 256
    messages_per_s: float = 60.0
    message_burst: float = 180.0
    bytes_per_s: float = 32 * 1024.0
    byte_burst: float = 128 * 1024.0
    errors_per_s: float = 0.5
    error_burst: float = 8.0
    snapshot_buffer: int = 64 * 1024
    control_buffer: int = 1024 * 1024
    socket_buffer: int = 128 * 1024
    slow_s: float = 5.0
    hello_s: float = 5.0
    sign_in_s: float = 10.0
    wallet_s: float = 600.0
    waiting_wallets: int = 512
    ping_s: float = 10.0
    silent_s: float = 25.0
    goodbye_s: float = 1.0


class Bucket:
    """A token bucket.

    Args:
        rate: tokens a second.
        burst: the most it holds, and what it starts with.
        now: seconds.
    """

    __slots__ = ("_burst", "_filled_at", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled_at = now

    def has(self, tokens: float, now: float) -> bool:
        """Whether that many are there."""
        filled = self._tokens + (now - self._filled_at) * self._rate
        self._filled_at = now
        self._tokens = min(filled, self._burst)
        return self._tokens >= tokens

    def take(self, tokens: float, now: float) -> bool:
        """Take that many if they are there."""
        if not self.has(tokens, now):
            return False
        self._tokens -= tokens
        return True
