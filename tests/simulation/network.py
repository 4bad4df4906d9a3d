"""The wire between boxes and the hub, with everything that can go wrong on it."""

import asyncio
import contextlib
import gzip
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import TYPE_CHECKING

import httpx

from tests.helpers.wire import body_is_out
from tests.simulation.disk import Killed
from tests.simulation.seeded import SimTime

if TYPE_CHECKING:
    from tests.simulation.hub import SimHub

MOST_TURNS = 60
"""A request takes up to so many turns of the loop, and no time: others are begun meanwhile, and may overtake it."""
MOST_KEPT = 8
"""Requests of the past that may come again."""


class Network(httpx.AsyncBaseTransport):
    """One box's way to the hub.

    Args:
        name: the box's, for the trace.
        hub: whom it leads to.
        random: decides what goes wrong.
        time: of the world.
        note: writes the trace.
    """

    def __init__(self, name: str, hub: "SimHub", random: Random, time: SimTime) -> None:
        self.name = name
        self._hub = hub
        self._random = random
        self._time = time
        self.trouble = 0.0
        """How often something goes wrong, 0 to 1."""
        self.cut = False
        """Nothing passes at all."""
        self.refused: set[str] = set()
        """Ids of events that the hub answers 422 to, for the whole push."""
        self.most_events: int | None = None
        """Something before the hub answers 413 to a push with more events."""
        self.planned: deque[tuple[str, str]] = deque()
        """Faults for certain requests to come, each with the path of its request; in this order, before chance.

        An empty one lets the request through. A path with a question mark is the whole address of its request: `/push?`
        is a push that follows no other one.
        """
        self._pushes = 0
        """Under way."""
        self._past: list[tuple[str, str, httpx.Headers, bytes]] = []
        self._late: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """What is still on its way never arrives."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver, or not."""
        self._pushes += (is_push := request.url.path.endswith("/push"))
        try:
            return await self._carry(request)
        finally:
            self._pushes -= is_push

    async def _carry(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        await body_is_out(request)
        for _ in range(self._random.randrange(MOST_TURNS)):
            await asyncio.sleep(0)
        if self.cut:
            raise self._fails(request, "cut")
        fault = self._fault_of(request)
        if fault is None:
            return await self._deliver(request, content)
        self._hub.note(f"{self.name}: {request.method} {request.url.path}: {fault}")
        if fault in _INSTEAD:
            return _INSTEAD[fault]()
        if fault in REFUSALS:
            await self._until_two_are_under_way()
            return _refusal(*REFUSALS[fault])
        return await _FAULTS[fault](self, request, content)

    def _fault_of(self, request: httpx.Request) -> str | None:
        if self.planned:
            wanted = self.planned[0][0]
            found = f"{request.url.path}?{request.url.query.decode()}" if "?" in wanted else request.url.path
            if found.endswith(wanted):
                return self.planned.popleft()[1] or None
        if self._random.random() >= self.trouble:
            return None
        return self._random.choice(FAULTS)

    async def _until_two_are_under_way(self) -> None:
        for _ in range(MOST_TURNS):
            if self._pushes > 1:
                return
            await asyncio.sleep(0)

    async def _drop(self, request: httpx.Request, _: bytes) -> httpx.Response:
        raise self._fails(request, "dropped")

    async def _delay(self, request: httpx.Request, content: bytes) -> httpx.Response:
        await self._time.sleep(self._random.uniform(0.1, 20.0))
        return await self._deliver(request, content)

    async def _come_too_late(self, request: httpx.Request, content: bytes) -> httpx.Response:
        """The box gives up; the request arrives all the same, behind others that it sends later."""
        after = self._random.uniform(1.0, 200.0)
        task = asyncio.ensure_future(self._arrive(after, request, content))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        raise self._fails(request, "timed out")

    async def _arrive(self, after: float, request: httpx.Request, content: bytes) -> None:
        await self._time.sleep(after)
        self._hub.note(f"{self.name}: {request.method} {request.url.path} of {after:.0f} s ago arrives")
        with contextlib.suppress(httpx.TransportError):
            await self._deliver(request, content)

    async def _hang(self, request: httpx.Request, content: bytes) -> httpx.Response:
        """The hub does it, and its answer never comes; nobody says so."""
        await self._deliver(request, content)
        await self._time.sleep(request.extensions["timeout"]["read"])
        raise httpx.ReadTimeout("no answer", request=request)

    async def _lose_answer(self, request: httpx.Request, content: bytes) -> httpx.Response:
        await self._deliver(request, content)
        raise self._fails(request, "the answer is lost")

    async def _cut_request(self, request: httpx.Request, content: bytes) -> httpx.Response:
        if content:
            await self._deliver(request, content[: self._random.randrange(len(content))])
        raise self._fails(request, "the request was cut")

    async def _cut_answer(self, request: httpx.Request, content: bytes) -> httpx.Response:
        response = await self._deliver(request, content)
        whole = response.content
        return httpx.Response(response.status_code, content=whole[: self._random.randrange(len(whole) + 1)])

    async def _double(self, request: httpx.Request, content: bytes) -> httpx.Response:
        await self._deliver(request, content)
        return await self._deliver(request, content)

    async def _repeat_old(self, request: httpx.Request, content: bytes) -> httpx.Response:
        response = await self._deliver(request, content)
        method, url, headers, old = self._random.choice(self._past)
        await self._deliver(httpx.Request(method, url, headers=headers, content=old), old)
        return response

    async def _deliver(self, request: httpx.Request, content: bytes) -> httpx.Response:
        headers = httpx.Headers(request.headers)
        headers["content-length"] = str(len(content))
        headers["accept-encoding"] = "identity"
        self._past = [*self._past[1 - MOST_KEPT :], (request.method, str(request.url), headers, content)]
        if self._is_refused(content, headers):
            return _refusal(422, "shape")
        if self.most_events is not None and plain_of(content, headers).count(b'"raw":') > self.most_events:
            self._hub.note(f"{self.name}: a push is too large")
            return _refusal(413, "too_many")
        sent = httpx.Request(request.method, request.url, headers=headers, content=content)
        try:
            response = await self._hub.answer(sent)
        except Killed:
            raise self._fails(request, "the hub was killed") from None
        if response.status_code == 425:
            self._hub.note(f"{self.name}: a push comes before the one in front of it")
        if self.cut:
            raise self._fails(request, "cut while the hub was at it")
        return response

    def _is_refused(self, content: bytes, headers: httpx.Headers) -> bool:
        if not self.refused or not content:
            return False
        plain = plain_of(content, headers)
        return any(as_told(event) in plain for event in self.refused)

    @staticmethod
    def _fails(request: httpx.Request, why: str) -> httpx.TransportError:
        return httpx.ReadError(why, request=request)


def plain_of(content: bytes, headers: httpx.Headers) -> bytes:
    """A request's body, inflated; nothing of one that was cut on the way."""
    try:
        return gzip.decompress(content) if headers.get("content-encoding") == "gzip" else content
    except (EOFError, zlib.error):
        return b""


def as_told(event: str) -> bytes:
    """How an event's id stands in a push that has its bytes; its place alone is told otherwise."""
    return rb"\"id\":\"" + event.encode()


def _refusal(status: int, word: str) -> httpx.Response:
    return httpx.Response(status, json={"error": word, "message": "not like this"})


_FAULTS: Mapping[str, Callable[[Network, httpx.Request, bytes], Awaitable[httpx.Response]]] = {
    "drop": Network._drop,
    "delay": Network._delay,
    "reordered": Network._come_too_late,
    "hangs": Network._hang,
    "answer lost": Network._lose_answer,
    "request cut": Network._cut_request,
    "answer cut": Network._cut_answer,
    "duplicate": Network._double,
    "late duplicate": Network._repeat_old,
}
_INSTEAD: Mapping[str, Callable[[], httpx.Response]] = {
    "log-in page": lambda: httpx.Response(200, html="<h1>Free Wi-Fi</h1>"),
    "500": lambda: httpx.Response(500),
    "503": lambda: httpx.Response(503),
    "429": lambda: httpx.Response(429),
}
"""Answers of somebody who is not the hub."""
FAULTS = (*_FAULTS, *_INSTEAD)
"""All that chance chooses from, by name."""
REFUSALS: Mapping[str, tuple[int, str]] = {
    "401": (401, "unknown_key"),
    "403": (403, "forbidden"),
    "413": (413, "too_large"),
    "426": (426, "protocol"),
}
"""What stops a station, said to one request alone; for plans, because chance would say it and the next would pass."""
