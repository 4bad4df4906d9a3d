"""What every page of the volunteers' board has: the screen behind it, and the hooks the screen calls."""

from typing import cast

from textual.containers import Vertical

from kiosk.facade import StationFacade
from screens.asking import AskingScreen


class BoardPage(Vertical, inherit_bindings=False):
    """One page of the board; only the one on top is told anything."""

    @property
    def board(self) -> AskingScreen:
        """The screen that this page stands on."""
        return cast("AskingScreen", self.screen)

    @property
    def station(self) -> StationFacade:
        """The station behind the screens."""
        return self.board.station

    def on_mount(self) -> None:
        """On top for the first time."""
        self.load()
        self.draw()

    def load(self) -> None:
        """The page came on top: ask the station for what it shows; nothing, unless a page says what."""

    def draw(self) -> None:
        """Slots, devices or sync changed: draw them in place. Must be cheap."""

    def second(self) -> None:
        """A second passed."""

    def overview(self) -> None:
        """The tab of the page on top was tapped again: back to its beginning."""
