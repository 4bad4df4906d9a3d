"""Opening hours as people write them."""

from datetime import datetime, timedelta, timezone

import pytest

from kiosk.opening import OpeningHours

ZONE = timezone(timedelta(hours=8))
WEEK = "Mo-Fr 06:00-12:00, 14:00-22:00; Sa,Su 08:00-20:00"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week whose Monday is the 23rd."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(24, 6), True),
        (at(24, 12), False),
        (at(24, 14), True),
        (at(24, 22), False),
        (at(28, 7, 59), False),
        (at(28, 8), True),
        (at(29, 20), False),
    ],
)
def test_the_door_is_open_within_any_of_the_days_hours(moment: datetime, is_open: bool) -> None:
    assert OpeningHours.parse(WEEK).include(moment) is is_open


@pytest.mark.parametrize(
    "text",
    [
        "06:00–23:00",
        "06:00 — 23:00",
        "06:00~23:00",
        "周一至周日 06:00-23:00",
        "Su-Sa 06:00-23:00",
        "周一-周日 06：00至23：00",
    ],
)
def test_dashes_and_days_may_be_what_riders_read(text: str) -> None:
    hours = OpeningHours.parse(text)
    assert [hours.include(at(25, hour)) for hour in (5, 6, 22, 23)] == [False, True, True, False]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    hours = OpeningHours.parse("Fr 20:00-02:00")
    assert [hours.include(at(*when)) for when in ((27, 21), (28, 1), (28, 2), (28, 21), (27, 1))] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_next_closing_is_told() -> None:
    hours = OpeningHours.parse(WEEK)
    assert hours.end_after(at(24, 7)) == at(24, 12)
    assert hours.end_after(at(24, 22)) == at(25, 12)
    assert hours.end_after(at(27, 23)) == at(28, 20)
    assert OpeningHours.parse("06:00-12:00, 12:00-22:00").end_after(at(24, 7)) == at(24, 22)


@pytest.mark.parametrize("text", ["always", "6-22", "Mo-Xx 06:00-22:00", "Mo 06:00-25:00", ";", "06:00-22:00 daily"])
def test_anything_else_is_not_understood(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        OpeningHours.parse(text)


def test_a_door_may_be_open_all_day_and_all_night() -> None:
    hours = OpeningHours.parse("00:00–24:00")
    assert all(hours.include(at(24, hour, minute)) for hour in range(24) for minute in (0, 59))
    assert not OpeningHours.parse("Tu 20:00-24:00").include(at(25, 0))
    assert OpeningHours.parse("Tu 20:00-24:00").include(at(24, 23, 59))
