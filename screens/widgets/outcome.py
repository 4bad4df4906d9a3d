"""The picture and words of an outcome: what a tired rider sees in one glance."""

from dataclasses import dataclass
from enum import StrEnum

from textual.content import Content
from textual.widgets import Static

from screens.wrapping import wrap


class Tone(StrEnum):
    """How an outcome feels; told by colour, by shape and by words."""

    GOOD = "good"
    CAREFUL = "careful"
    BAD = "bad"


SHAPES = {
    Tone.GOOD: ("      ▄█", "    ▄█▀ ", "▀▄▄█▀   ", "  ▀▀    "),
    Tone.CAREFUL: ("   ▄▄   ", "   ██   ", "   ▀▀   ", "   ██   "),
    Tone.BAD: ("▀▄    ▄▀", "  ▀▄▄▀  ", "  ▄▀▀▄  ", "▄▀    ▀▄"),
}
"""A tick, an exclamation mark, a cross; drawn in blocks so that every font has them alike."""


@dataclass(frozen=True, slots=True)
class Telling:
    """An outcome in words of the language spoken now."""

    tone: Tone
    headline: str
    lines: tuple[str, ...] = ()


class OutcomePanel(Static, inherit_bindings=False):
    """Shape, headline and lines, in the tone's colours. One widget: it is on the way from scan to frame.

    Args:
        telling: what to show.
    """

    def __init__(self, telling: Telling) -> None:
        super().__init__(id="outcome", classes=f"-{telling.tone}")
        self.telling = telling

    def on_resize(self) -> None:
        """Words are wrapped to the width that there is."""
        self.update(self._words(max(20, self.size.width - 4)))

    def _words(self, width: int) -> Content:
        lines = [Content.styled(row, "bold") for row in SHAPES[self.telling.tone]]
        lines.append(Content(""))
        lines += [Content.styled(line, "bold") for line in wrap(self.telling.headline, width)]
        for line in self.telling.lines:
            lines += [Content(piece) for piece in wrap(line, width)]
        return Content("\n").join(lines)
