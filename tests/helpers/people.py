"""An area's events without stations, in whatever order they come to the hub, and what its people's tables say."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import cast

import msgspec

from kiosk.charging.events import SessionEnded, SessionStarted
from kiosk.checkin.kinds import CheckinRecorded, CheckinUndone
from kiosk.hub import stations, streams
from kiosk.hub.people.generations import Role, folds
from kiosk.hub.people.job import PeopleJob
from kiosk.hub.store import HubStore
from kiosk.journal import Incoming
from kiosk.journal.envelope import decode
from kiosk.points import PointsAwarded, PointsReversed, PointsReviewed, award_id
from kiosk.reading.fold import CopyBorrowed, CopyReturned
from kiosk.riders.kinds import RiderEnrolled, RiderMerged, RiderStatus, RiderStatusSet, RiderUnmerged
from models.hub import HubEvent
from models.hub_people import FOLDED_MODELS
from tests.helpers.stations import Stream

AREA = "luxi"
DAY = date(2026, 11, 24)
LI, WANG, ZHAO = "aa" * 8, "bb" * 8, "cc" * 8
"""Riders."""
ARRIVAL = {"hub_subject", "hub_box_seen"}
"""Tables that say how events arrived, not what they say."""

Tables = dict[str, list[tuple[object, ...]]]


@contextmanager
def open_hub(url: str) -> Iterator[HubStore]:
    """A hub with an empty area, closed after the block."""
    store = HubStore(url)
    try:
        with store.transaction():
            stations.ensure_area(AREA)
        yield store
    finally:
        store.close()


def deliver(store: HubStore, items: Iterable[Incoming]) -> None:
    """Store events as they come in; an id that is there already is passed over, as at a push."""
    with store.transaction():
        area = streams.lock_area(AREA)
        known = {str(row.id) for row in HubEvent.select(HubEvent.id)}
        rows, lamport = [], 0
        for item in items:
            event = decode(item.raw)
            if event.id not in known:
                known.add(event.id)
                scope = streams.scope_of(event.kind, "area")
                rows.append(streams.event_columns(event, item.raw, item.digest, scope))
                lamport = max(lamport, event.lamport)
        streams.store_events(area, rows, lamport=lamport)


def say(store: HubStore, body: msgspec.Struct, subject: str) -> None:
    """Let the hub write an event."""
    with store.transaction():
        streams.record(AREA, body, subject=subject)


def level(store: HubStore) -> None:
    """Let the job finish, without events of its own."""
    job = PeopleJob(store, settles=False)
    job.level(AREA)
    job.close()


def tables(store: HubStore, *, arrival: bool = True) -> Tables:
    """What people see, table by table, without the number of the generation.

    Args:
        store: the hub's database.
        arrival: also what depends on when and in which order events came.
    """
    with store.reading():
        shown = next(fold for fold in folds(AREA) if fold.role is Role.SHOWN)
        found: Tables = {}
        for model in FOLDED_MODELS:
            name = str(model._meta.table_name)
            skipped = {"area", "generation"} if arrival else {"area", "generation", "noticed_at"}
            fields = [field for field in model._meta.sorted_fields if field.name not in skipped]
            rows = model.select(*fields).where((model.area == AREA) & (model.generation == shown.generation))
            if arrival or name not in ARRIVAL:
                found[name] = sorted(cast("Iterable[tuple[object, ...]]", rows.tuples()), key=repr)
        return found


def enrolled(station: Stream, rider: str, number: int = 1, *, lamport: int = 10) -> Incoming:
    """A station enrolled a rider."""
    return station.writes(
        RiderEnrolled(number=number, vanguard=False, person_ref="0" * 64), f"rider:{rider}", lamport=lamport
    )


def awarded(station: Stream, rider: str, day: date = DAY, *, lamport: int = 20, amount: int = 1) -> Incoming:
    """A station gave a rider the day's points."""
    act = award_id(rider, "check_in", day)
    body = PointsAwarded(
        award=act,
        rider=rider,
        year=day.year,
        day=day,
        rule="check_in",
        rule_version=1,
        part="daily",
        amount=amount,
        station="LX01",
    )
    return station.writes(body, f"award:{act}", lamport=lamport)


def reversed_(station: Stream, award: Incoming, *, lamport: int = 30) -> Incoming:
    """A station took an award back."""
    event = decode(award.raw)
    return station.writes(PointsReversed(entry=event.id, reason="not_me"), event.subject, lamport=lamport)


def reviewed(hub: Stream, rider: str, points: int, year: int = DAY.year, *, lamport: int = 40) -> Incoming:
    """The hub told a rider's review."""
    return hub.writes(PointsReviewed(rider=rider, year=year, points=points), f"review:{rider}/{year}", lamport=lamport)


def started(station: Stream, session: str, rider: str, *, lamport: int = 50) -> Incoming:
    """A charging session began."""
    body = SessionStarted(slot="1", rider=rider, start_wh=0, longest_s=3600, limit_w=1100)
    return station.writes(body, f"session:{session}", lamport=lamport)


def ended(station: Stream, session: str, wh: int, reason: str = "full", *, lamport: int = 60) -> Incoming:
    """A charging session ended."""
    return station.writes(SessionEnded(reason=reason, wh=wh, powered_s=1800.0), f"session:{session}", lamport=lamport)


def a_life() -> list[Incoming]:
    """Events of two stations and of the hub, with everything in them that makes folding hard."""
    one, other, hub = Stream("1" * 32), Stream("2" * 32), Stream()
    first, doubled = awarded(one, LI, lamport=20), awarded(other, LI, lamport=21)
    borrowed = CopyBorrowed(rider=LI, day=DAY, due=DAY, station="LX01")
    visit = f"visit:{LI}/{DAY.isoformat()}"
    checkin = CheckinRecorded(rider=LI, day=DAY.isoformat(), card="c", verified=True, rule_version=1)
    return [
        enrolled(one, LI),
        enrolled(other, WANG),
        enrolled(other, ZHAO, 2),
        first,
        doubled,
        reversed_(one, first, lamport=30),
        awarded(other, LI, lamport=40),
        awarded(one, WANG, DAY - timedelta(days=365), lamport=41),
        awarded(one, WANG, lamport=42, amount=3),
        reviewed(hub, WANG, 90, lamport=60),
        reviewed(hub, WANG, 120, lamport=70),
        reviewed(hub, ZHAO, 70, lamport=71),
        hub.writes(RiderMerged(into=WANG), f"rider:{ZHAO}", lamport=80),
        hub.writes(RiderMerged(into=LI), f"rider:{WANG}", lamport=81),
        hub.writes(RiderUnmerged(), f"rider:{WANG}", lamport=90),
        hub.writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{LI}", lamport=91),
        started(one, "e1", LI),
        ended(one, "e1", 700),
        ended(one, "e1", 800, "cut", lamport=61),
        started(one, "e1", WANG, lamport=62),
        one.writes(checkin, visit, lamport=20),
        one.writes(CheckinUndone(checkin="x"), visit, lamport=22),
        one.writes(borrowed, "copy:LX01-0001", lamport=33),
        other.writes(borrowed, "copy:LX01-0001", lamport=34),
        one.writes(CopyReturned(loan=None, day=DAY), "copy:LX01-0001", lamport=35),
        one.writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{WANG}", lamport=95),
    ]
