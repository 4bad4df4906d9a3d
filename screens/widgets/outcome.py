"""The picture and words of an outcome: what a tired rider sees in one glance."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.widgets import Static

from screens.widgets.big import big
from screens.wrapping import wrap


class Tone(StrEnum):
    """How an outcome feels; told by colour, by shape and by words."""

    GOOD = "good"
    AGAIN = "again"
    """It was done before: nothing is wrong, and nothing new."""
    CAREFUL = "careful"
    BAD = "bad"
    ATTENTION = "attention"
    """Somebody left word."""


SHAPES: Final = {
    Tone.GOOD: (0x01, 0x03, 0x06, 0x0C, 0x98, 0xF0, 0x60, 0x00),
    Tone.AGAIN: (0x00, 0x01, 0x4B, 0xD6, 0xBC, 0x18, 0x10, 0x00),
    Tone.ATTENTION: (0xFF, 0xC3, 0xA5, 0x99, 0x81, 0x81, 0xFF, 0x00),
    Tone.CAREFUL: (0x18, 0x18, 0x18, 0x18, 0x18, 0x00, 0x18, 0x18),
    Tone.BAD: (0xC3, 0xE7, 0x7E, 0x3C, 0x3C, 0x7E, 0xE7, 0xC3),
}
"""A tick, two ticks, a letter, an exclamation mark, a cross, in 8x8 dots, in blocks: every font has them alike."""


class Telling(Struct, frozen=True):
    """An outcome in words of the language spoken now."""

    tone: Tone
    headline: str
    lines: tuple[str, ...] = ()
    banner: str = ""
    """A very short form of it in characters that `big` has at 16 dots, drawn where there is room; empty for none."""


class OutcomePanel(Static, inherit_bindings=False):
    """Shape, headline and lines, in the tone's colours. One widget: it is on the way from scan to frame.

    Args:
        room: the space that it will have; when it comes out otherwise, it is drawn a second time.
    """

    def __init__(self, room: Size) -> None:
        self.telling: Telling | None = None
        self._room = room
        super().__init__("", id="outcome", classes=f"-{Tone.GOOD}")  # the most frequent one

    def show(self, telling: Telling) -> None:
        """Show an outcome."""
        self.telling = telling
        self.set_classes(f"-{telling.tone}")
        self.update(self._words(telling), layout=False)  # its place is what the style sheet leaves

    def on_resize(self, event: Resize) -> None:
        """Draw anew for another space."""
        if event.size != self._room:
            self._room = event.size
            if self.telling is not None:
                self.update(self._words(self.telling))

    def _words(self, telling: Telling) -> Content:
        width = max(20, self._room.width - 4)
        words = [Content.styled(line, "bold") for line in wrap(telling.headline, width)]
        details = [Content(piece) for line in telling.lines for piece in wrap(line, width)]
        if details:
            words += [Content(""), *details]
        picture = [Content.styled(row, "bold") for row in self._picture(telling, self._room.height - len(words) - 1)]
        return Content("\n").join([*picture, Content(""), *words])

    def _picture(self, telling: Telling, rows: int) -> Iterable[str]:
        """The shape as large as `rows` allow, beside the banner where both find room."""
        if rows < 8:
            return _shape(telling.tone, 1)
        shape = _shape(telling.tone, 2)
        if not telling.banner:
            return shape
        beside = [f"{left}   {right}" for left, right in zip(shape, big(telling.banner, 16).split("\n"), strict=True)]
        return beside if len(beside[0]) <= self._room.width - 4 else shape


def _shape(tone: Tone, scale: int) -> list[str]:
    """Half blocks; at scale 1 it is 8 cells wide and 4 high."""
    dots = [row for row in SHAPES[tone] for _copy in range(scale)]
    return [_half_blocks(upper, lower, scale) for upper, lower in zip(dots[::2], dots[1::2], strict=True)]


def _half_blocks(upper: int, lower: int, scale: int) -> str:
    return "".join(" ▀▄█"[(upper >> bit & 1) + 2 * (lower >> bit & 1)] * scale for bit in reversed(range(8)))
