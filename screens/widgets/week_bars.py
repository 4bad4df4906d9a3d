"""Seven bars, one a day of the last week, over the days' letters: how many came, in one glance."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from kiosk.views import DayCount
from screens.language import _

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
"""A cell filled from below, in eighths."""


class WeekBars(Static, inherit_bindings=False):
    """Bars of the last seven days; today's is bright. The highest day fills the height.

    Args:
        rows: of the bars, without the letters beneath.
        column: cells of a day, with the gap behind its bar; at least 2.
        id: the widget's id.
    """

    def __init__(self, rows: int, column: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("", id=id)
        self._rows = rows
        self._column = column
        self._shown: tuple[tuple[DayCount, ...], str] | None = None

    def show(self, week: tuple[DayCount, ...]) -> None:
        """Show other counts; draws only when something changed."""
        letters = _("MTWTFSS")
        if (week, letters) != self._shown:
            self._shown = (week, letters)
            self.update(self._words(week, letters))

    def _words(self, week: Sequence[DayCount], letters: str) -> Content:
        if not week:
            return Content("")
        heights = bar_heights([one.riders for one in week], self._rows)
        lines = []
        for row in reversed(range(self._rows)):
            cells = [EIGHTHS[min(8, max(0, height - 8 * row))] * (self._column - 1) + " " for height in heights]
            lines.append(_today_bright("".join(cells[:-1]), cells[-1]))
        names = [_letter(one.day, letters, self._column) for one in week]
        lines.append(_today_bright("".join(names[:-1]), names[-1]))
        return Content("\n").join(lines)


def bar_heights(counts: Sequence[int], rows: int) -> list[int]:
    """How high each bar is, in eighths of a cell; whoever came at all shows, and nobody shows as nothing."""
    most = max(counts, default=0)
    return [0 if not count else max(1, round(8 * rows * count / most)) for count in counts]


def _letter(day: date, letters: str, column: int) -> str:
    letter = letters[day.weekday()]
    return letter + " " * (column - cell_len(letter))


def _today_bright(before: str, today: str) -> Content:
    return Content.assemble((before, "$ink-soft"), (today, "bold $red"))
