"""Finding a book by the initials of its pinyin, its ISBN or its shelf mark, and reserving one that is out."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import BookHoldView, HoldBlock, HoldOutcome, TitleView
from screens.asking import AskingScreen
from screens.book_words import HOLD_BLOCKS
from screens.language import N_, _, n_
from screens.widgets.book_pad import BookPad
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile
from screens.wrapping import fit

MOST_TYPED: Final = 13
"""As long as an ISBN."""
ROWS: Final = 5
"""Results on a page: as many tiles as the small terminal holds."""


class BookSearchScreen(AskingScreen):
    """Pad on the left; on the right what begins so, or one title."""

    heading: ClassVar[str] = N_("Find a book")
    needs_visitor: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[TitleView, ...] = ()
        self._chosen: TitleView | None = None

    def compose_body(self) -> Iterable[Widget]:
        """What was typed over the pad; results, or a title with what can be done."""
        yield Horizontal(
            Vertical(Static("", id="typed", markup=False), BookPad(MOST_TYPED, id="book-pad"), id="find-left"),
            Vertical(
                *(Tile("", id=f"result-{place}", classes="-result") for place in range(ROWS)),
                Pager(),
                id="results",
            ),
            Vertical(
                Prose(id="title-words"),
                Prose(id="title-told"),
                Tile(_("Reserve it"), id="reserve", classes="-main"),
                Tile(_("Other books"), id="to-results"),
                id="one-title",
            ),
            id="find-body",
        )

    def on_mount(self) -> None:
        """Begin with the list."""
        super().on_mount()
        self._draw()

    def load(self) -> None:
        """What begins as typed, a page of it."""
        typed, page = self.query_one(BookPad).typed, self.query_one(Pager).page

        def show(found: tuple[tuple[TitleView, ...], int]) -> None:
            if (typed, page) == (self.query_one(BookPad).typed, self.query_one(Pager).page):
                self._found = found[0]
                self.query_one(Pager).set_pages(found[1])
                self._draw()

        self.fetch(self.station.reading.search(typed, page, ROWS), show)

    @on(BookPad.Changed)
    def _typed(self) -> None:
        self._chosen = None
        self.query_one(Pager).value = 1
        self.load()

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self.load()

    @on(Tile.Pressed, ".-result")
    def _result(self, event: Tile.Pressed) -> None:
        place = int((event.tile.id or "").removeprefix("result-"))
        if place < len(self._found):
            self._chosen = self._found[place]
            self.query_one("#title-told", Prose).say("")
            self._draw()

    @on(Tile.Pressed, "#to-results")
    def _to_results(self) -> None:
        self._chosen = None
        self._draw()

    @on(Tile.Pressed, "#reserve")
    def _reserve(self, event: Tile.Pressed) -> None:
        if self._chosen is not None:
            event.tile.disabled = True
            self.ask(self.station.reading.reserve(self._chosen.id), self._reserved)

    def _reserved(self, outcome: HoldOutcome) -> None:
        self.query_one("#title-told", Prose).say(_hold_words(outcome.blocks, outcome.hold))
        self.query_one("#reserve", Tile).display = False  # it is answered, and stands there again with the next title

    def _draw(self) -> None:
        typed = self.query_one(BookPad).typed
        self.query_one("#typed", Static).update(typed or _("Initials, ISBN or shelf"))
        one = self._chosen
        self.query_one("#results").display = one is None
        self.query_one("#one-title").display = one is not None
        if one is not None:
            self.query_one("#title-words", Prose).say("\n".join(_title_lines(one)))
            # Without a card nobody can be told that it waits.
            may = self.station.visitor is not None and not one.available
            self.query_one("#reserve", Tile).display = may
            self.query_one("#reserve", Tile).disabled = False
            return
        width = 52 if not self.compact else 36
        for place, tile in enumerate(self.query(".-result").results(Tile)):
            tile.display = place < len(self._found)
            if place < len(self._found):
                title = self._found[place]
                tile.say(fit(title.title, width), fit(_stock(title), width))
        if not self._found and typed:
            first = self.query_one("#result-0", Tile)
            first.display = True
            first.say(_("Nothing begins so"), "", enabled=False)


def _stock(title: TitleView) -> str:
    here = _("on the shelf {shelf}").format(shelf=title.shelf) if title.available else _("all out")
    return f"{title.author}  {here}"


def _title_lines(title: TitleView) -> Iterable[str]:
    yield _("“{title}”").format(title=title.title)
    yield title.author
    yield ""
    yield _("{available} of {copies} on the shelf").format(available=title.available, copies=title.copies)
    yield _("Shelf {shelf}").format(shelf=title.shelf)
    if title.available:
        yield ""
        yield "► " + _("To borrow it, scan the label that we put on it.")
    if title.waiting:
        yield n_("{n} rider waits for it", "{n} riders wait for it", title.waiting).format(n=title.waiting)


def _hold_words(blocks: tuple[HoldBlock, ...], hold: BookHoldView | None) -> str:
    if hold is None:
        return "\n".join("× " + _(HOLD_BLOCKS[block]) for block in blocks)
    return "✓ " + _("Reserved: place {place} in the queue. You are told when you check in.").format(place=hold.place)
