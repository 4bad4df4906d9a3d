"""Riders whom no station has seen for years, for volunteers: their data may be deleted."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid, Horizontal
from textual.widget import Widget

from kiosk.views.privacy import StoredView, Unseen, UnseenPage
from screens.asking import AskingScreen
from screens.language import N_, _
from screens.my_data_erase import StaffEraseScreen
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile

SHOWN: Final = {True: 9, False: 12}
"""Riders on a page, compact or not: rows of three."""


class UnseenScreen(AskingScreen):
    """A tile for each; a tap shows what is kept and offers to delete it.

    Args:
        after: the rider's number after which the page begins.
    """

    heading: ClassVar[str] = N_("Not seen for years")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, after: int = 0) -> None:
        super().__init__()
        self._begins = after
        self._after: int | None = None
        """Where the next page begins; None at the end."""
        self._found: tuple[Unseen, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        """Tiles over words and "more"."""
        yield Grid(*(Tile("", id=f"unseen-{place}") for place in range(SHOWN[self.compact])), classes="desk-grid")
        yield Horizontal(Prose("", id="unseen-told"), Tile(_("More ►"), id="more"), classes="desk-foot")

    def again(self) -> "UnseenScreen":
        """The same page in another language."""
        return UnseenScreen(self._begins)

    def load(self) -> None:
        """From the beginning of the page: somebody may have been deleted."""
        self._found, self._after = (), None
        self._draw(_("One moment ..."))
        self._look(self._begins)

    def _look(self, after: int) -> None:
        self.fetch(self.station.privacy.unseen(after), self._show)

    def _show(self, page: UnseenPage) -> None:
        """The station looks at a few riders at a time, so that nobody waits for it."""
        shown = SHOWN[self.compact]
        self._found += page.riders
        if page.after is not None and len(self._found) < shown:
            self._look(page.after)
            return
        rest = len(self._found) > shown
        self._found = self._found[:shown]
        self._after = self._found[-1].number if rest else page.after
        self._draw(_("Tap one to see what is kept.") if self._found else _("Every rider was seen in these years."))

    def _draw(self, words: str) -> None:
        for place in range(SHOWN[self.compact]):
            tile = self.query_one(f"#unseen-{place}", Tile)
            tile.display = place < len(self._found)
            if place < len(self._found):
                one = self._found[place]
                number = _("Rider no. {number}").format(number=one.number)
                tile.say(f"{one.masked_name}  {number}", _("last seen {day}").format(day=one.seen.isoformat()))
        self.query_one("#unseen-told", Prose).say(words)
        more = self.query_one("#more", Tile)
        more.disabled = self._after is None
        more.display = bool(self._found)

    @on(Tile.Pressed, "#more")
    def _more(self) -> None:
        if self._after is not None:
            self._begins = self._after
            self.load()

    @on(Tile.Pressed, ".desk-grid Tile")
    def _chosen(self, event: Tile.Pressed) -> None:
        place = int((event.tile.id or "").rpartition("-")[2])
        if place < len(self._found):
            self.fetch(self.station.privacy.stored_of(self._found[place].rider), self._read)

    def _read(self, view: StoredView | None) -> None:
        if view is not None and self.kiosk.screen is self:
            self.kiosk.push_screen(StaffEraseScreen(view))
