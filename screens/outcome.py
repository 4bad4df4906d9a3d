"""What came of a scan, over whatever was open: a shape, a colour, and few words."""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import events, on
from textual.containers import Horizontal
from textual.geometry import Size
from textual.widget import Widget

from kiosk.views import CheckedIn, LoanRefused, Outcome
from screens import rooms
from screens.ahead import ReadyScreen
from screens.language import _
from screens.outcome_words import tell
from screens.widgets.header import Header
from screens.widgets.outcome import OutcomePanel
from screens.widgets.tile import Tile


class OutcomeScreen(ReadyScreen):
    """Shown until it is tapped or for `screen.outcome_s`. Built before there is an outcome; `show` fills it."""

    CSS_PATH = None  # the app has it

    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.outcome: Outcome | None = None
        self._opened_at = 0.0

    def compose_body(self) -> Iterable[Widget]:
        """The picture and words, "go on", "not me" on a greeting, and "return" where a book is the rider's already.

        Over what somebody else is in the middle of, "go on" leads back to that, and "serve me" does not.
        """
        bring_back = Tile(_("Return"), id="bring-back")
        serve_me = Tile("", id="serve-me")
        bring_back.display = serve_me.display = False  # as on a greeting, which it is made ready for
        yield OutcomePanel(self._room())
        yield Horizontal(
            Tile(_("Go on"), id="go-on", classes="-main"),
            serve_me,
            Tile(_("This is not me"), id="not-me"),
            bring_back,
            id="answers",
        )

    def show(self, outcome: Outcome) -> None:
        """Fill the screen; to be called once, before it is pushed."""
        self.outcome = outcome
        if self.is_mounted:
            self._draw(outcome)

    def on_mount(self) -> None:
        """Draw what came before there was anything to draw on; while nothing has, make ready for it."""
        if self.outcome is not None and not self.going:
            self._draw(self.outcome)
        elif not self.going:
            self.call_after_refresh(self._make_ready)

    def _make_ready(self) -> None:
        if self.outcome is None:
            self.lay_out()

    def _draw(self, outcome: Outcome) -> None:
        self._opened_at = self.kiosk.clock.monotonic()
        header = self.query_one(Header)
        header.translate()  # the language may be another than when the screen was built
        header.show_time(self.kiosk.clock_words())
        self.query_one(OutcomePanel).show(tell(outcome, self.station.settings.station.zone))
        self._draw_ways_on()
        not_me = self.query_one("#not-me", Tile)
        not_me.say(_("This is not me"))
        not_me.display = isinstance(outcome, CheckedIn)
        bring_back = self.query_one("#bring-back", Tile)
        bring_back.say(_("Return"))
        bring_back.display = isinstance(outcome, LoanRefused) and outcome.is_own and not self.kiosk.interrupts
        self.show_footer()

    def _draw_ways_on(self) -> None:
        """One; or two over what somebody else is in the middle of: nothing of that is lost unless it is tapped."""
        go_on, serve_me = self.query_one("#go-on", Tile), self.query_one("#serve-me", Tile)
        serve_me.display = self.kiosk.interrupts
        # A change of language builds all open screens anew, and an unfinished number does not outlive it.
        self.query_one("#language").display = not self.kiosk.interrupts
        if self.kiosk.interrupts:
            go_on.say(_("Back to what was open"), _("nothing is lost"))
            serve_me.say(_("Serve me now"), _("closes what was open"))
        else:
            go_on.say(_("Go on"))

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
        screen = type(self)()
        screen.outcome = self.outcome
        return screen

    def _room(self) -> Size:
        """What the style sheet leaves for the panel: all but header, footer, answers and margins."""
        width, height = self.app.size
        return Size(width - 2, height - 9) if self.compact else Size(width - 4, height - 14)

    def on_click(self, event: events.Click) -> None:
        """A tap anywhere closes it."""
        event.stop()
        self.close()

    @on(Tile.Pressed, "#go-on")
    def _go_on(self) -> None:
        self.close()

    @on(Tile.Pressed, "#serve-me")
    def _serve_me(self) -> None:
        self.kiosk.serve_interrupter()

    @on(Tile.Pressed, "#bring-back")
    def _bring_back(self) -> None:
        self.close()
        self.kiosk.push_screen(rooms.bring_back())

    @on(Tile.Pressed, "#not-me")
    def _not_me(self) -> None:
        if isinstance(self.outcome, CheckedIn):
            self.kiosk.not_me(self.outcome)
