"""Balances at the hub: the same as at the stations, whatever came late, twice or was taken back."""

from datetime import date, timedelta
from pathlib import Path

from kiosk import points
from kiosk.box import Box
from kiosk.hub.people import views
from kiosk.hub.people.check import check
from kiosk.hub.store import HubStore
from kiosk.points import Rule
from kiosk.points.accounts import ledger_sums_to_zero
from kiosk.riders.kinds import RiderMerged, RiderUnmerged
from models.hub_people import HubPosting
from tests.helpers.hub import Hub, Syncing, hub_box
from tests.helpers.people import (
    AREA,
    DAY,
    awarded,
    deliver,
    level,
    reversed_,
    reviewed,
    say,
    tables,
)
from tests.helpers.riders import add_rider
from tests.helpers.stations import Stream

LI, WANG = "aa" * 8, "bb" * 8
YEAR = DAY.year


def balance(store: HubStore, rider: str, year: int = YEAR) -> tuple[int, int | None, int] | None:
    """Daily, review and total in half points; None without a row."""
    level(store)
    lines = [line for line in views.balances(store, AREA, year) if line.rider == rider]
    return (lines[0].daily, lines[0].review, lines[0].half_points) if lines else None


def at(box: Box, rider: str, year: int) -> tuple[int, int | None, int]:
    """The same as a station says."""
    with box.journal.store.use():
        view = points.summary(box, rider, year)
        return view.daily, view.review, view.total_half_points


def give(box: Box, rider: str, day: date) -> None:
    """The day's points, as a check-in gives them."""
    with box.journal.store.use():
        points.award(box, rider=rider, rule=Rule.CHECK_IN, day=day, actor="station")


async def test_two_stations_and_the_hub_say_the_same(hub: Hub, tmp_path: Path) -> None:
    one, other = hub_box(tmp_path, "LX01"), hub_box(tmp_path, "LX02")
    for box in (one, other):
        hub.add(box)
    with one.journal.store.use():
        riders = [add_rider(one, name, f"1380000100{n}").rider.id for n, name in enumerate(("王小强", "李四", "赵五"))]
    for number, rider in enumerate(riders):
        for days in range(4 + number):
            give(one, rider, DAY - timedelta(days=100 * days))
        give(other, rider, DAY)  # the same act, told by both
        give(other, rider, DAY - timedelta(days=1))
    with one.journal.store.use():
        points.withdraw(one, rider=riders[0], rule=Rule.CHECK_IN, day=DAY, actor="station")
    say(hub.store, points.PointsReviewed(rider=riders[1], year=YEAR, points=88), f"review:{riders[1]}/{YEAR}")
    say(hub.store, RiderMerged(into=riders[0]), f"rider:{riders[2]}")
    async with Syncing(one, hub).running() as first, Syncing(other, hub).running() as second:
        await first.round()
        await second.round()
        level(hub.store)
        compared = 0
        for year in (YEAR, YEAR - 1):
            for line in views.balances(hub.store, AREA, year):
                mine = (line.daily, line.review, line.half_points)
                assert mine == at(one, line.rider, year) == at(other, line.rider, year)
                compared += 1
        assert compared == 4
        assert {line.rider for line in views.balances(hub.store, AREA, YEAR)} == set(riders[:2])
    for box in (one, other):
        with box.journal.store.use():
            assert ledger_sums_to_zero()
    assert check(hub.store, AREA).whole


def test_of_two_that_awarded_the_same_the_first_in_the_fold_counts(store: HubStore) -> None:
    one, other = Stream("1" * 32), Stream("2" * 32)
    late, early = awarded(one, LI, lamport=30, amount=5), awarded(other, LI, lamport=20, amount=2)
    deliver(store, [late])
    assert balance(store, LI) == (65, None, 130)
    deliver(store, [early])
    assert balance(store, LI) == (62, None, 124)
    with store.reading():
        assert {(row.account, row.amount) for row in HubPosting.select()} == {
            (f"rider:{LI}/{YEAR}/daily", 2),
            (f"source:check_in/{YEAR}", -2),
        }


