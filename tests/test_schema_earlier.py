"""Databases of earlier versions, in use when they were left, migrate: nothing is lost, all follows from the journal.

Each file of `tests/earlier` is what `iterdump` gave for a station's database that the program of that time had filled;
its name is the last migration that it has had. Every migration but the first is applied over at least one of
them. No program ever ended with 0005 to 0008.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import pytest

import kiosk.station  # noqa: F401 - loads every feature's tables, as a station does
from kiosk import audit, checkin, points, reading, volunteers
from kiosk.box import Box
from kiosk.commands import doctor as doctors
from kiosk.features import registry
from kiosk.folder import DataFolder
from kiosk.journal import records
from kiosk.journal.verify import verify
from kiosk.privacy import erasing
from kiosk.reading import reindex
from kiosk.riders import EnrolmentRecord, people
from kiosk.sync.told import HERE_FIRST, TAKEN
from kiosk.views import Returned, RiderView, Role
from models.base import Store
from models.journal import EventRow, OutboxRow
from models.riders import RiderRow
from models.schema import applied_migrations, known_migrations, upgrade
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock

EARLIER: Final = sorted(Path(__file__).with_name("earlier").glob("*.sql"))
NEXT_DAY: Final = datetime(2026, 11, 25, 5, tzinfo=UTC)
NAMES: Final = ["李建国", "王小强", "王小强"]


def rows_of(path: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counted = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
    return {name: count for name, count in counted.items() if name != "schema_migration"}


@pytest.fixture(params=EARLIER, ids=lambda path: path.stem)
def left(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The database of a station as an earlier version left it."""
    home = tmp_path / "LX01"
    home.mkdir()
    with closing(sqlite3.connect(home / "station.db")) as database:
        database.executescript(Path(request.param).read_text(encoding="utf-8"))
    return home / "station.db"


def test_an_earlier_database_in_use_is_migrated_whole_and_goes_on(left: Path, tmp_path: Path) -> None:
    before = rows_of(left)
    store = Store(left)
    had = applied_migrations(store)
    assert upgrade(store) == known_migrations()[len(had) :]
    store.close()
    after = rows_of(left)
    assert {name: after[name] for name in before} == before
    assert verify(left, registry()).problems == []

    box = make_box(tmp_path, VirtualClock(NEXT_DAY), on_disk=True)
    assert not EventRow.select().where(EventRow.state != "applied").exists()
    what_screens_show(box)
    what_the_station_does_next(box)
    assert verify(left, registry()).whole


def test_the_hub_is_told_what_the_earlier_program_had_not_told(left: Path) -> None:
    with closing(sqlite3.connect(left)) as database:
        arrivals = [arrival for (arrival,) in database.execute("SELECT arrival FROM event ORDER BY arrival")]
        acked, aside, *pending, received = arrivals
        database.execute("UPDATE event SET upstream = 'pending'")
        for arrival, state in ((acked, "acked"), (aside, "quarantined"), (received, "")):
            database.execute("UPDATE event SET upstream = ? WHERE arrival = ?", (state, arrival))
        database.commit()
    store = Store(left)
    upgrade(store)
    with store.use():
        assert {row.arrival: row.aside for row in OutboxRow.select()} == {aside: True, **dict.fromkeys(pending, False)}
        assert [row.arrival for row in EventRow.select().where(~HERE_FIRST)] == [received]
        assert [row.arrival for row in EventRow.select().where(TAKEN)] == [acked]
    store.close()


def what_screens_show(box: Box) -> None:
    """Everything is readable: what the earlier program showed, in the forms of this one."""
    written = [records.load(str(row.event), EnrolmentRecord) for row in RiderRow.select()]
    assert sorted(record.name for record in written if record is not None) == NAMES
    (keeper,) = volunteers.listing(box)
    assert (keeper.masked_name, keeper.role, keeper.here) == ("龙*长", Role.KEEPER, True)
    acts, _ = audit.acts(box, 0, 99)
    assert {("龙*长", "card.revoked"), ("cli", "rider.enrolled")} <= {(act.actor, act.kind) for act in acts}
    assert [day.riders for day in checkin.week(box)][-2:] == [2, 1]
    assert [title.title for title in reading.titles(box, 0, 9)[0]] == ["灯火里的县城", "红岩"]
    assert sorted(loan.label for loan in reading.loans(box, rider_of(box, 2).id)) == ["LX01-0001", "LX01-0003"]
    assert [loan.label for loan in reading.past_loans(box, rider_of(box, 1).id, 0, 9)[0]] == ["LX01-0001"]
    assert points.summary(box, rider_of(box, 1).id).entries


def what_the_station_does_next(box: Box) -> None:
    """It goes on with the rows that were there."""
    doctor = partial(doctors._catalogue_checks, box.settings, DataFolder.of(box.settings))
    old = [check.found for check in doctor()]
    assert len(old) == all(not one.keys for one in reindex.page(box, ""))
    titles = reindex.page(box, "")
    reindex.take(box, tuple(reindex.Keyed(one.id, (one.isbn or one.shelf.lower(),)) for one in titles), actor="cli")
    assert list(doctor()) == []
    assert [found.title for found in reading.search(box, "9787020002207", 0, 9)[0]] == ["灯火里的县城"]
    rider = rider_of(box, 2)
    assert reading.renew(box, rider, "LX01-0001").blocks == ()
    assert isinstance(reading.give_back(box, "LX01-0001"), Returned)
    erasing.erase(box, rider.id, actor="cli")
    assert people.view(box, rider.id) is None


def rider_of(box: Box, number: int) -> RiderView:
    """The rider with this number."""
    return people.by_number(box, number)
