"""The hub's tables for people: whatever the order of arrival and wherever the job ends, they follow from the events."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import peewee as pw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.checkin.kinds import CheckinRecorded, CheckinUndone
from kiosk.hub import bulk, stations, streams
from kiosk.hub.people import generations, job, lease, step, views
from kiosk.hub.people.background import at_work
from kiosk.hub.people.check import check
from kiosk.hub.people.generations import Role
from kiosk.hub.people.job import NewerTablesError, NoSuchAreaError, PeopleJob
from kiosk.hub.people.rebuild import rebuild
from kiosk.hub.store import HubStore
from kiosk.journal import Incoming, Registry
from kiosk.points import FEATURE as POINTS
from kiosk.reading.fold import CopyBorrowed, CopyReturned
from kiosk.riders.kinds import RiderMerged, RiderStatus, RiderStatusSet, RiderUnmerged
from kiosk.riders.marks import VanguardSet
from models.hub import HubArea, HubEvent
from models.hub_people import HubBalance, HubFold, HubPosting, HubSession, HubSubject
from tests.helpers.people import (
    AREA,
    DAY,
    awarded,
    deliver,
    ended,
    enrolled,
    level,
    open_hub,
    reversed_,
    reviewed,
    say,
    started,
    tables,
)
from tests.helpers.stations import Stream

LI, WANG, ZHAO = "aa" * 8, "bb" * 8, "cc" * 8


@pytest.fixture
def store(hub_url: str) -> Iterator[HubStore]:
    """A hub with an empty area, on each engine."""
    with open_hub(hub_url) as opened:
        yield opened


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


def test_what_arrived_stands_in_the_tables(store: HubStore) -> None:
    deliver(store, a_life())
    level(store)
    riders = {line.rider: line for line in views.riders(store, AREA)}
    assert (riders[LI].status, riders[WANG].status) == ("blocked", "active")
    assert (riders[ZHAO].merged_into, riders[WANG].merged_into) == (WANG, None)
    of_year = {line.rider: line for line in views.balances(store, AREA, DAY.year)}
    assert set(of_year) == {LI, WANG}
    assert (of_year[LI].daily, of_year[LI].review, of_year[LI].half_points) == (61, None, 122)
    assert (of_year[WANG].daily, of_year[WANG].review, of_year[WANG].half_points) == (63, 100, 163)
    (session,) = views.sessions(store, AREA, DAY)
    assert (session.rider, session.wh, session.reason) == (LI, 700, "full")
    assert check(store, AREA).whole


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 9))
def test_any_order_of_arrival_gives_the_same_tables(order: random.Random, at_once: int) -> None:
    life = a_life()
    with open_hub("sqlite:///:memory:") as straight, open_hub("sqlite:///:memory:") as mixed:
        deliver(straight, life)
        level(straight)
        order.shuffle(life)
        working = PeopleJob(mixed, settles=False)
        for first in range(0, len(life), at_once):
            deliver(mixed, life[first : first + at_once])
            working.level(AREA)
        assert tables(mixed, arrival=False) == tables(straight, arrival=False)
        assert check(mixed, AREA).whole


def test_events_come_in_steps_and_one_at_a_time_all_the_same(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(store, a_life())
    level(store)
    at_once = tables(store)
    monkeypatch.setattr("kiosk.hub.people.chunk.MOST_EVENTS", 1)
    assert rebuild(store, AREA) == len(a_life())
    assert tables(store) == at_once


class _KilledError(Exception):
    """Stands in for the end of the process."""


def _is_settled(store: HubStore) -> bool:
    """Whether nothing is being built, and nothing is left of what was before."""
    with store.reading():
        return [fold.role for fold in generations.folds(AREA)] == [Role.SHOWN]


class _Mortal:
    """Lets a database die at its n-th statement, whichever connection it is on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = -1
        database = pw.Database.execute_sql

        def execute_sql(this: pw.Database, *arguments: object, **named: object) -> object:
            self._count()
            return database(this, *arguments, **named)  # type: ignore[no-untyped-call]  # peewee's own

        monkeypatch.setattr(pw.Database, "execute_sql", execute_sql)
        insert: Callable[..., None] = bulk.insert

        def counted_insert(*arguments: object) -> None:
            self._count()
            insert(*arguments)
            self._count()

        monkeypatch.setattr("kiosk.hub.people.changes.bulk.insert", counted_insert)

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise _KilledError


