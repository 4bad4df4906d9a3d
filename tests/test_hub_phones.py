"""The office opens a sealed phone number: only with the hub's key, and never without a word of who asked and why."""

from pathlib import Path

import pytest

from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub.office import hub_keys
from kiosk.privacy import erasing
from models.hub import HubEvent
from models.journal import EventRow
from tests.helpers.hub import Hub, Syncing, enrolled_box
from tests.helpers.riders import PHONE, add_rider


@pytest.fixture
def hub(file_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub that the commands find, too."""
    monkeypatch.setenv("KIOSK_HUB_DATABASE", file_hub.url)
    return file_hub


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """Its station; the phones there are sealed to the hub's key."""
    return enrolled_box(tmp_path, hub)


def ask(rider: str, *more: str) -> int:
    return main(["hub", "rider", "phone", rider, "--area", "luxi", *more])


WHY = ("--by", "wang_lan", "--reason", "accident")


async def test_a_number_is_opened_and_who_asked_and_why_stands_in_the_journal_of_hub_and_stations(
    box: Box, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    with box.journal.store.use():
        rider = add_rider(box).rider.id
    async with Syncing(box, hub).running():
        pass
    assert ask(rider, *WHY) == 0
    assert capsys.readouterr().out == PHONE + "\n"
    assert main(["hub", "rider", "phones-opened", "--area", "luxi"]) == 0
    told = capsys.readouterr().out
    assert f"{rider}  by wang_lan  accident" in told
    with hub.store.reading():
        assert not [row for row in HubEvent.select() if PHONE.encode() in bytes(row.envelope)], (
            "the number is told only"
        )
    async with Syncing(box, hub).running():
        pass
    with box.journal.store.use():
        assert EventRow.select().where(EventRow.kind == "rider.phone_opened").count() == 1


async def test_without_a_reason_the_right_key_or_the_person_nothing_is_told_and_nothing_recorded(
    box: Box, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with box.journal.store.use():
        rider = add_rider(box).rider.id
    async with Syncing(box, hub).running():
        pass
    with pytest.raises(SystemExit):
        ask(rider, "--by", "wang_lan")
    assert ask(rider, "--by", "王兰", "--reason", "accident") == 2
    assert ask("00" * 8, *WHY) == 1
    before = tmp_path / "before.json"
    hub_keys.save(hub.store, before)
    hub_keys.change(hub.store, hub_keys.drawn())
    capsys.readouterr()
    assert ask(rider, *WHY) == 1
    assert "sealed to another key" in capsys.readouterr().err
    assert ask(rider, *WHY, "--keys", str(before)) == 0
    assert capsys.readouterr().out == PHONE + "\n"
    with box.journal.store.use():
        erasing.erase(box, rider, actor="cli")
    async with Syncing(box, hub).running():
        pass
    assert ask(rider, *WHY, "--keys", str(before)) == 1
    assert "the person was erased" in capsys.readouterr().err
    assert main(["hub", "rider", "phones-opened", "--area", "luxi"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
