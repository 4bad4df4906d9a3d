"""What every screen of the station has: header, body, footer, and the hooks the app calls."""

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

from textual import on
from textual.containers import Container
from textual.events import Event, Resize, ScreenResume
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widget import Widget

from kiosk.facade import StationFacade
from kiosk.views import Outcome
from screens.language import N_, _, n_
from screens.styles import ROOM_STYLES
from screens.widgets.footer import Footer
from screens.widgets.header import Header
from screens.widgets.tile import Tile
from screens.words import station_warning

if TYPE_CHECKING:
    from screens.app import KioskApp

T = TypeVar("T")

STANDARD_SIZE = (112, 31)
"""Columns and rows of a 1080p screen; anything smaller gets the compact layout, drawn for 80x24."""


class StationScreen(Screen[None], inherit_bindings=False):
    """Header, body slot and footer.

    A subclass yields its widgets from `compose_body` and draws what the station tells in `state_changed`. It must be
    cheap to build (few widgets): a tap shows it within a frame or two. Style sheets stand in `screens/*.tcss`, never
    in the class; the app has read them when the first frame is out, so that nothing is parsed when a screen opens.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = list(ROOM_STYLES)

    heading: ClassVar[str] = ""
    """What the screen is about (a message id), shown beside the station's name."""

    needs_visitor: ClassVar[bool] = True
    """Whether the screen closes when nobody is identified any more."""

    back_words: ClassVar[str] = N_("Back")
    """Words of the back tile (a message id); empty for no tile."""

    @property
    def kiosk(self) -> "KioskApp":
        """The app, typed."""
        return cast("KioskApp", self.app)

    @property
    def station(self) -> StationFacade:
        """The station behind the screens."""
        return self.kiosk.station

    @property
    def compact(self) -> bool:
        """Whether the terminal is smaller than 112x31, so that the 80x24 layout is drawn."""
        size = self.app.size
        return size.width < STANDARD_SIZE[0] or size.height < STANDARD_SIZE[1]

    @property
    def half_done(self) -> bool:
        """Whether somebody has begun something here that would be lost with the screen.

        A rider's card then does not destroy it, as it does all else: the greeting stands over it.
        """
        return False

    @property
    def going(self) -> bool:
        """Whether the screen was closed before its widgets were there: then there is nothing to draw on."""
        return self._pruning or not self.children

    def call_after_refresh(self, callback: Callable[..., object], *args: object, **kwargs: object) -> bool:
        """Textual's own, except that nothing is called on a screen that was closed meanwhile."""

        def unless_going() -> object:
            return None if self.going else callback(*args, **kwargs)

        return super().call_after_refresh(unless_going)

    async def on_event(self, event: Event) -> None:
        """A screen closed before it was drawn does not come up: its handlers would look for widgets in vain."""
        if not (isinstance(event, ScreenResume) and self.going):
            await super().on_event(event)

    def compose(self) -> Iterable[Widget]:
        """Header, body, footer."""
        self.set_class(self.compact, "-compact")
        yield Header(self.station.settings.station.name, _(self.heading), self.kiosk.clock_words())
        yield Container(*self.compose_body(), id="body")
        yield Footer(_(self.back_words), *self.compose_footer())
        yield from self.kiosk.under_footer()

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between header and footer."""
        return ()

    def compose_footer(self) -> Iterable[Widget]:
        """The widgets at the right end of the footer."""
        return ()

    def on_mount(self) -> None:
        """Draw what the station says now."""
        if not self.going:
            self.show_footer()
            self.state_changed()

    def on_resize(self, event: Resize) -> None:
        """Take the layout that fits; the sizes are the terminal's."""
        self.set_class(
            event.size.width < STANDARD_SIZE[0] or event.size.height < STANDARD_SIZE[1],
            "-compact",
        )

    def state_changed(self) -> None:
        """Slots, devices, sync or counts changed, or the screen came up: draw them anew. Must be cheap."""

    def takes(self, outcome: Outcome) -> bool:  # noqa: ARG002 - for subclasses
        """Whether this screen shows what came of a scan itself; no outcome is shown over it then."""
        return False

    def tick(self) -> None:
        """A second passed; the active screen alone is told. Subclasses call `super().tick()`."""
        self.query_one(Header).show_time(self.kiosk.clock_words())
        self.show_footer()

    def again(self) -> Self:
        """A fresh copy of this screen, to be shown in another language."""
        return type(self)()

    def idle_seconds(self) -> float:
        """How long nobody may touch this screen before it is cleared, s."""
        return self.station.settings.screen.idle_s

    def go_back(self) -> None:
        """The back tile was tapped: one screen back."""
        self.kiosk.back()

    def show_footer(self) -> None:
        """The countdown before the screen is cleared, or else a fault, or else nothing."""
        footer = self.query_one(Footer)
        left = self.kiosk.countdown()
        if left is not None:
            words = n_(
                "This screen clears in {n} second. Touch to stay.",
                "This screen clears in {n} seconds. Touch to stay.",
                left,
            )
            footer.say(words.format(n=left), "-countdown")
        else:
            footer.say(station_warning(self.station), "-warning")

    def ask(self, request: Coroutine[Any, Any, T], then: Callable[[T], None]) -> None:
        """Ask the station something, and draw the answer if this screen is still there.

        The request runs to its end even when the screen is cleared meanwhile: half a start or stop would be worse. An
        error in it is logged and told in plain words by the app. Under the greeting of a rider who interrupted, the
        answer waits until that is closed: what it opens would come between the two.

        Args:
            request: such as `self.station.charging.book("3")`.
            then: called with the answer on this screen.
        """
        kiosk = self.kiosk

        async def answer() -> None:
            result = await request
            await kiosk.undisturbed()
            if self.is_attached and self.is_running and not self.going:
                then(result)

        kiosk.run_worker(answer(), group="requests", exit_on_error=False)

    @on(Tile.Pressed, "#back")
    def _back_pressed(self) -> None:
        self.go_back()

    @on(Tile.Pressed, "#language")
    def _language_pressed(self) -> None:
        self.kiosk.change_language()