def test_killed_at_every_statement_the_job_goes_on_where_it_was(hub_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LEASE", timedelta(0))  # who was killed cannot give it back
    with open_hub(hub_url) as store:
        deliver(store, a_life())
        level(store)
        whole = tables(store)
        mortal, deaths = _Mortal(monkeypatch), 0
        working = PeopleJob(store, settles=False)
        working.rebuild(AREA)
        statement = 1
        # Both engines are given the same statements: PostgreSQL, where each takes longer, dies at one of three.
        stride = 1 if hub_url.startswith("sqlite") else 3
        while not _is_settled(store):
            mortal.left = statement
            try:
                PeopleJob(store, settles=False).work_at(AREA)
            except _KilledError:
                deaths, statement = deaths + 1, statement + stride
            else:
                statement = 1
            finally:
                mortal.left = -1
        assert deaths > 30 // stride
        assert tables(store) == whole
        assert check(store, AREA).whole


def test_killed_before_every_commit_the_job_loses_and_doubles_nothing(
    hub_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.hub.people.chunk.MOST_EVENTS", 5)
    with open_hub(hub_url) as store:
        deliver(store, a_life())
        calm = store.transaction
        die = [False]

        @contextmanager
        def transaction() -> Iterator[None]:
            with calm():
                yield
                if die[0]:
                    raise _KilledError

        monkeypatch.setattr(store, "transaction", transaction)
        working = PeopleJob(store, settles=False)
        working.work_at(AREA)  # holds the area now
        going = True
        while going:
            die[0] = True
            try:
                going = working.work_at(AREA)
            except _KilledError:
                die[0] = False
                going = working.work_at(AREA)
        die[0] = False
        assert views.progress(store, AREA).behind == 0
        assert check(store, AREA).whole


def test_people_see_the_old_tables_until_the_new_ones_are_complete(
    store: HubStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(store, a_life())
    level(store)
    before = tables(store)
    monkeypatch.setattr("kiosk.hub.people.chunk.MOST_EVENTS", 5)
    working = PeopleJob(store, settles=False)
    working.rebuild(AREA)
    for expected in (0, 5, 10, 15, 20, 25):
        assert views.progress(store, AREA).rebuilding == expected
        assert tables(store) == before
        working.work_at(AREA)
    assert views.progress(store, AREA).rebuilding is None
    assert tables(store) == before
    working.level(AREA)
    with store.reading():
        assert [fold.role for fold in generations.folds(AREA)] == [Role.SHOWN]
        assert {row.generation for row in HubSubject.select(HubSubject.generation)} == {2}


def test_a_flood_for_one_subject_is_taken_in_ever_larger_steps(
    store: HubStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step reads all of the subject again: in equal steps that would be the square of their number."""
    monkeypatch.setattr("kiosk.hub.people.chunk.MOST_EVENTS", 5)
    box = Stream("1" * 32)
    deliver(store, a_life())
    deliver(store, [box.writes(VanguardSet(vanguard=bool(number % 2)), f"rider:{LI}") for number in range(320)])
    working, steps = PeopleJob(store, settles=False), 0
    while working.work_at(AREA):
        steps += 1
    assert steps < 30
    assert views.progress(store, AREA).behind == 0
    assert check(store, AREA).whole


def test_what_comes_during_a_rebuild_is_seen_at_once(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(store, a_life())
    level(store)
    monkeypatch.setattr("kiosk.hub.people.chunk.MOST_EVENTS", 10)
    working = PeopleJob(store, settles=False)
    working.rebuild(AREA)
    working.work_at(AREA)
    deliver(store, [enrolled(Stream("3" * 32), "dd" * 8, 3)])
    working.work_at(AREA)
    assert views.progress(store, AREA).rebuilding == 10
    assert "dd" * 8 in {line.rider for line in views.riders(store, AREA)}
    working.level(AREA)
    assert check(store, AREA).whole


def test_a_change_by_hand_is_found_and_a_rebuild_mends_it(store: HubStore) -> None:
    deliver(store, a_life())
    level(store)
    right = tables(store)
    with store.transaction():
        HubBalance.update(daily=99).where(HubBalance.rider == LI).execute()
        HubSession.delete().execute()
        HubPosting.update(amount=7).where(HubPosting.account == f"rider:{LI}/{DAY.year}/daily").execute()
    found = check(store, AREA)
    assert not found.whole
    assert {difference.split(" ")[1].rstrip(":") for difference in found.differences} >= {"hub_balance", "hub_session"}
    assert any("do not sum to zero" in difference for difference in found.differences)
    rebuild(store, AREA)
    assert tables(store) == right
    assert check(store, AREA).whole


def test_rows_that_stand_where_none_could_are_built_anew(store: HubStore) -> None:
    deliver(store, a_life()[:5])
    level(store)
    with store.transaction():
        HubSubject.create(area=AREA, generation=1, subject=f"rider:{ZHAO}", position=6)
        row = enrolled(Stream("9" * 32), ZHAO)
    deliver(store, [row])
    level(store)
    assert check(store, AREA).whole
    with store.reading():
        assert [fold.generation for fold in generations.folds(AREA)] == [2]


def test_a_new_epoch_builds_the_tables_anew(store: HubStore) -> None:
    deliver(store, a_life())
    level(store)
    with store.transaction():
        streams.draw_epoch(streams.lock_area(AREA))
        epoch = HubArea.get().epoch
    level(store)
    with store.reading():
        (fold,) = generations.folds(AREA)
    assert (fold.generation, fold.epoch, fold.position) == (2, epoch, len(a_life()))
    assert check(store, AREA).whole


@pytest.mark.parametrize("kept", [0, 5])
def test_tables_beyond_a_restored_journal_are_built_anew(store: HubStore, kept: int) -> None:
    life = a_life()
    deliver(store, life[:10])
    level(store)
    with store.transaction():  # as if the journal alone came from a backup, and went on otherwise
        HubEvent.delete().where(HubEvent.position > kept).execute()
        HubArea.update(position=kept).execute()
    deliver(store, life[12:20])
    level(store)
    assert views.progress(store, AREA).position == kept + 8
    assert check(store, AREA).whole


def test_kinds_that_an_upgrade_brings_are_folded_in(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    without = Registry(feature for feature in _features() if feature is not POINTS)
    monkeypatch.setattr("kiosk.hub.people.oddities.known_kinds", lambda: without)
    monkeypatch.setattr("kiosk.hub.people.generations.known_kinds", lambda: without)
    deliver(store, a_life())
    level(store)
    assert views.balances(store, AREA, DAY.year) == []
    monkeypatch.undo()
    level(store)
    assert [line.rider for line in views.balances(store, AREA, DAY.year)] == [WANG, LI]
    assert check(store, AREA).whole


def _features() -> list[Any]:
    from kiosk import charging, checkin, reading, riders
    from kiosk.hub.people import kinds

    return [charging.FEATURE, checkin.FEATURE, reading.FEATURE, riders.FEATURE, kinds.FEATURE, POINTS]


def test_new_rules_build_anew_and_older_software_leaves_the_tables_alone(
    store: HubStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(store, a_life()[:5])
    level(store)
    with monkeypatch.context() as newer:
        newer.setattr(generations, "RULES", 99)
        newer.setattr(job, "RULES", 99)
        level(store)
    with store.reading():
        assert [(fold.generation, fold.version) for fold in generations.folds(AREA)] == [(2, 99)]
    deliver(store, a_life())
    level(store)
    assert views.progress(store, AREA).position == 5
    with pytest.raises(NewerTablesError):
        rebuild(store, AREA)


def test_one_process_at_a_time_works_and_another_takes_over(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(store, a_life())
    one, other = PeopleJob(store, settles=False), PeopleJob(store, settles=False)
    assert one.work()
    assert not other.work()
    assert not other.work_at(AREA)
    one.close()
    assert other.work() or views.progress(store, AREA).behind == 0
    other.level(AREA)
    deliver(store, [enrolled(Stream("3" * 32), "dd" * 8, 3)])
    assert not one.work()
    monkeypatch.setattr(lease, "datetime", _Later)  # as if it had died
    assert one.work()
    assert views.progress(store, AREA).behind == 0


class _Later(datetime):
    """The time in a minute."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_Later":
        return cls.fromtimestamp(time.time() + 60, tz)


def test_two_that_work_at_once_do_no_harm(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.hub.people.chunk.MOST_EVENTS", 5)
    deliver(store, a_life())
    one, other = PeopleJob(store, settles=False), PeopleJob(store, settles=False)
    monkeypatch.setattr(one._leases, "claim", lambda _: True)
    monkeypatch.setattr(other._leases, "claim", lambda _: True)
    write = step._write
    between = [True]

    def late(store: HubStore, each: step.Step) -> None:
        if between[0]:
            between[0] = False
            other.work_at(AREA)
            between[0] = True
        write(store, each)

    monkeypatch.setattr("kiosk.hub.people.step._write", late)
    for _ in range(20):
        one.work_at(AREA)
    monkeypatch.undo()
    level(store)
    assert check(store, AREA).whole


def test_a_check_that_died_leaves_nothing_behind(store: HubStore) -> None:
    deliver(store, a_life())
    level(store)
    with store.transaction():
        left = generations.begin(HubArea.get(), Role.CHECKING)
    level(store)
    with store.transaction():
        assert len(generations.folds(AREA)) == 2
        HubFold.update(held_until="2026-01-01").where(HubFold.generation == left.generation).execute()
    level(store)
    with store.reading():
        assert [fold.role for fold in generations.folds(AREA)] == [Role.SHOWN]


def test_an_area_that_has_moved_away_takes_its_tables_along(store: HubStore) -> None:
    deliver(store, a_life())
    level(store)
    with store.transaction():
        HubEvent.delete().execute()
        HubArea.delete().execute()
    working = PeopleJob(store, settles=False)
    while working.work():
        pass
    with store.reading():
        assert not HubFold.select().exists()
        assert not HubSubject.select().exists()


def test_large_generations_go_piece_by_piece(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "SWEPT_ROWS", 3)
    deliver(store, a_life())
    level(store)
    rebuild(store, AREA)
    level(store)
    with store.reading():
        assert {row.generation for row in HubPosting.select()} == {2}


def test_unknown_areas_are_named(store: HubStore) -> None:
    for ask in (rebuild, check):
        with pytest.raises(NoSuchAreaError, match="There is no area nowhere"):
            ask(store, "nowhere")
    assert not PeopleJob(store, settles=False).work_at("nowhere")
    assert views.riders(store, "nowhere") == []


def test_an_empty_area_is_level_at_once(store: HubStore) -> None:
    level(store)
    assert views.progress(store, AREA) == views.Progress(shown=True, position=0, newest=0, rebuilding=None)
    assert not PeopleJob(store, settles=False).work()


def test_a_defect_in_one_area_keeps_no_other_waiting(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(store, a_life())
    with store.transaction():
        stations.ensure_area("a-first")
    working = PeopleJob(store, settles=False)
    sound = working.work_at

    def work_at(area: str) -> bool:
        if area == "a-first":
            raise KeyError(area)
        return sound(area)

    monkeypatch.setattr(working, "work_at", work_at)
    while working.work():
        pass
    assert views.progress(store, AREA).behind == 0


def test_the_thread_beside_the_hub_keeps_up(tmp_path: Path) -> None:
    with open_hub(f"sqlite:///{tmp_path}/hub.db") as store, at_work(store):
        deliver(store, a_life())
        until = time.monotonic() + 5
        while views.progress(store, AREA).position < len(a_life()) and time.monotonic() < until:
            time.sleep(0.01)
        assert views.progress(store, AREA).behind == 0
        say(store, RiderStatusSet(status=RiderStatus.ACTIVE), f"rider:{LI}")
        while views.progress(store, AREA).behind and time.monotonic() < until:
            time.sleep(0.01)
        assert views.riders(store, AREA)[0].status == "active"
