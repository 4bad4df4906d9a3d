"""The power of a session over its minutes, as bars of blocks."""

from collections.abc import Sequence
from math import ceil
from typing import ClassVar, Final

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
"""A cell filled from below by eighths."""

WIDEST_BAR: Final = 4
"""Cells of a bar at most, so that the first minutes do not look like a wall."""


def squeeze(samples: Sequence[float], columns: int) -> list[float]:
    """At most `columns` values, each the mean of equally many neighbours; the last may stand for fewer.

    Args:
        samples: mean W per minute, oldest first.
        columns: how many bars there is room for, at least 1.
    """
    per_bar = max(1, ceil(len(samples) / max(1, columns)))
    groups = [samples[start : start + per_bar] for start in range(0, len(samples), per_bar)]
    return [sum(group) / len(group) for group in groups]


def bars(samples: Sequence[float], columns: int, rows: int) -> list[str]:
    """The curve in cells, highest row first; scaled to its own peak.

    A minute with any power at all keeps a mark of an eighth, so that "a little" never looks like "nothing".

    Args:
        samples: mean W per minute, oldest first.
        columns: cells from left to right.
        rows: cells from top to bottom.
    """
    values = squeeze(samples, columns)
    peak = max(values, default=0.0)
    if not values or peak <= 0 or rows < 1:
        return [" " * columns for _ in range(max(0, rows))]
    wide = min(WIDEST_BAR, max(1, columns // len(values)))
    heights = [max(1 if value > 0 else 0, round(value / peak * rows * 8)) for value in values]
    picture: list[str] = []
    for row in range(rows, 0, -1):
        cells = [EIGHTHS[min(8, max(0, height - (row - 1) * 8))] * wide for height in heights]
        picture.append("".join(cells).ljust(columns)[:columns])
    return picture


class PowerCurve(Widget, inherit_bindings=False):
    """Bars without words: captions stand outside, where a column is a column.

    Args:
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self.samples: tuple[float, ...] = ()
        self.display = False

    def show(self, samples: tuple[float, ...]) -> None:
        """Draw other samples (mean W per minute, oldest first); none takes no room."""
        if samples != self.samples:
            self.samples = samples
            self.display = bool(samples)
            self.refresh()

    def render(self) -> Content:
        """The bars for the room there is."""
        return Content("\n".join(bars(self.samples, self.content_size.width, self.content_size.height)))

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width
