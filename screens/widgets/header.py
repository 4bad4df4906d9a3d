"""The top line of every screen: the station's name, the clock, the language button."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from screens.language import language
from screens.widgets.tile import Tile


class Header(Horizontal, inherit_bindings=False):
    """Station name and heading, clock, language button.

    Args:
        station: the station's name, shown as it is.
        heading: what this screen is about; empty for none.
        clock: the time shown first, HH:MM.
    """

    def __init__(self, station: str, heading: str, clock: str) -> None:
        super().__init__(id="header")
        self._title = Static(f"{station}  {heading}".rstrip(), id="station-name", markup=False)
        self._clock = Static(clock, id="clock", markup=False)
        self._shown = clock

    def compose(self) -> Iterable[Widget]:
        """Three widgets in a row."""
        yield self._title
        yield self._clock
        yield Tile(_button_words(), id="language", classes="-quiet")

    def translate(self) -> None:
        """Name the other language on the button."""
        self.query_one("#language", Tile).say(_button_words())

    def show_time(self, clock: str) -> None:
        """Show another time, HH:MM; draws only when it changed."""
        if clock != self._shown:
            self._shown = clock
            self._clock.update(clock)


def _button_words() -> str:
    """The other language in its own words: who needs it cannot read this one."""
    return "English" if language() == "zh" else "中文"
