"""What the board says about the sync when something is wrong with it."""

from dataclasses import replace
from datetime import UTC, datetime

from screens.language import set_language
from screens.staff_devices import sync_lines
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation


def lines(**facts: object) -> str:
    """The lines with these facts, in English."""
    set_language("en")
    station = FakeStation(VirtualClock())
    station.sync = replace(station.sync, **facts)  # type: ignore[arg-type]
    try:
        return "\n".join(sync_lines(station, VirtualClock()))
    finally:
        set_language("zh")


def test_nothing_more_than_usual_is_said_while_all_is_well() -> None:
    assert "▲" not in lines()
    assert "█" not in lines()


def test_a_gap_here_or_at_the_hub_is_said_with_its_beginning() -> None:
    since = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    local = f"{since.astimezone():%m-%d %H:%M}"
    assert f"Restored: records since {local} may be missing" in lines(gap_since=since)
    assert f"The hub was restored: its records since {local} may be missing" in lines(hub_gap_since=since)


def test_a_long_backlog_shows_how_far_it_has_drained() -> None:
    assert "█████░░░░░░░░░░░░░░░ 25%" in lines(pending=750, backlog=1000)
    assert "░" not in lines(pending=3, backlog=5)


def test_a_clock_that_cannot_be_believed_is_said() -> None:
    assert "The clock cannot be believed yet" in lines(clock_trusted=False)
