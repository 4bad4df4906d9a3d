"""The charging screen's panel as widgets: every one is there from the start and updated in place."""

from collections.abc import Iterable
from typing import Final

from textual.containers import Vertical
from textual.events import Resize
from textual.widget import Widget

from screens.charging_choice import Reach
from screens.charging_scene import Offer, Panel
from screens.language import _
from screens.widgets.choice_bar import ChoiceBar
from screens.widgets.figure import Figure
from screens.widgets.power_curve import PowerCurve
from screens.widgets.progress import Progress
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile

ROOMY: Final = {False: 23, True: 17}
"""Rows of the panel that leave room for air, by whether the layout is the compact one."""

LOOKS: Final = ("-available", "-reserved", "-charging", "-waiting", "-faulted", "-unavailable", "-call")
"""Style classes that a heading may have."""


class PanelView(Vertical, inherit_bindings=False):
    """A `Panel` on the screen.

    Args:
        reach: the most that can be chosen before a start.
    """

    def __init__(self, reach: Reach) -> None:
        super().__init__(id="panel")
        self.panel = Panel("")
        self._heading = Prose(classes="panel-heading")
        self._figure = Figure(classes="panel-figure")
        self._progress = Progress(classes="panel-progress")
        self._lines = Prose(classes="panel-lines")
        self._curve_words = Prose(classes="panel-curve-words")
        self._curve = PowerCurve(classes="panel-curve")
        self._alert = Prose(classes="panel-alert")
        self._choice = ChoiceBar(reach, id="choice")
        self._main = Tile("", id="main-offer", classes="-main")
        self._other = Tile("", id="other-offer")
        self._more = Tile("", id="more-offer")

    def compose(self) -> Iterable[Widget]:
        """Words above, tiles at the foot."""
        with Vertical(classes="panel-words"):
            yield self._heading
            yield self._alert
            yield self._figure
            yield self._progress
            yield self._lines
            yield self._curve_words
            yield self._curve
        yield self._choice
        yield self._main
        yield self._other
        yield self._more

    def on_resize(self, event: Resize) -> None:
        """Give up air where a line under the footer takes rows away."""
        self.set_class(event.size.height < ROOMY[self.screen.has_class("-compact")], "-tight")

    def show(self, panel: Panel, *, busy: bool) -> None:
        """Show a panel.

        Args:
            panel: what to say and offer.
            busy: a request is under way: the tiles take no taps.
        """
        self.panel = panel
        self._heading.say(panel.heading)
        for look in LOOKS:
            self._heading.set_class(look == panel.look, look)
        self._figure.show(panel.figure, panel.unit)
        self._progress.show(panel.progress, panel.progress_words)
        self._lines.say("\n".join(panel.lines))
        self._curve_words.say(panel.curve_words)
        self._curve.show(panel.curve)
        self._alert.say(panel.alert)
        self._alert.set_class(panel.other is None and panel.choice is None and panel.progress is None, "-roomy")
        self._choice.show(panel.choice, busy=busy)
        _offer(self._main, panel.main, busy=busy)
        _offer(self._other, panel.other, busy=busy)
        _offer(self._more, panel.more, busy=busy)
        self._main.set_class(panel.main is not None and panel.main.danger, "-danger")
        # Much to tap and much to say: the air goes first.
        self.set_class(panel.choice is not None and bool(panel.figure), "-full")


def _offer(tile: Tile, offer: Offer | None, *, busy: bool) -> None:
    tile.display = offer is not None
    if offer is None:
        return
    if busy:
        tile.say(_("One moment…"), enabled=False)
    else:
        tile.say(offer.words, offer.beneath)
