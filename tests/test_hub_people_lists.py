"""What people see of an area at the hub: riders without erased names, sessions, stations, exceptions."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from kiosk import points
from kiosk.checkin import CheckinRecorded, CheckinUndone
from kiosk.hub.office import OfficeError
from kiosk.hub.office.moving import close_area, open_area
from kiosk.hub.people import overview, views
from kiosk.hub.people.check import check
from kiosk.hub.people.oddities import ExceptionKind
from kiosk.hub.people.overview import NoSuchExceptionError, ResolutionError
from kiosk.hub.people.rebuild import rebuild
from kiosk.hub.store import HubStore
from kiosk.journal import Incoming, PersonErased
from kiosk.journal.envelope import chain, decode, encode
from kiosk.reading.fold import CopyAdded, CopyBorrowed, CopyReturned
from kiosk.riders.kinds import RiderEnrolled, RiderMerged, RiderStatus, RiderStatusSet
from models.hub import HubEvent
from tests.helpers.hub import Hub, Syncing, closing_hubs, enrolled_box
from tests.helpers.people import AREA, DAY, awarded, deliver, ended, enrolled, level, open_hub, say, started, tables
from tests.helpers.riders import add_rider
from tests.helpers.stations import Stream

LI = "aa" * 8


def found(store: HubStore, *, open_only: bool = True) -> list[tuple[str, str, int]]:
    """Kind, subject and number of events of each exception."""
    level(store)
    lines = overview.exceptions(store, AREA, open_only=open_only)
    return sorted((line.kind, line.subject, line.count) for line in lines)


def damaged(item: Incoming, kind: str, body: bytes) -> Incoming:
    """An event of the same place with another kind and body."""
    event = msgspec.structs.replace(decode(item.raw), kind=kind, body=msgspec.Raw(body))
    raw = encode(event)
    return Incoming(raw, chain(bytes(32), raw))


async def test_erasing_a_person_leaves_no_name_anywhere_in_the_file(tmp_path: Path) -> None:
    with closing_hubs() as hubs:
        hubs.append(hub := Hub(tmp_path))
        box = enrolled_box(tmp_path, hub)
        with box.journal.store.use():
            rider = add_rider(box, "欧阳小丽").rider.id
            points.award(box, rider=rider, rule=points.Rule.CHECK_IN, day=DAY, actor="station")
        async with Syncing(box, hub).running():
            pass
        level(hub.store)
        (line,) = views.riders(hub.store, AREA)
        assert (line.rider, line.name, line.number, line.station) == (rider, "欧**丽", 1, "LX01")
        assert [each.name for each in views.riders(hub.store, AREA, names=True)] == ["欧阳小丽"]
        assert [each.name for each in views.balances(hub.store, AREA, DAY.year)] == ["欧**丽"]
        with hub.store.reading():
            (event,) = [row.id for row in HubEvent.select() if row.kind == "rider.enrolled"]
        say(hub.store, PersonErased(events=[event]), f"person:{rider}")
        level(hub.store)
        assert [each.name for each in views.riders(hub.store, AREA, names=True)] == [None]
        assert [each.name for each in views.balances(hub.store, AREA, DAY.year, names=True)] == [None]
        rebuild(hub.store, AREA)
        hub.store.close()
        with sqlite3.connect(hub.file) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert "欧阳".encode() not in hub.file.read_bytes()


async def test_the_stations_of_an_area_with_what_was_done_there_today(hub: Hub, tmp_path: Path) -> None:
    box = enrolled_box(tmp_path, hub)
    stations_day = date(2026, 11, 24)
    with box.journal.store.use():
        rider = add_rider(box).rider.id
        body = CopyBorrowed(rider=rider, day=stations_day, due=stations_day, station="LX01")
        box.journal.record(body, subject="copy:LX01-0001", actor="station")
        come, stranger = (
            CheckinRecorded(rider=rider, day=stations_day.isoformat(), card="c", verified=good, rule_version=1)
            for good in (True, False)
        )
        for visit in (come, stranger, stranger):
            made = box.journal.record(visit, subject=f"visit:{rider}/{stations_day.isoformat()}", actor="station")
        for undone in (CheckinUndone(checkin=made.id, verified=False), CheckinUndone(checkin="x")):
            box.journal.record(undone, subject=f"visit:{rider}/{stations_day.isoformat()}", actor="station")
    async with Syncing(box, hub).running():
        pass
    level(hub.store)
    (line,) = overview.stations(hub.store, AREA, stations_day)
    assert (line.code, line.state, line.software, line.loans, line.checkins) == ("LX01", "enrolled", "0.0.0", 1, 0)
    assert line.events == len(hub.events(box.origin))
    assert line.last_event_at is not None
    (other_day,) = overview.stations(hub.store, AREA)
    assert other_day.loans == 0


def test_sessions_are_listed_by_the_civil_day_of_their_start(store: HubStore) -> None:
    station = Stream("1" * 32)
    deliver(store, [ended(station, "e1", 700), started(station, "e1", LI), started(station, "e2", LI)])
    level(store)
    lines = {line.session: line for line in views.sessions(store, AREA, DAY)}
    assert (lines["e1"].wh, lines["e1"].reason, lines["e1"].powered_s) == (700, "full", 1800.0)
    assert (lines["e2"].ended_at, lines["e2"].reason, lines["e2"].station) == (None, None, "1" * 32)
    assert views.sessions(store, AREA, DAY - timedelta(days=1)) == []
    deliver(store, [ended(station, "e2", 20, "cut", lamport=99)])
    level(store)
    assert {line.reason for line in views.sessions(store, AREA, DAY)} == {"full", "cut"}


def test_a_riders_file_holds_what_is_known_of_the_person(store: HubStore) -> None:
    station = Stream("1" * 32)
    deliver(store, [enrolled(station, LI), awarded(station, LI), started(station, "e1", LI)])
    level(store)
    file = views.rider(store, AREA, LI)
    assert file is not None
    assert (file.rider.rider, [each.year for each in file.balances]) == (LI, [DAY.year])
    assert ([each.session for each in file.sessions], file.others) == (["e1"], ())
    assert views.rider(store, AREA, "ff" * 8) is None


def test_lists_come_in_pages(store: HubStore) -> None:
    station = Stream("1" * 32)
    deliver(store, [enrolled(station, f"{n:016x}", n) for n in range(7)])
    level(store)
    pages = [[line.number for line in views.riders(store, AREA, page=page, per_page=3)] for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert sorted(number for page in pages for number in page if number is not None) == list(range(7))


def test_what_a_person_should_look_at_is_found(store: HubStore) -> None:
    one, hub = Stream("1" * 32), Stream()
    deliver(
        store,
        [
            one.writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{LI}"),
            hub.writes(RiderEnrolled(number=1, vanguard=False, person_ref="x"), f"rider:{LI}"),
            damaged(enrolled(one, LI), "rider.enrolled", b'{"number":"one"}'),
            damaged(enrolled(one, LI), "rider.danced", b"{}"),
            damaged(enrolled(one, "bb" * 8), "rider.danced", b"{}"),
            started(one, "e1", LI),
            started(one, "e1", LI, lamport=70),
        ],
    )
    expected = [
        (ExceptionKind.REFUSED, "session:e1", 1),
        (ExceptionKind.UNKNOWN_KIND, "kind:rider.danced", 2),
        (ExceptionKind.UNREADABLE, f"rider:{LI}", 1),
        (ExceptionKind.WRONG_WRITER, f"rider:{LI}", 1),
        (ExceptionKind.WRONG_WRITER, f"rider:{LI}", 1),
    ]
    assert found(store) == expected
    deliver(store, [damaged(enrolled(one, LI), "rider.danced", b"{}")])
    assert found(store)[1] == (ExceptionKind.UNKNOWN_KIND, "kind:rider.danced", 3)
    assert views.riders(store, AREA) == []
    assert check(store, AREA).whole


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("rider.enrolled", b'{"number":123456789012345678901,"vanguard":false,"person_ref":""}'),
        ("rider.merged", b'{"into":"%s"}' % (b"a" * 9000)),
        ("session.ended", b'{"reason":"a\\u0000","wh":1,"powered_s":1}'),
    ],
)
def test_what_no_table_can_hold_is_told_and_blocks_nothing(store: HubStore, kind: str, body: bytes) -> None:
    station, hub = Stream("1" * 32), Stream()
    item = started(station, "e1", LI) if kind == "session.ended" else enrolled(station, LI)
    if kind == "rider.merged":
        item = hub.writes(RiderMerged(into=LI), "rider:" + "cc" * 8)
    deliver(store, [damaged(item, kind, body), enrolled(station, "bb" * 8, 2**31)])
    assert [each for each, _, _ in found(store)] == [ExceptionKind.UNREADABLE]
    assert [line.number for line in views.riders(store, AREA)] == [2**31]


def test_what_counts_nowhere_has_come_from_its_station_all_the_same(store: HubStore) -> None:
    one = Stream("1" * 32)
    deliver(store, [enrolled(one, LI), damaged(enrolled(one, LI), "rider.danced", b"{}")])
    level(store)
    deliver(store, [damaged(enrolled(one, LI), "rider.enrolled", b'{"number":"one"}')])
    deliver(store, [one.writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{LI}")])
    level(store)
    with store.reading():
        newest = HubEvent.select().order_by(HubEvent.position.desc()).get().received_at
    assert tables(store)["hub_box_seen"] == [("1" * 32, 4, newest)]
    assert check(store, AREA).whole


def test_bytes_that_the_disk_has_damaged_are_told_and_block_nothing(store: HubStore) -> None:
    station = Stream("1" * 32)
    deliver(store, [enrolled(station, LI), enrolled(station, "bb" * 8, 2)])
    with store.transaction():
        HubEvent.update(envelope=b"{").where(HubEvent.position == 1).execute()
    assert [kind for kind, _, _ in found(store)] == [ExceptionKind.UNREADABLE]
    assert [line.number for line in views.riders(store, AREA)] == [2]


def test_a_copy_lent_twice_is_to_be_looked_at_until_its_return_comes(store: HubStore) -> None:
    one, other = Stream("1" * 32), Stream("2" * 32)
    lent = CopyBorrowed(rider=LI, day=DAY, due=DAY, station="LX01")
    first = one.writes(lent, "copy:LX01-0001", lamport=10)
    deliver(store, [first, other.writes(lent, "copy:LX01-0001", lamport=20)])
    assert found(store) == [(ExceptionKind.COPY_CLASH, "copy:LX01-0001", 2)]
    back = CopyReturned(loan=decode(first.raw).id, day=DAY)
    deliver(store, [one.writes(back, "copy:LX01-0001", lamport=12)])
    assert found(store) == []
    deliver(store, [one.writes(CopyAdded(title=title), "copy:LX01-0002") for title in ("a", "b")])
    assert found(store) == [(ExceptionKind.REFUSED, "copy:LX01-0002", 1)]
    assert check(store, AREA).whole


def test_a_fork_is_told_once_however_long_it_grows(store: HubStore) -> None:
    one, copied = Stream("1" * 32), Stream("1" * 32)
    copied.incarnation = one.incarnation
    deliver(store, [enrolled(one, f"{n:016x}", n) for n in range(4)])
    assert found(store) == []
    deliver(store, [enrolled(copied, f"{n:016x}", n, lamport=30) for n in range(2)])
    assert found(store) == [(ExceptionKind.FORK, "box:" + "1" * 32, 2)]
    deliver(store, [enrolled(copied, f"{n:016x}", n, lamport=30) for n in range(2, 4)])
    assert found(store) == [(ExceptionKind.FORK, "box:" + "1" * 32, 2)]
    assert check(store, AREA).whole


def test_what_somebody_dealt_with_is_open_no_more_also_after_a_rebuild(store: HubStore) -> None:
    one = Stream("1" * 32)
    deliver(store, [one.writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{LI}") for _ in range(2)])
    level(store)
    first, second = overview.exceptions(store, AREA)
    overview.resolve(store, AREA, first.id, "seen")
    overview.resolve(store, AREA, first.id, "told_station")
    level(store)
    assert [line.id for line in overview.exceptions(store, AREA)] == [second.id]
    resolved = {line.id: line.resolution for line in overview.exceptions(store, AREA, open_only=False)}
    assert resolved == {first.id: "told_station", second.id: None}
    before = tables(store)
    rebuild(store, AREA)
    assert tables(store) == before
    close_area(store, AREA, "https://hub2.example")
    with pytest.raises(OfficeError, match="has moved to"):
        overview.resolve(store, AREA, second.id, "seen")
    open_area(store, AREA)
    with pytest.raises(NoSuchExceptionError):
        overview.resolve(store, AREA, "0" * 12, "seen")
    with pytest.raises(ResolutionError):
        overview.resolve(store, AREA, second.id, "Wang did it")


def test_a_resolution_that_comes_before_its_exception_is_kept_for_it(store: HubStore) -> None:
    one, hub = Stream("1" * 32), Stream()
    wrong = one.writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{LI}")
    with open_hub("sqlite:///:memory:") as elsewhere:
        deliver(elsewhere, [wrong])
        level(elsewhere)
        (line,) = overview.exceptions(elsewhere, AREA)
    from kiosk.hub.people.kinds import ExceptionResolved

    deliver(store, [hub.writes(ExceptionResolved(resolution="seen"), f"exception:{line.id}")])
    level(store)
    deliver(store, [wrong])
    assert found(store) == []
    assert found(store, open_only=False) == [(ExceptionKind.WRONG_WRITER, f"rider:{LI}", 1)]
