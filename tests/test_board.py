"""The board: the hub's notices of today, newest first."""

from datetime import date
from pathlib import Path

from kiosk import board
from kiosk.box import Box
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.stations import Stream, events_of, states_of, tell


def notice(title: str, day: int = 20, until: int | None = None) -> board.NoticePublished:
    """A notice of November 2026."""
    return board.NoticePublished(
        title=title,
        text=f"{title}。",
        published=date(2026, 11, day),
        until=None if until is None else date(2026, 11, until),
    )


def publish(box: Box, *notices: board.NoticePublished) -> None:
    """The hub publishes, one notice after the other."""
    hub = Stream()
    tell(box, *(hub.writes(body, f"notice:{number}") for number, body in enumerate(notices)))


def titles(box: Box) -> list[str]:
    """What stands on the board."""
    return [shown.title for shown in board.notices(box)]


def test_an_empty_board_is_empty(box: Box) -> None:
    assert board.notices(box) == ()


def test_a_notice_is_shown_as_the_hub_wrote_it(box: Box) -> None:
    publish(box, notice("雨天慢行"))
    (shown,) = board.notices(box)
    assert (shown.title, shown.text, shown.published) == ("雨天慢行", "雨天慢行。", date(2026, 11, 20))


def test_the_newest_stands_first_and_the_later_of_one_day_before_the_earlier(box: Box) -> None:
    publish(box, notice("a", 19), notice("b", 21), notice("c", 21))
    assert titles(box) == ["c", "b", "a"]


def test_a_notice_is_shown_through_its_last_day(box: Box, clock: VirtualClock) -> None:
    publish(box, notice("a", until=24))
    assert titles(box) == ["a"]
    clock.advance(86_400)
    assert titles(box) == []


def test_a_notice_waits_for_its_first_day(box: Box, clock: VirtualClock) -> None:
    publish(box, notice("a", 25))
    assert titles(box) == []
    clock.advance(86_400)
    assert titles(box) == ["a"]


def test_a_clock_that_cannot_be_believed_hides_no_notice(box: Box, clock: VirtualClock) -> None:
    publish(box, notice("a", until=24))
    clock.trust_wall = False
    clock.jump(-20_000 * 86_400)
    assert titles(box) == ["a"]


def test_at_most_five_are_shown(box: Box) -> None:
    publish(box, *(notice(str(day), day) for day in range(10, 17)))
    assert titles(box) == ["16", "15", "14", "13", "12"]


def test_the_same_notice_again_replaces_the_first_whichever_arrives_first(box: Box) -> None:
    hub = Stream()
    first, second = (hub.writes(notice(title), "notice:7") for title in ("旧", "新"))
    tell(box, second)
    tell(box, first)
    assert titles(box) == ["新"]


def test_a_notice_written_by_a_station_is_never_shown(box: Box, tmp_path: Path) -> None:
    other = make_box(tmp_path, code="LX02")
    with other.journal.store.use():
        other.journal.record(notice("伪"), subject="notice:9", actor="cli")
    tell(box, *events_of(other))
    assert states_of(box, "notice.published") == ["exception"]
    assert titles(box) == []