def test_a_reversal_takes_back_what_stands_even_when_it_came_first(store: HubStore) -> None:
    station = Stream("1" * 32)
    award = awarded(station, LI)
    deliver(store, [reversed_(station, award)])
    assert balance(store, LI) is None
    deliver(store, [award])
    assert balance(store, LI) == (60, None, 120)
    deliver(store, [awarded(station, LI, lamport=50)])
    assert balance(store, LI) == (61, None, 122)


def test_daily_conduct_and_reviews_are_kept_within_a_hundred(store: HubStore) -> None:
    deliver(store, [awarded(Stream("1" * 32), LI, amount=70), reviewed(Stream(), LI, 130)])
    assert balance(store, LI) == (100, 100, 200)


def test_the_last_review_holds_whichever_came_first(store: HubStore) -> None:
    hub = Stream()
    first, second = reviewed(hub, LI, 70), reviewed(hub, LI, 80)
    deliver(store, [second])
    assert balance(store, LI) == (60, 80, 140)
    deliver(store, [first])
    assert balance(store, LI) == (60, 80, 140)
    deliver(store, [reviewed(hub, LI, 70, YEAR - 1, lamport=50)])
    assert balance(store, LI, YEAR - 1) == (60, 70, 130)
    assert balance(store, LI) == (60, 80, 140)


def test_a_merge_adds_up_all_years_and_undone_it_never_was(store: HubStore) -> None:
    station, hub = Stream("1" * 32), Stream()
    deliver(store, [awarded(station, LI), awarded(station, WANG, amount=4), reviewed(hub, WANG, 90, YEAR - 1)])
    level(store)
    apart = tables(store)["hub_balance"]
    deliver(store, [hub.writes(RiderMerged(into=LI), f"rider:{WANG}", lamport=100)])
    assert balance(store, LI) == (65, None, 130)
    assert balance(store, LI, YEAR - 1) == (60, 90, 150)
    assert (balance(store, WANG), balance(store, WANG, YEAR - 1)) == (None, None)
    assert check(store, AREA).whole
    deliver(store, [awarded(station, WANG, DAY - timedelta(days=1), lamport=70)])
    assert balance(store, LI) == (66, None, 132)
    deliver(store, [hub.writes(RiderUnmerged(), f"rider:{WANG}", lamport=110)])
    level(store)
    assert len(tables(store)["hub_balance"]) == len(apart)
    assert (balance(store, LI), balance(store, WANG)) == ((61, None, 122), (65, None, 130))
    assert balance(store, WANG, YEAR - 1) == (60, 90, 150)
    assert check(store, AREA).whole


def test_a_chain_and_even_a_circle_of_merges_have_one_balance(store: HubStore) -> None:
    station, hub = Stream("1" * 32), Stream()
    third = "cc" * 8
    deliver(store, [awarded(station, rider) for rider in (LI, WANG, third)])
    deliver(store, [hub.writes(RiderMerged(into=WANG), f"rider:{third}", lamport=100)])
    level(store)
    deliver(store, [hub.writes(RiderMerged(into=LI), f"rider:{WANG}", lamport=101)])
    assert balance(store, LI) == (63, None, 126)
    deliver(store, [hub.writes(RiderMerged(into=third), f"rider:{LI}", lamport=102)])
    assert balance(store, LI) == (63, None, 126)
    assert len(tables(store)["hub_balance"]) == 1
    assert check(store, AREA).whole


def test_an_award_under_anothers_id_counts_nowhere(store: HubStore) -> None:
    good, other = awarded(Stream("1" * 32), LI), Stream("2" * 32)
    forged = points.PointsAwarded(
        award=points.award_id(LI, "check_in", DAY),
        rider=WANG,
        year=YEAR,
        day=DAY,
        rule="check_in",
        rule_version=1,
        part="daily",
        amount=40,
        station="LX02",
    )
    deliver(store, [other.writes(forged, f"award:{forged.award}", lamport=1), good])
    assert (balance(store, LI), balance(store, WANG)) == ((61, None, 122), None)
