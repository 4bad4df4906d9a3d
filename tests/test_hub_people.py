"""The hub's tables for people: whatever the order of arrival and wherever the job ends, they follow from the events."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import peewee as pw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.hub import bulk, stations
from kiosk.hub.people import generations, lease, step, views
from kiosk.hub.people.background import at_work
from kiosk.hub.people.check import check
from kiosk.hub.people.generations import Role
from kiosk.hub.people.job import NoSuchAreaError, PeopleJob
from kiosk.hub.people.rebuild import rebuild
from kiosk.hub.store import HubStore
from kiosk.riders.kinds import RiderStatus, RiderStatusSet
from kiosk.riders.marks import VanguardSet
from tests.helpers.people import (
    AREA,
    DAY,
    LI,
    WANG,
    ZHAO,
    a_life,
    deliver,
    enrolled,
    level,
    open_hub,
    say,
    tables,
)
from tests.helpers.stations import Stream


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


def test_a_lease_by_a_clock_that_was_ahead_is_not_waited_for(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(store, a_life())
    with monkeypatch.context() as wrong:
        wrong.setattr(lease, "datetime", _YearsLater)
        assert PeopleJob(store, settles=False).work()
    # It died without a word, and the clock was set right.
    deliver(store, [enrolled(Stream("3" * 32), "dd" * 8, 3)])
    assert PeopleJob(store, settles=False).work()
    assert views.progress(store, AREA).behind == 0


class _YearsLater(datetime):
    """The time in ten years."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_YearsLater":
        return cls.fromtimestamp(time.time() + 3653 * 86400, tz)


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
