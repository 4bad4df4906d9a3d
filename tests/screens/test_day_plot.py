"""The station's power over a day, drawn in cells."""

import pytest
from rich.cells import cell_len

from screens.widgets.day_plot import DAY_MINUTES, SCALE_ROOM, columns, plot, scale, step_for

ROOM = SCALE_ROOM + 1
"""Cells left of the first column."""


@pytest.mark.parametrize(("width", "step"), [(300, 5), (150, 10), (102, 15), (72, 20), (50, 30), (30, 60), (3, 60)])
def test_columns_stand_for_as_few_minutes_as_there_is_room_for(width: int, step: int) -> None:
    """Each step divides three hours, so that hours meet columns."""
    assert step_for(width) == step
    assert 180 % step == 0


@pytest.mark.parametrize(("peak", "top"), [(0, 100), (99, 100), (101, 150), (1395, 1500), (1500, 1500), (3300, 4000)])
def test_the_scale_ends_at_a_round_number_above_the_peak(peak: float, top: int) -> None:
    """Never below 100 W, so that a lamp does not fill the plot."""
    assert scale(peak) == top


def test_a_column_is_as_high_as_the_highest_minute_that_is_known() -> None:
    """What is not known is no 0, and no peak is averaged away."""
    found = columns([100.0] + [20.0] * 9 + [None] * 5 + [None] * 15, 96)
    assert (found[0].watts, found[0].past) == (100.0, True)
    assert (found[1].watts, found[1].past) == (None, True)
    assert (found[2].watts, found[2].past) == (None, False)
    assert len(found) == 96


def test_unknown_nothing_and_a_little_look_different() -> None:
    """Three columns of a quarter of an hour."""
    lowest = plot([0.0] * 15 + [None] * 15 + [1.0] * 15 + [90.0] * 15, 96 + ROOM, 8)[-3]
    assert lowest[ROOM : ROOM + 5] == " ░▁█ "


def test_the_highest_column_reaches_its_value() -> None:
    """Half of the scale is half of the rows."""
    rows = plot([50.0] * 15 + [100.0] * 15, 96 + ROOM, 10)
    first, second = ([row[ROOM + place] for row in rows[:8]] for place in (0, 1))
    assert first == [" "] * 4 + ["█"] * 4
    assert second == ["█"] * 8
    assert rows[0].startswith("  100┤")
    assert rows[4].startswith("   50┤")
    assert rows[8].startswith("    0└")


@pytest.mark.parametrize("width", [106, 76])
def test_hours_stand_under_their_marks(width: int) -> None:
    """Every three hours."""
    rows = plot([], width, 8)
    for hour in range(0, 24, 3):
        place = rows[-1].index(f"{hour}:00")
        assert rows[-2][place] == "┬"
    assert all(cell_len(row) <= width for row in rows)


def test_a_whole_day_fits_and_an_empty_one_is_drawn() -> None:
    """Axis and hours always stand."""
    for minutes in ((), (800.0,) * DAY_MINUTES, (None,) * DAY_MINUTES):
        rows = plot(minutes, 80, 6)
        assert len(rows) == 6
        assert all(cell_len(row) <= 80 for row in rows)
