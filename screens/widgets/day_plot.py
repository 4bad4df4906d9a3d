"""The power of the station over a day, as bars on an axis of hours; every word stands outside, under or beside it."""

from collections.abc import Sequence
from math import ceil, log10
from typing import ClassVar, Final, NamedTuple

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.widgets.power_curve import EIGHTHS

DAY_MINUTES: Final = 24 * 60

STEPS: Final = (5, 10, 15, 20, 30, 60)
"""Minutes that a column may stand for: they divide three hours, so that hour marks meet columns."""

MARKED_HOURS: Final = 3
"""Hours between two marks of the axis."""

ROUND: Final = (10, 15, 20, 30, 40, 50, 60, 80, 100)
"""Tenths of a power of ten that make a round number."""

UNKNOWN: Final = "░"
"""A column in which a session ran and no minute was measured: not the same as nothing."""

SCALE_ROOM: Final = 5
"""Cells left of the axis: five digits, for no station's sockets draw 100 kW."""


class Column(NamedTuple):
    """A few minutes of the day."""

    watts: float | None
    """Power of the highest minute that is known, W; None when there is no such minute."""
    past: bool
    """False for minutes that are still to come."""


def columns(minutes: Sequence[float | None], width: int) -> list[Column]:
    """The day in as many columns as fit, each for equally many minutes.

    Args:
        minutes: mean W per minute from midnight on; None where it is not known. Missing ones are still to come.
        width: cells from left to right.
    """
    step = step_for(width)
    found = []
    for start in range(0, DAY_MINUTES, step):
        known = [watts for watts in minutes[start : start + step] if watts is not None]
        found.append(Column(max(known, default=None), start < len(minutes)))
    return found


def step_for(width: int) -> int:
    """How many minutes a column stands for when there are `width` cells for the day."""
    return next((step for step in STEPS if DAY_MINUTES // step <= width), STEPS[-1])


def scale(peak: float) -> int:
    """The highest value of the axis, W: a round number not below the peak nor below 100 W."""
    peak = max(100.0, peak)
    power: int = 10 ** int(log10(peak))
    return next(tenths * power // 10 for tenths in ROUND if tenths * power >= 10 * peak)


def plot(minutes: Sequence[float | None], width: int, height: int) -> list[str]:
    """The rows of the picture: bars with the scale at the left, the axis, and the hours under it.

    Args:
        minutes: mean W per minute from midnight on; None where it is not known.
        width: cells of a row.
        height: rows in all, axis and hours included.
    """
    day = columns(minutes, width - SCALE_ROOM - 1)
    rows = max(1, height - 2)
    top = scale(max((column.watts or 0.0 for column in day), default=0.0))
    labels = {rows: str(top)}
    if rows >= 4 and rows % 2 == 0:
        labels[rows // 2] = str(top // 2)
    picture = []
    for row in range(rows, 0, -1):
        cells = "".join(_cell(column, row, rows, top) for column in day)
        picture.append(f"{labels.get(row, ''):>{SCALE_ROOM}}{'┤' if row in labels else '│'}{cells}")
    return [*picture, _axis(len(day)), _hours(len(day))]


def _cell(column: Column, row: int, rows: int, top: int) -> str:
    if column.watts is None:
        return UNKNOWN if column.past and row == 1 else " "
    height = ceil(column.watts / top * rows * 8 - 0.5) if column.watts > 0 else 0
    if column.watts > 0:
        height = max(1, height)  # a little must not look like nothing
    return EIGHTHS[min(8, max(0, height - (row - 1) * 8))]


def _axis(day: int) -> str:
    apart = day * MARKED_HOURS // 24
    return f"{0:>{SCALE_ROOM}}└" + "".join("┬" if place % apart == 0 else "─" for place in range(day))


def _hours(day: int) -> str:
    apart = day * MARKED_HOURS // 24
    words = "".join(f"{hour}:00".ljust(apart) for hour in range(0, 24, MARKED_HOURS))
    return " " * (SCALE_ROOM + 1) + words.rstrip()


class DayPlot(Widget, inherit_bindings=False):
    """The station's power from midnight to midnight.

    Args:
        id: the widget's id.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.minutes: tuple[float | None, ...] = ()

    def show(self, minutes: tuple[float | None, ...]) -> None:
        """Draw another day: mean W per minute from midnight on, None where it is not known."""
        if minutes != self.minutes:
            self.minutes = minutes
            self.refresh()

    def render(self) -> Content:
        """The bars for the room there is."""
        width, height = self.content_size
        rows = plot(self.minutes, width, height)
        return Content("\n").join([*(Content.styled(row, "$charging") for row in rows[:-2]), *map(Content, rows[-2:])])

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width
