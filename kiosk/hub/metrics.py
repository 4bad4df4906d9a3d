"""What the hub counts, for Prometheus: how it is asked and what became of it. Never anything about a person.

Label values are few by construction: the hub's own paths ("other" for all else), HTTP statuses, the words of the
protocol, area names and states. With several processes each counts into files of `PROMETHEUS_MULTIPROC_DIR` (the
library's own way), and whichever is scraped tells the sum.
"""

import os
import struct
import time
from collections import Counter as Tally
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk import __version__
from kiosk.hub.workers import SHARED_COUNTS

if TYPE_CHECKING:
    from kiosk.sync.wire import PullAnswer, PushAnswer

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
REFUSED: Final = "hub.refused"
"""Where a refusal's word stands in the ASGI scope, for the count."""
WAITED: Final = "hub.waited"
"""Where it stands how long a request waited for news, s: that is no work of the hub's."""
OTHER: Final = "other"
"""For every path that is not the hub's: whoever asks does not get to make new label values."""
READ_AGAIN_S: Final = (0.02, 0.05, 0.1, 0.2, 0.4)
"""A process that starts has files without a head for a moment, and the library cannot read those."""
SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Upper bounds of durations; the goal for one event from a station's push to another's pull is 15 ms."""


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry: Final = CollectorRegistry()
        self._seconds = Histogram(
            "kiosk_hub_request_seconds",
            "From a request's head to the end of its answer, the time its body took among it, without waits for news.",
            ("path", "status"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._bytes = self._counter("body_bytes", "Bodies as they went over the wire.", "direction")
        self._refused = self._counter("refused", "Requests refused, by the protocol's word.", "word")
        self._events = self._counter("events", "Pushed events, by what became of them.", "outcome")
        self._pulled = self._counter("pulled_events", "Events handed out.")
        self._database = self._counter("database_errors", "Requests that the database did not answer.")
        self._connections = self._gauge("connections", "Connections that are open.", "livesum")
        self._closed = self._counter("connections_closed", "Connections ended by the hub, by reason.", "reason")
        self._counter("process_starts", "Processes begun, replacements of dead ones among them.").inc()
        self._gauge("process_start_time_seconds", "When the oldest process began, Unix time.", "livemin").set(
            time.time()
        )
        self._gauge("processes", "Processes that serve.", "livesum", "version").labels(__version__).set(1)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"kiosk_hub_{name}", told, labels, registry=self._registry)

    def _gauge(self, name: str, told: str, over_processes: Literal["livesum", "livemin"], *labels: str) -> Gauge:
        return Gauge(f"kiosk_hub_{name}", told, labels, multiprocess_mode=over_processes, registry=self._registry)

    def asked(self, path: str, status: int, seconds: float, *, received: int, sent: int, word: str | None) -> None:
        """A request was answered.

        Args:
            path: one of the hub's, or `OTHER`.
            status: HTTP.
            seconds: it took.
            received: bytes of its body.
            sent: bytes of the answer's.
            word: of a refusal.
        """
        self._seconds.labels(path, str(status)).observe(seconds)
        self._bytes.labels("in").inc(received)
        self._bytes.labels("out").inc(sent)
        if word is not None:
            self._refused.labels(word).inc()
        if word == "database":
            self._database.inc()

    def pushed(self, answer: "PushAnswer") -> None:
        """A batch was taken in."""
        for outcome, count in Tally(one.outcome for one in answer.outcomes).items():
            self._events.labels(outcome.value).inc(count)

    def pulled(self, answer: "PullAnswer") -> None:
        """A page was handed out."""
        self._pulled.inc(len(answer.events))

    def opened(self) -> None:
        """Somebody connected."""
        self._connections.inc()

    def ended(self) -> None:
        """A connection ended."""
        self._connections.dec()

    def closed(self, reason: str) -> None:
        """The hub ended a connection.

        Args:
            reason: a word of `kiosk.hub.guard`.
        """
        self._closed.labels(reason).inc()

    def page(self, state: Collector) -> bytes:
        """Everything as Prometheus reads it.

        Args:
            state: reads the database.
        """
        registry = CollectorRegistry()
        if SHARED_COUNTS in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no annotation for it
        else:
            registry.register(_Within(self._registry))
        registry.register(state)
        for pause_s in READ_AGAIN_S:
            try:
                return generate_latest(registry)
            except (struct.error, ValueError, RuntimeError, FileNotFoundError):
                time.sleep(pause_s)
        return generate_latest(registry)


def forget_process(process: int) -> None:
    """A process has ended: what it counted stays, its connections do not."""
    mark_process_dead(process)  # type: ignore[no-untyped-call]  # the library has no annotation for it
    for file in Path(os.environ[SHARED_COUNTS]).glob(f"*_{process}.db"):
        if not file.stat().st_size:
            file.unlink()  # it died while it made it, and the library cannot read it


class _Within(Collector):
    """A registry as a part of another one."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        """What is in it."""
        return self._registry.collect()


class Measured:
    """Counts the requests of an ASGI application.

    Args:
        app: answers them.
        metrics: count.
        paths: that are the hub's own.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: frozenset[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, received, sent = 500, 0, 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            nonlocal status, sent
            status = message.get("status", status)
            sent += len(message.get("body", b""))
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, counted_receive, counted_send)
        finally:
            path = scope["path"] if scope["path"] in self._paths else OTHER
            took = time.perf_counter() - began - scope.get(WAITED, 0.0)
            self._metrics.asked(path, status, took, received=received, sent=sent, word=scope.get(REFUSED))
