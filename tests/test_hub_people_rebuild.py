"""The hub's tables for people, built anew: when that is needed, and what people see meanwhile."""

from typing import Any

import pytest

from kiosk.hub import streams
from kiosk.hub.people import generations, job, views
from kiosk.hub.people.check import check
from kiosk.hub.people.generations import Role
from kiosk.hub.people.job import NewerTablesError, PeopleJob
from kiosk.hub.people.rebuild import rebuild
from kiosk.hub.store import HubStore
from kiosk.journal import Registry
from kiosk.points import FEATURE as POINTS
from models.hub import HubArea, HubEvent
from models.hub_people import HubBalance, HubFold, HubPosting, HubSession, HubSubject
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
    tables,
)
from tests.helpers.stations import Stream


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
