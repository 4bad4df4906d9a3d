"""Connections of people who mean the hub ill, or whose network is bad: each has an end, and there are only so many.

uvicorn closes a kept connection that is idle, and `kiosk.hub.http` gives up bodies that come too slowly. All else that
could hold a connection for ever is ended here: a head that never ends, nothing at all, the rest of a body that was
refused already, an answer that nobody reads.
"""

import asyncio
import resource
from typing import Final

import h11
import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.hub.metrics import Metrics
from kiosk.hub.options import Limits
from kiosk.sync.wire import Failure

SPARE_FILES: Final = 128
"""File descriptors that are no connections: database, listener, logs."""


def allow_files(wanted: int) -> int:
    """Let this process open as many files as connections need; how many connections then fit.

    Args:
        wanted: connections.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - SPARE_FILES))


def guarded(limits: Limits, metrics: Metrics) -> type[H11Protocol]:
    """The protocol class for one server.

    Args:
        limits: of its connections.
        metrics: count them.
    """
    idle: dict[Guarded, None] = {}

    class Bound(Guarded):
        """Of this server."""

    Bound.limits, Bound.metrics, Bound.idle = limits, metrics, idle
    return Bound


class Guarded(H11Protocol):
    """A connection with an end."""

    limits: Limits
    metrics: Metrics
    idle: "dict[Guarded, None]"
    """Connections without a request under way, the one that has been so for longest first."""
    _due: asyncio.TimerHandle | None = None
    """Ends the connection unless a head, or a body's end, comes."""
    _unread: asyncio.TimerHandle | None = None
    _heard = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Somebody has connected."""
        super().connection_made(transport)
        self.metrics.opened()
        self.idle[self] = None
        self._expect()
        if len(self.connections) > self.limits.connections:
            next(iter(self.idle)).end("full")

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.idle.pop(self, None)
        self._cancel()
        self._read_on()
        self.metrics.ended()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self._heard = True
        super().data_received(data)
        self._look()
        if self.conn.their_state is h11.IDLE:
            self._expect()

    def on_response_complete(self) -> None:
        """An answer was sent; the rest of a body that it did not wait for is not read for ever."""
        super().on_response_complete()
        self._look()
        if self.conn.their_state is h11.SEND_BODY and self.cycle.response_complete:
            self._expect()

    def pause_writing(self) -> None:
        """The other side does not read as fast as it is answered."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.limits.read_within_s, self.end, "unread")

    def resume_writing(self) -> None:
        """It has read."""
        self._read_on()
        super().resume_writing()

    def _look(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.idle.setdefault(self)
            return
        self.idle.pop(self, None)
        if not (self.conn.their_state is h11.SEND_BODY and self.cycle.response_complete):
            self._cancel()

    def _expect(self) -> None:
        if self._due is None and not self.transport.is_closing():
            self._due = self.loop.call_later(self.limits.head_within_s, self._too_slow)

    def _too_slow(self) -> None:
        if self._heard and self.conn.our_state is h11.IDLE:
            self.transport.write(_TOO_SLOW)
        self.end("slow")

    def end(self, reason: str) -> None:
        """End the connection.

        Args:
            reason: "slow", "unread" or "full".
        """
        self.metrics.closed(reason)
        self.idle.pop(self, None)
        self._cancel()
        if reason == "slow":
            self.transport.close()
        else:
            self.transport.abort()

    def _cancel(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _read_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


def _answer(status: str, body: Failure) -> bytes:
    content = msgspec.json.encode(body)
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\nconnection: close"
    return head.encode("ascii") + b"\r\n\r\n" + content


_TOO_SLOW: Final = _answer("408 Request Timeout", Failure(error="slow", message="The request took too long to come."))
