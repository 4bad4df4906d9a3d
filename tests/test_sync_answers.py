"""What a wrong answer of the hub does to a station: nothing that lasts, once right ones come again."""

import json
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Hub, Syncing, enrolled_box, revoke_some_card

LONG = "x" * 100_000
FAR = 2**62
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
