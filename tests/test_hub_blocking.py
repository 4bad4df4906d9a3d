"""The office blocks a person, not an enrolment; what is so already is written once."""

from pathlib import Path

import pytest

from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub.office import merges
from kiosk.hub.office.roll import roll
from kiosk.riders.people import Standing, look
from models.hub import HubBox, HubEvent
from tests.helpers.hub import Hub, Syncing, enrolled_box
from tests.helpers.riders import add_rider


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled station."""
    return enrolled_box(tmp_path, hub)


@pytest.fixture
async def ids(box: Box, hub: Hub) -> tuple[str, str]:
    """Two enrolments of one person."""
    with box.journal.store.use():
        found = (add_rider(box, "王小强", "13800001001").rider.id, add_rider(box, "王小墙", "13800001002").rider.id)
    async with Syncing(box, hub).running():
        pass
    merges.merge(hub.store, "luxi", *found)
    return found


def told(hub: Hub, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints."""
    capsys.readouterr()
    assert main(["hub", "--database", hub.url, *words, "--area", "luxi"]) == 0
    return capsys.readouterr().out


async def test_who_is_let_in_again_is_so_under_whichever_id_they_were_blocked(
    hub: Hub, box: Box, ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    root, alias = ids
    assert told(hub, capsys, "rider", "block", alias) == (
        f"Rider {alias} is blocked: LX01 1 (王*强) = LX01 2 (王*墙).\n"
    )
    assert told(hub, capsys, "rider", "unblock", root).startswith(f"Rider {root} is active: LX01 1 ")
    with hub.store.reading():
        assert not roll("luxi").is_blocked(alias)
    async with Syncing(box, hub).running():
        pass
    with box.journal.store.use():
        assert {look(box, one)[0] for one in ids} == {Standing.ACTIVE}


def test_who_is_blocked_already_is_not_blocked_again(
    hub: Hub, ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    root, alias = ids
    told(hub, capsys, "rider", "block", root)
    assert told(hub, capsys, "rider", "block", alias).startswith(f"Rider {alias} was blocked already: ")
    told(hub, capsys, "rider", "unblock", alias)
    assert told(hub, capsys, "rider", "unblock", root).startswith(f"Rider {root} was active already: ")
    with hub.store.reading():
        assert HubEvent.select().where(HubEvent.kind == "rider.status_set").count() == 2


def test_a_card_is_revoked_once(hub: Hub, ids: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert ids
    with hub.store.reading():
        rows = HubEvent.select().order_by(HubEvent.position)
        card = str(rows.where(HubEvent.kind == "card.issued").get().subject).removeprefix("card:")
        rider = str(rows.where(HubEvent.kind == "rider.enrolled").get().subject).removeprefix("rider:")
    assert f"{card}  {rider}  " in told(hub, capsys, "list", "rider", rider), "else nobody could name it"
    revoke = ("card", "revoke", card, "--reason")
    assert told(hub, capsys, *revoke, "lost") == f"Card {card} is revoked.\n"
    assert told(hub, capsys, *revoke, "stolen") == f"Card {card} was revoked already: lost.\n"
    with hub.store.reading():
        assert HubEvent.select().where(HubEvent.kind == "card.revoked").count() == 1
    assert told(hub, capsys, "list", "rider", rider).count("  lost\n") == 1


def test_the_key_of_a_stolen_box_is_found_in_a_list(
    hub: Hub, box: Box, ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ids
    key = box.keys.issuing.key_id
    assert main(["hub", "--database", hub.url, "station", "revoke", "LX01"]) == 0
    assert "call its key for cards back as well: `kiosk hub issuer list --area luxi`" in capsys.readouterr().err
    header, line = told(hub, capsys, "issuer", "list").splitlines()
    assert header.split() == ["key", "station", "state", "cards", "certified_at"]
    assert line.split()[:4] == [key, "LX01", "in_use", "2"]
    told(hub, capsys, "issuer", "revoke", key, "--reason", "stolen")
    assert told(hub, capsys, "issuer", "list").splitlines()[1].split()[:4] == [key, "LX01", "called_back", "2"]
    other = ["hub", "--database", hub.url, "issuer", "revoke", "00000000", "--area", "luxi", "--reason", "stolen"]
    assert main(other) == 1
    assert "`kiosk hub issuer list --area luxi` shows those that were." in capsys.readouterr().err


async def test_a_key_that_a_box_has_exchanged_is_an_earlier_one(
    hub: Hub, box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    first = box.keys.issuing.key_id
    with hub.store.transaction():
        HubBox.update(issuing_key_id="00000000").execute()
    assert told(hub, capsys, "issuer", "list").splitlines()[1].split()[:3] == [first, "LX01", "earlier"]
