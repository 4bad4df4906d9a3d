"""The office erases a person: asked first, once for all, and again only what came in since."""

from datetime import date
from pathlib import Path

import pytest

from kiosk import reading
from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub.office import merges
from kiosk.identity.pin import make_verifier
from kiosk.riders import cards, marks, people
from models.hub import HubEvent, HubRecord
from tests.helpers.hub import Hub, Syncing, enrolled_box
from tests.helpers.riders import add_rider


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled station."""
    return enrolled_box(tmp_path, hub)


@pytest.fixture
async def rider(box: Box, hub: Hub) -> str:
    """A rider with a PIN, of whom the hub knows."""
    with box.journal.store.use():
        rider = add_rider(box, "王小强").rider.id
        marks.set_pin(box, rider, make_verifier("2580"), actor="cli")
    async with Syncing(box, hub).running():
        pass
    return rider


def erase(hub: Hub, rider: str, *more: str) -> int:
    """`kiosk hub rider erase`."""
    return main(["hub", "--database", hub.url, "rider", "erase", rider, "--area", "luxi", *more])


def journal(hub: Hub) -> int:
    """How many events there are."""
    with hub.store.reading():
        return int(HubEvent.select().count())


def records(hub: Hub) -> int:
    """How many personal records there are."""
    with hub.store.reading():
        return int(HubRecord.select().count())


async def test_whom_an_id_means_is_said_before_anything_is_deleted(
    hub: Hub, rider: str, box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    with box.journal.store.use():
        other = add_rider(box, "李四", "13800001002").rider.id
    async with Syncing(box, hub).running():
        pass
    merges.merge(hub.store, "luxi", rider, other)
    before = journal(hub)
    assert erase(hub, other) == 2
    assert "of LX01 1 (王*强) = LX01 2 (李*) for good" in capsys.readouterr().err
    assert (journal(hub), records(hub)) == (before, 3)
    assert erase(hub, "00" * 8) == 1
    assert "no rider 0000000000000000" in capsys.readouterr().err


async def test_what_the_person_still_has_is_said_before_it_belongs_to_nobody(
    hub: Hub, rider: str, box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    with box.journal.store.use():
        (label,) = reading.add_title(box, "红岩", author="罗广斌", isbn="", shelf="A1", copies=1, actor="cli")
        visitor = people.view(box, rider)
        assert visitor is not None
        reading.borrow(box, visitor, label)
    async with Syncing(box, hub).running():
        pass
    assert erase(hub, rider) == 2
    assert "of LX01 1 (王*强), who still has open books on loan: 1, for good" in capsys.readouterr().err


def test_who_is_erased_twice_is_written_of_once(hub: Hub, rider: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert erase(hub, rider, "--yes") == 0
    assert capsys.readouterr().out.startswith(f"Erased here: {rider}. Stations erase it")
    assert records(hub) == 0
    with hub.store.reading():
        (told,) = HubEvent.select().where(HubEvent.kind == "person.erased")
    before = journal(hub)
    assert erase(hub, rider, "--yes") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{rider} was erased already, last at 20")
    assert said.endswith("; nothing has come in since.\n")
    assert journal(hub) == before
    assert told.subject == f"person:{rider}"


async def test_what_came_in_since_is_erased_and_nothing_else_is_written(
    hub: Hub, box: Box, rider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert erase(hub, rider, "--yes") == 0
    before = journal(hub)
    with box.journal.store.use():
        marks.set_pin(box, rider, make_verifier("1379"), actor="cli")
        cards.issue(box, rider, day=date(2026, 11, 24), actor="cli")
    async with Syncing(box, hub).running():
        pass
    capsys.readouterr()
    assert records(hub) == 1
    assert erase(hub, rider, "--yes") == 0
    assert "when this person was erased before" in capsys.readouterr().out
    assert records(hub) == 0
    assert journal(hub) == before + 2 + 2, "a PIN and a card; a card revoked and a person erased"
    assert erase(hub, rider, "--yes") == 0
    assert journal(hub) == before + 4


@pytest.mark.parametrize("turned", [False, True])
async def test_who_was_erased_is_merged_with_nobody(
    hub: Hub, rider: str, box: Box, capsys: pytest.CaptureFixture[str], turned: bool
) -> None:
    """Stations would serve neither of them, and what was left of the erased person would have a name again."""
    with box.journal.store.use():
        other = add_rider(box, "李四", "13800001002").rider.id
    async with Syncing(box, hub).running():
        pass
    erase(hub, rider, "--yes")
    before = journal(hub)
    capsys.readouterr()
    ids = (other, rider) if turned else (rider, other)
    assert main(["hub", "--database", hub.url, "rider", "merge", *ids, "--area", "luxi"]) == 1
    assert capsys.readouterr().err.startswith(f"The rider {rider} was erased: ")
    assert journal(hub) == before
