"""Hours of the day: both edges, and over midnight."""

from datetime import datetime, timedelta, timezone

import pytest

from kiosk.hours import Hours

ZONE = timezone(timedelta(hours=8))


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of a day at the place."""
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=ZONE)


def test_the_first_minute_is_within_and_the_last_is_not() -> None:
    hours = Hours.parse("06:00-23:00")
    assert [hours.include(at(*when)) for when in ((5, 59, 59), (6, 0), (22, 59, 59), (23, 0))] == [
        False,
        True,
        True,
        False,
    ]


def test_hours_may_pass_midnight() -> None:
    hours = Hours.parse("20:30-06:00")
    assert [hours.include(at(*when)) for when in ((20, 29), (20, 30), (0, 0), (5, 59), (6, 0))] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_their_end_is_today_or_tomorrow() -> None:
    assert Hours.parse("06:00-23:00").end_after(at(12)) == at(23)
    assert Hours.parse("20:30-06:00").end_after(at(21)) == at(6) + timedelta(days=1)
    assert Hours.parse("06:00-00:00").end_after(at(12)) == at(0) + timedelta(days=1)


@pytest.mark.parametrize("text", ["6-23", "06:00-24:00", "06:60-23:00", "06:00-06:00", "06:00 - 23:00", "always"])
def test_anything_else_is_not_understood(text: str) -> None:
    with pytest.raises(ValueError, match=text.split("-", maxsplit=1)[0]):
        Hours.parse(text)
