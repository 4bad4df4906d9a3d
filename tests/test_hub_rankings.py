"""The quarter's service stars: computed by the ledger's own rules, naming only who agreed."""

from datetime import date
from pathlib import Path

import pytest

from kiosk import points, privacy, ranking, riders
from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub.office import OfficeError, merges, rankings
from kiosk.points import Rule
from tests.helpers.hub import Hub, Syncing, enrolled_box
from tests.helpers.riders import add_rider

TODAY = date(2026, 11, 24)
NAMES = ("王小强", "李四", "张三丰", "欧阳锋")


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled station with riders who have 3, 3, 2 and 1 check-ins in the third quarter; all but the last agree."""
    made = enrolled_box(tmp_path, hub)
    with made.journal.store.use():
        for number, (name, days) in enumerate(zip(NAMES, (3, 3, 2, 1), strict=True)):
            rider = add_rider(made, name, f"1380000100{number}").rider.id
            for day in range(1, days + 1):
                give(made, rider, date(2026, 8, day))
            ranking.set_consent(made, rider, agreed=number < 3)
    return made


def give(box: Box, rider: str, day: date) -> None:
    """A check-in's points."""
    points.award(box, rider=rider, rule=Rule.CHECK_IN, day=day, actor=f"rider:{rider}")


def riders_of(box: Box) -> list[str]:
    """Ids by number."""
    with box.journal.store.use():
        return [riders.by_number(box, number).id for number in range(1, len(NAMES) + 1)]


async def synced(box: Box, hub: Hub) -> None:
    """Hub and station have told each other everything."""
    async with Syncing(box, hub).running():
        pass


def shown(box: Box) -> list[tuple[int, str, int]]:
    """What the idle screen shows."""
    view = ranking.current(box)
    return [] if view is None else [(one.place, one.name, one.half_points) for one in view.places]


