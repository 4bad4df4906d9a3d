"""A network so slow that a whole batch does not come through in the time that either side waits."""

from pathlib import Path

import httpx
import pytest

from kiosk.box import Box
from tests.helpers.hub import Fault, Hub, Syncing, enrolled_box, revoke_some_card

PUSH = "/v1/push"
CARRIES = 3000
"""Compressed bytes that come through in time: some thirty events."""
MOST_ROUNDS = 40


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box with more to tell than one request holds."""
    made = enrolled_box(tmp_path, hub)
    with made.journal.store.use(), made.journal.transaction():
        for _ in range(600):
            revoke_some_card(made)
    return made


def the_box_gives_up(request: httpx.Request) -> httpx.Response | None:
    """A fault for `Net`."""
    if request.url.path == PUSH and len(request.content) > CARRIES:
        raise httpx.ReadTimeout("", request=request)
    return None


def the_hub_gives_up(request: httpx.Request) -> httpx.Response | None:
    """A fault for `Net`."""
    if request.url.path == PUSH and len(request.content) > CARRIES:
        return httpx.Response(408, json={"error": "slow", "message": "The body took longer than 30 s."})
    return None


@pytest.mark.parametrize("fault", [the_box_gives_up, the_hub_gives_up])
async def test_over_a_slow_network_fewer_go_at_a_time_until_they_come_through(box: Box, hub: Hub, fault: Fault) -> None:
    station = Syncing(box, hub)
    station.net.before = fault
    async with station.running():
        for _ in range(MOST_ROUNDS):
            if not station.client.status().pending:
                break
            await station.round()
        assert station.client.status().pending == 0
        assert hub.events(box.origin) == station.own()
