"""A finger that comes down twice: the second tap is meant for what stood there at the first."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct
from textual.app import App
from textual.errors import NoWidget
from textual.events import MouseDown
from textual.geometry import Region

from screens.errors import ScreenEnd
from screens.widgets.tile import Tile

TWICE_S: Final = 0.5
"""Two taps closer than this are one person's one wish: nobody reads a new button and answers it so soon. Ours; the
time that desktops take for a double click."""


class _Target(Struct, frozen=True):
    """What a finger came down on."""

    screen: str
    kind: str
    id: str
    title: str


class SecondTaps:
    """Tells a second tap on a place whose button has changed since the first.

    "Book" becomes "give up" under the finger that booked: gloves bounce, and people in a hurry tap twice. The same key
    of a pad may be tapped as fast as anybody can.

    Args:
        app: whose screens are tapped.
        clock: monotonic s.
    """

    def __init__(self, app: "App[ScreenEnd]", clock: Callable[[], float]) -> None:
        self._app = app
        self._clock = clock
        self._target: _Target | None = None
        self._region = Region()
        self._until = 0.0

    def is_one(self, event: MouseDown) -> bool:
        """Whether a finger that comes down is to be passed over; it is taken note of."""
        now = self._clock()
        target, region = self._under(event.x, event.y)
        if now < self._until and self._region.contains(event.x, event.y) and target != self._target:
            self._until = now + TWICE_S
            return True
        self._target, self._region, self._until = target, region, now + TWICE_S
        return False

    def _under(self, x: int, y: int) -> tuple[_Target | None, Region]:
        try:
            widget, region = self._app.get_widget_at(x, y)
        except NoWidget:
            return None, Region()
        title = widget.title if isinstance(widget, Tile) else ""
        return _Target(type(self._app.screen).__name__, type(widget).__name__, widget.id or "", title), region
