"""What a wrong answer of the hub does to a station: nothing that lasts, once right ones come again."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from kiosk.sync.link import ANSWER_WITHIN_S, MOST_ANSWERED
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Hub, Syncing, enrolled_box, revoke_some_card

LONG = "x" * 100_000
FAR = 2**62
PART = 64 * 1024
WRONG: tuple[tuple[str, str, object], ...] = (
    ("hello", "epoch", LONG),
    ("hello", "time", "9999-12-31T23:59:59.999+00:00"),
    ("hello", "time", "0001-01-01T00:00:00.000+14:00"),
    ("hello", "heads", [{"incarnation": "none", "seq": FAR, "digest": "none"}] * 3),
    ("hello", "rest", [{"incarnation": "none", "seq": FAR, "digest": "none"}]),
    ("hello", "rest_upto", "none"),
    ("hello", "pushes", -FAR),
    ("hello", "gap_since", "0001-01-01T00:00:00.000+10:00"),
    ("push", "outcomes", []),
    ("pull", "epoch", LONG),
    ("pull", "next", FAR),
    ("pull", "next", 2**63 - 1),
    ("pull", "next", 2**70),
    ("pull", "next", -1),
    ("pull", "digest", LONG),
    ("pull", "more", True),
    ("pull", "events", [{"raw": "{}", "digest": "", "signature": "", "mark": "none"}]),
)


class Told(VirtualClock):
    """Takes the hub's word, as the machine's clock does."""

    def tell(self, now: datetime) -> None:
        """It is `now`."""
        self.wall = now


def says(hub: Hub, path: str, field: str, value: object) -> None:
    """From now on one field of the hub's answers to one path is another."""
    answer = hub.transport.handle_async_request

    async def wrongly(request: httpx.Request) -> httpx.Response:
        response = await answer(request)
        if request.url.path != f"/v1/{path}" or response.status_code != 200:
            return response
        return httpx.Response(200, json={**json.loads(await response.aread()), field: value})

    hub.transport.handle_async_request = wrongly  # type: ignore[method-assign]


@pytest.mark.parametrize(("path", "field", "value"), WRONG, ids=[f"{p} {f} {str(v)[:30]}" for p, f, v in WRONG])
async def test_a_wrong_answer_ends_nothing_and_is_forgotten_with_the_next_right_one(
    path: str, field: str, value: object, hub: Hub, tmp_path: Path
) -> None:
    box = enrolled_box(tmp_path, hub, clock=Told(trusted=True))
    right = hub.transport.handle_async_request
    says(hub, path, field, value)
    async with Syncing(box, hub).running() as station:
        for _ in range(3):
            revoke_some_card(box)
            await station.round()
        hub.transport.handle_async_request = right  # type: ignore[method-assign]
        for _ in range(3):
            await station.round()
        view = station.client.status()
        assert (view.pending, view.problem) == (0, None)
        assert hub.events(box.origin) == station.own()


class Endless(httpx.AsyncByteStream):
    """An answer's body: zeros, until somebody has had enough or there are no more; then nothing."""

    def __init__(self, parts: int, nothing: Callable[[], None]) -> None:
        self.left = parts
        self.closed = False
        self._nothing = nothing

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The next part."""
        while self.left:
            self.left -= 1
            yield bytes(PART)
        self._nothing()
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        """Nobody reads it any more."""
        self.closed = True


@pytest.mark.parametrize(("parts", "read"), [(10**9, MOST_ANSWERED // PART + 1), (3, 3)], ids=["zeros", "nothing"])
async def test_an_answer_without_end_is_given_up_and_the_next_one_counts(
    parts: int, read: int, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[asyncio.Timeout] = []

    def timeout(seconds: float | None) -> asyncio.Timeout:
        wait = of_asyncio(seconds)
        if seconds == ANSWER_WITHIN_S:
            waits.append(wait)
        return wait

    of_asyncio = asyncio.timeout
    monkeypatch.setattr(asyncio, "timeout", timeout)
    body = Endless(parts, lambda: waits[-1].reschedule(asyncio.get_running_loop().time()))
    box = enrolled_box(tmp_path, hub)
    right = hub.transport.handle_async_request

    async def never_ends(request: httpx.Request) -> httpx.Response:
        return await right(request) if request.url.path != "/v1/push" else httpx.Response(200, stream=body)

    hub.transport.handle_async_request = never_ends  # type: ignore[method-assign]
    async with Syncing(box, hub).running() as station:
        assert station.client.status().problem == "no_answer"
        assert (body.closed, parts - body.left) == (True, read)
        hub.transport.handle_async_request = right  # type: ignore[method-assign]
        await station.round()
        assert (station.client.status().pending, station.client.status().problem) == (0, None)
