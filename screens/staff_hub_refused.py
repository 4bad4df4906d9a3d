"""The hub page's quarantine: what one side could not take, in pages, and each with its reason and bytes."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

from rich.cells import cell_len
from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from kiosk.sync import legible
from kiosk.views import QuarantinedView
from screens.language import _
from screens.staff_hub_view import Foot, HubView
from screens.sync_words import moment_words
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile
from screens.wrapping import fit, wrap

ROW_HEIGHT: Final = 3
"""A row is a target for a finger."""
MOST_ROWS: Final = 5

Page = tuple[tuple[QuarantinedView, ...], int]


class RefusedList(HubView, inherit_bindings=False):
    """As many rows as there is room for, asked for page by page."""

    class Chosen(Message):
        """Somebody wants to see one of them.

        Args:
            key: by which it is found.
        """

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def __init__(self) -> None:
        super().__init__(id="hub-refused")
        self._shown: tuple[QuarantinedView, ...] = ()
        self._tiles = [Tile("", id=f"refused-{place}", classes="-refused") for place in range(MOST_ROWS)]

    def compose(self) -> Iterable[Widget]:
        """What it is, the rows, the way back."""
        yield Prose(_("Kept; nothing is lost. Tap one to read it to the hub's office."), id="refused-top")
        yield Vertical(*self._tiles, id="refused-rows")
        yield Foot(Tile(_("◄ Back"), id="refused-back"), Pager())

    @property
    def room(self) -> int:
        """How many rows there is room for."""
        return min(MOST_ROWS, max(1, self.query_one("#refused-rows").size.height // ROW_HEIGHT))

    def load(self) -> None:
        """The page that is open, as it is now."""
        if not self.display or not self.query_one("#refused-rows").size.height:
            return  # asked for when its room is known
        pager = self.query_one(Pager)
        wanted = (pager.page, self.room)

        def show(found: Page) -> None:
            if wanted == (pager.page, self.room):
                self._show(*found)

        self.board.fetch(self.station.quarantine(*wanted), show)

    def on_resize(self, _event: Resize) -> None:
        """Another room holds other pages."""
        self.call_after_refresh(self.load)

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self.load()

    @on(Tile.Pressed, "#refused-back")
    def _back_pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        self.leave()

    @on(Tile.Pressed, ".-refused")
    def _row_pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        place = self._tiles.index(event.tile)
        if place < len(self._shown):
            self.post_message(self.Chosen(self._shown[place].key))

    def _show(self, views: tuple[QuarantinedView, ...], pages: int) -> None:
        self._shown = views
        pager = self.query_one(Pager)
        before = pager.page
        pager.set_pages(pages)
        if pager.page != before:
            self.load()  # there are fewer pages now
            return
        for place, tile in enumerate(self._tiles):
            tile.display = place < len(views)
            if place < len(views):
                room = max(2, tile.content_size.width or self.size.width - 6)
                heading = heading_of(views[place], self.station.settings.station.zone)
                tile.say(fit(f"► {heading}", room), fit("  " + reason_of(views[place]), room))


class RefusedOne(HubView, inherit_bindings=False):
    """Why, and the bytes: as text when they can be read, else as numbers; in pages."""

    def __init__(self) -> None:
        super().__init__(id="hub-one")
        self._key = ""
        self._view: QuarantinedView | None = None
        self._lines: tuple[int, list[str]] | None = None
        """The rows for a width."""

    def compose(self) -> Iterable[Widget]:
        """What it is, the rows, the way back."""
        yield Prose(id="one-top")
        yield Static("", id="one-rows", markup=False)
        yield Foot(Tile(_("◄ Back"), id="one-back"), Pager())

    def open(self, key: str) -> None:
        """Show this one from its beginning."""
        self._key, self._view, self._lines = key, None, None
        self.query_one("#one-top", Prose).say(_("One moment…"))
        self.query_one("#one-rows", Static).update("")
        pager = self.query_one(Pager)
        pager.set_pages(1)

    def load(self) -> None:
        """Its bytes, once."""
        key = self._key
        if not self.display or not key or self._view is not None:
            return

        def show(view: QuarantinedView | None) -> None:
            if key != self._key:
                return
            self._view = view
            zone = self.station.settings.station.zone
            gone = _("It has been taken meanwhile.")
            self.query_one("#one-top", Prose).say(gone if view is None else heading_of(view, zone))
            self._show()

        self.board.fetch(self.station.quarantined(key), show)

    def on_resize(self, _event: Resize) -> None:
        """Another room holds other rows."""
        self.call_after_refresh(self._show)

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self._show()

    @on(Tile.Pressed, "#one-back")
    def _back_pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        self.leave()

    def _show(self) -> None:
        rows = self.query_one("#one-rows", Static)
        width, height = rows.content_size
        if self._view is None or not height:
            return
        if self._lines is None or self._lines[0] != width:
            self._lines = (width, list(lines_of(self._view, width)))
        lines, pager = self._lines[1], self.query_one(Pager)
        pager.set_pages(-(-len(lines) // height))
        first = pager.page * height
        rows.update(Content("\n".join(lines[first : first + height])))


def heading_of(view: QuarantinedView, zone: tzinfo) -> str:
    """When, whose, and what it says it is."""
    whose = _("this box's") if view.own else _("the hub's")
    kind = view.kind or _("not readable")
    return f"{moment_words(view.at, zone)}  {whose}  {kind}"


def reason_of(view: QuarantinedView) -> str:
    """Why, in the words of whoever could not take it."""
    return legible.plain(view.reason) or _("none was told")


def lines_of(view: QuarantinedView, width: int) -> Iterable[str]:
    """The reason and the bytes, in rows of at most `width` cells."""
    yield from wrap(_("Reason: {words}").format(words=reason_of(view)), width)
    text = legible.text_of(view.raw)
    yield ""
    count = len(view.raw)
    if not count:
        yield _("There are no bytes.")
    elif text is None:
        yield _("{n} bytes, not readable as text:").format(n=f"{count:,}")
        yield from legible.dump(view.raw)
    else:
        yield _("{n} bytes:").format(n=f"{count:,}")
        yield from cut(text, width)


def cut(text: str, width: int) -> Iterable[str]:
    """A text in rows of at most `width` cells, cut wherever a row is full: nothing of it is dropped."""
    row, used = "", 0
    for character in text:
        cells = cell_len(character)
        if row and used + cells > width:
            yield row
            row, used = "", 0
        row += character
        used += cells
    yield row