async def test_a_ranking_is_shown_with_the_names_of_those_who_agreed(
    hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the journal is: it is read page by page."""
    monkeypatch.setattr("kiosk.hub.office.reading.PAGE", 2)
    await synced(box, hub)
    came = rankings.publish(hub.store, "luxi", "2026Q3", places=10, today=TODAY)
    assert (came.ranking, len(came.places), came.unnamed, came.over) == ("2026-Q3", 3, 1, True)
    for today, over in ((date(2026, 9, 30), False), (date(2026, 10, 1), True), (date(2027, 1, 1), True)):
        assert rankings.publish(hub.store, "luxi", "2026Q3", places=10, today=today, dry=True).over is over
    await synced(box, hub)
    view = ranking.current(box)
    assert view is not None
    assert (view.year, view.quarter) == (2026, 3)
    assert sorted(shown(box)) == [(1, "李四", 3), (1, "王小强", 3), (3, "张三丰", 2)], "equal points share a place"


async def test_taking_the_word_back_takes_the_name_off_the_screen_at_once(hub: Hub, box: Box) -> None:
    await synced(box, hub)
    rankings.publish(hub.store, "luxi", "2026Q3", places=10, today=TODAY)
    await synced(box, hub)
    ranking.set_consent(box, riders_of(box)[2], agreed=False)
    assert "张三丰" not in str(shown(box))
    await synced(box, hub)
    assert len(rankings.publish(hub.store, "luxi", "2026Q3", places=10, today=TODAY).places) == 2


async def test_nobody_is_named_who_was_never_asked(hub: Hub, box: Box) -> None:
    with box.journal.store.use():
        silent = add_rider(box, "赵六", "13800001009").rider.id
        for day in range(1, 9):
            give(box, silent, date(2026, 8, day))
    await synced(box, hub)
    came = rankings.publish(hub.store, "luxi", "2026Q3", places=1, today=TODAY)
    assert (came.places, came.unnamed) == ((), 1)
    await synced(box, hub)
    assert shown(box) == []


async def test_only_what_counts_in_the_quarter_counts(hub: Hub, box: Box) -> None:
    mine = riders_of(box)
    with box.journal.store.use():
        give(box, mine[2], date(2026, 6, 30))
        give(box, mine[2], date(2026, 10, 1))
        give(box, mine[2], date(2025, 8, 1))
        points.withdraw(box, rider=mine[0], rule=Rule.CHECK_IN, day=date(2026, 8, 1), actor="station")
    await synced(box, hub)
    came = rankings.publish(hub.store, "luxi", "2026Q3", places=10, today=TODAY, dry=True)
    assert [(one.rider, one.place, one.half_points) for one in came.places[:1]] == [(mine[1], 1, 3)]
    assert {one.rider: one.half_points for one in came.places} == {mine[0]: 2, mine[1]: 3, mine[2]: 2}
    assert rankings.rankings(hub.store, "luxi") == [], "a dry run publishes nothing"


async def test_a_person_enrolled_twice_has_one_place_and_a_blocked_one_none(hub: Hub, box: Box) -> None:
    mine = riders_of(box)
    await synced(box, hub)
    merges.merge(hub.store, "luxi", mine[2], mine[3])
    main(["hub", "--database", hub.url, "rider", "block", mine[0], "--area", "luxi"])
    came = rankings.publish(hub.store, "luxi", "2026Q3", places=10, today=TODAY)
    # The two enrolments' check-ins of the same day are one check-in.
    assert [(one.rider, one.place, one.half_points) for one in came.places] == [(mine[1], 1, 3), (mine[2], 2, 2)]
    await synced(box, hub)
    assert shown(box) == [(1, "李四", 3), (2, "张三丰", 2)]


async def test_the_newest_quarter_is_shown_and_a_withdrawn_one_is_not(
    hub: Hub, box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    with box.journal.store.use():
        give(box, riders_of(box)[0], date(2026, 5, 1))
    await synced(box, hub)
    command = ["hub", "--database", hub.url, "ranking"]
    for quarter in ("2026Q3", "2026q2"):
        assert main([*command, "publish", "--area", "luxi", "--quarter", quarter]) == 0
    out = capsys.readouterr().out
    assert "2026-Q3 is published: 3 named, 1 who did not agree to be." in out
    await synced(box, hub)
    assert len(shown(box)) == 3
    assert main([*command, "withdraw", "--area", "luxi", "--quarter", "2026Q3"]) == 0
    assert main([*command, "withdraw", "--area", "luxi", "--quarter", "2026Q3"]) == 1
    await synced(box, hub)
    assert shown(box) == [(1, "王小强", 1)]
    capsys.readouterr()
    assert main([*command, "list", "--area", "luxi"]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith("2026-Q2, published")
    assert "0.5 points  LX01 1 (王*强)\n" in listed, "the office sees whom it puts on the screens"
    assert not any(name in listed for name in NAMES)


@pytest.mark.parametrize(("quarter", "why"), [("2026Q5", "accepted is one such as 2026Q3"), ("2027Q1", "not begun")])
def test_a_quarter_that_is_none_or_not_yet_is_refused(hub: Hub, box: Box, quarter: str, why: str) -> None:
    with pytest.raises(OfficeError, match=why):
        rankings.publish(hub.store, box.settings.station.area, quarter, places=10, today=TODAY)


def test_an_erased_rider_is_on_no_screen(box: Box) -> None:
    from kiosk.ranking import Ranked, RankingPublished
    from tests.helpers.stations import Stream, tell

    mine = riders_of(box)
    places = [Ranked(rider=mine[0], place=1, half_points=3)]
    body = RankingPublished(year=2026, quarter=3, published=TODAY, places=places)
    tell(box, Stream().writes(body, "ranking:2026-Q3"))
    assert len(shown(box)) == 1
    privacy.erase(box, mine[0], actor="cli")
    assert shown(box) == []


def test_saying_the_same_again_records_nothing(box: Box) -> None:
    mine = riders_of(box)
    before = box.journal.head.seq
    ranking.set_consent(box, mine[0], agreed=True)
    assert box.journal.head.seq == before
    ranking.set_consent(box, mine[0], agreed=False)
    assert box.journal.head.seq == before + 1
