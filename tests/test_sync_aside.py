"""What one side puts aside leaves no gap in the chain: nothing is sent again and again, and no restore is suspected."""

from pathlib import Path

import httpx
import pytest

from kiosk.box import Box
from models.hub import HubGap, HubQuarantine
from models.journal import EventRow
from tests.helpers.hub import Hub, Syncing, area_of, enrolled_box, no_answer, own_events, revoke_some_card
from tests.simulation.network import as_told, plain_of


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """Over a file, which can be copied and put back."""
    return file_hub


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box with three events to tell."""
    made = enrolled_box(tmp_path, hub)
    for _ in range(3):
        revoke_some_card(made)
    return made


async def greet_again(station: Syncing) -> list[str]:
    """A new hello; the paths that were asked."""
    station.net.before = no_answer
    await station.round()
    station.net.before = None
    station.net.paths.clear()
    await station.round()
    return station.net.paths


def damage(box: Box, event: str) -> None:
    with box.journal.store.use():
        EventRow.update(envelope=b"\xff\xfe" + event.encode()).where(EventRow.id == event).execute()


@pytest.mark.parametrize("place", [1, -1], ids=["in the middle", "the newest"])
async def test_what_the_disk_has_damaged_proves_no_restore_of_the_hub_and_is_told_once(
    box: Box, hub: Hub, place: int
) -> None:
    damage(box, own_events(box)[place])
    async with Syncing(box, hub).running() as station:
        epoch = area_of(hub).epoch
        assert "/v1/push" not in await greet_again(station)
        assert area_of(hub).epoch == epoch
        assert station.client.status().alarms == ()
        with hub.store.transaction():
            assert HubGap.select().count() == 0
            assert own_events(box)[place] in bytes(HubQuarantine.get().envelope).decode()


async def test_what_something_before_the_hub_does_not_let_in_is_no_gap_and_passes_once_it_is_let_in(
    box: Box, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_out = own_events(box)[1]

    def refuse(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(422) if as_told(kept_out) in plain_of(request.content, request.headers) else None

    station = Syncing(box, hub)
    station.net.before = refuse
    async with station.running():
        assert station.upstream().count("quarantined") == 1
        assert "/v1/push" not in await greet_again(station)
        monkeypatch.setattr("kiosk.hub.exchange.__version__", "9.9.9")
        await greet_again(station)
        assert set(hub.events(box.origin)) == set(own_events(box))
        assert hub.quarantined() == []
        assert set(station.upstream()) == {"acked"}


@pytest.mark.parametrize("by", ["disk", "gate"])
async def test_what_the_hub_has_already_is_not_put_aside_when_it_comes_again_and_cannot_be_read(
    box: Box, hub: Hub, by: str
) -> None:
    station = Syncing(box, hub)
    station.net.after = lambda request: no_answer(request) if request.url.path == "/v1/push" else None
    event = own_events(box)[1]
    async with station.running():
        assert event in hub.events(box.origin)
        station.net.after = None
        if by == "disk":
            damage(box, event)
        else:
            station.net.before = lambda request: (
                httpx.Response(422) if as_told(event) in plain_of(request.content, request.headers) else None
            )
        await station.round()
        assert set(station.upstream()) == {"acked"}
        assert hub.quarantined() == []
