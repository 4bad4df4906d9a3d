"""What stations sent that is no event: the office tells what it has looked at from what is new. Nothing is deleted."""

from pathlib import Path

import pytest

from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub import streams
from kiosk.hub.gauges import DatabaseGauges
from kiosk.hub.office import moving
from models.hub import SCHEMA_VERSION, HubQuarantine, HubQuarantineSeen, HubState
from tests.helpers.hub import Caller, Hub, hub_box
from tests.helpers.sheets import rows_of

AREA = ("--area", "luxi")
EARLIER = "2026-11-20T01:00:00.000+00:00"
Said = tuple[int, str, str]


class Office:
    """`kiosk hub quarantined ...`."""

    def __init__(self, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
        self.hub = hub
        self._capsys = capsys

    def __call__(self, *words: str) -> Said:
        """Exit code, output and errors."""
        self._capsys.readouterr()
        status = main(["hub", "--database", self.hub.url, "quarantined", *words, *AREA])
        said = self._capsys.readouterr()
        return status, said.out, said.err

    def listed(self, *options: str) -> list[tuple[str, bool]]:
        """Ids in the list, and whether somebody has looked at each."""
        rows = rows_of(self("list", "--csv", *options)[1])
        return [(row["id"], row["seen_at"] != "") for row in rows]

    def gauges(self) -> tuple[float, float]:
        """How many there are, and how many are new, as Prometheus is told."""
        told = {family.name: family.samples for family in DatabaseGauges(self.hub.store).collect()}
        names = ("kiosk_hub_quarantined", "kiosk_hub_quarantined_new")
        all_of_them, new = (told[name][0].value for name in names)
        return all_of_them, new


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box of the hub."""
    return hub_box(tmp_path)


@pytest.fixture
async def office(hub: Hub, box: Box, capsys: pytest.CaptureFixture[str]) -> Office:
    """The office of a hub at which two things are put aside."""
    caller = Caller(hub, hub.add(box))
    for number in (1, 2):
        await caller.push(box.origin, [{"raw": "{" * number, "digest": "00" * 32}])
    with hub.store.transaction():
        HubQuarantine.update(received_at="2026-11-20T01:00:00.000+00:00").where(
            HubQuarantine.envelope == b"{"
        ).execute()
    return Office(hub, capsys)


def test_what_somebody_looked_at_is_kept_and_no_longer_new(office: Office) -> None:
    newer, older = (quarantined_id for quarantined_id, _ in office.listed())
    assert office.gauges() == (2, 2)
    assert f"`kiosk hub quarantined seen {older} --area luxi`" in office("show", older)[2]
    assert office("seen", older.upper()) == (0, "1 marked as looked at, which nobody had looked at before.\n", "")
    assert office.listed() == [(newer, False)]
    assert office.listed("--all") == [(newer, False), (older, True)]
    assert office.gauges() == (2, 1)
    status, shown, hint = office("show", older)
    assert (status, "{" in shown, hint) == (0, True, "")
    assert office("seen", older, newer, newer)[1].startswith("1 marked"), "each is counted once"
    assert office.listed() == []
    assert "--all" in office("list")[2], "the old ones are still there"
    assert office.gauges() == (2, 0)


def test_of_several_all_are_marked_or_none(office: Office) -> None:
    newer, older = (quarantined_id for quarantined_id, _ in office.listed())
    status, _, told = office("seen", newer, "0" * 12)
    assert (status, told) == (1, "Nothing 000000000000 is quarantined in the area luxi.\n")
    for wrong in ("%" * 12, older[:4], ""):
        assert office("seen", wrong)[0] == 1
    assert office.gauges() == (2, 2)


async def test_what_comes_again_after_it_was_taken_in_is_new_again(office: Office, hub: Hub, box: Box) -> None:
    newer, older = (quarantined_id for quarantined_id, _ in office.listed())
    office("seen", newer, older)
    with hub.store.transaction():
        HubQuarantine.update(received_at=streams.now()).where(HubQuarantine.envelope == b"{").execute()
    assert office.listed() == [(older, False)]
    office("seen", older)
    assert office.listed() == []
    with hub.store.reading():
        assert HubQuarantineSeen.select().count() == 2


def test_it_goes_along_when_the_area_moves(office: Office, hub: Hub, tmp_path: Path) -> None:
    (newer, _), (older, _) = office.listed()
    office("seen", older)
    file = tmp_path / "luxi.area"
    moving.close_area(hub.store, "luxi", "https://hub2.example")
    assert office("seen", newer)[0] == 1, "it would stand in no file"
    moving.export_area(hub.store, "luxi", file)
    moving.remove_area(hub.store, "luxi")
    with hub.store.reading():
        assert not HubQuarantineSeen.select().exists()
    moving.import_area(hub.store, file)
    assert office.listed("--all") == [(newer, False), (older, True)]


def test_a_database_of_before_gets_the_table_and_keeps_what_was_put_aside(office: Office, hub: Hub) -> None:
    with hub.store.transaction():
        HubState.update(schema=3).execute()
        hub.store.database.drop_tables([HubQuarantineSeen])
    hub.store.close()
    hub.open()
    with hub.store.reading():
        assert HubState.get().schema == SCHEMA_VERSION
    (newer, _), (older, _) = office.listed()
    assert office("seen", newer)[0] == 0
    assert office.listed() == [(older, False)]
