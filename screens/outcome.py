"""What came of a scan, over whatever was open: a shape, a colour, and few words."""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import events, on
from textual.containers import Horizontal
from textual.geometry import Size
from textual.widget import Widget

from kiosk.views import CheckedIn, Outcome
from screens.base import StationScreen
from screens.language import _
from screens.outcome_words import tell
from screens.widgets.outcome import OutcomePanel, Telling
from screens.widgets.tile import Tile


class OutcomeScreen(StationScreen):
    """Shown until it is tapped or for `screen.outcome_s`.

    Args:
        outcome: what the station said.
    """

    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = ""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome
        self._opened_at = 0.0

    def compose_body(self) -> Iterable[Widget]:
        """The picture and words, "go on", and "not me" on a greeting."""
        yield OutcomePanel(self._telling(), self._room())
        tiles = [Tile(_("Go on"), id="go-on", classes="-main")]
        if isinstance(self.outcome, CheckedIn):
            tiles.append(Tile(_("This is not me"), id="not-me"))
        yield Horizontal(*tiles, id="answers")

    def on_mount(self) -> None:
        """The time it may stay begins when it is shown."""
        self._opened_at = self.kiosk.clock.monotonic()

    def tick(self) -> None:
        """Close when it was shown for long enough."""
        super().tick()
        if self.kiosk.clock.monotonic() - self._opened_at >= self.station.settings.screen.outcome_s:
            self.close()

    def close(self) -> None:
        """Go on to where the rider is wanted: home after a greeting, else where they were."""
        self.kiosk.close_outcome()

    def again(self) -> Self:
        """The same outcome, in another language."""
        return type(self)(self.outcome)

    def _room(self) -> Size:
        """What the style sheet leaves for the panel: all but header, footer, answers and margins."""
        width, height = self.app.size
        return Size(width - 2, height - 9) if self.compact else Size(width - 4, height - 14)

    def _telling(self) -> Telling:
        return tell(self.outcome, self.station.settings.station.zone)

    def on_click(self, event: events.Click) -> None:
        """A tap anywhere closes it."""
        event.stop()
        self.close()

    @on(Tile.Pressed, "#go-on")
    def _go_on(self) -> None:
        self.close()

    @on(Tile.Pressed, "#not-me")
    def _not_me(self) -> None:
        self.kiosk.not_me()
