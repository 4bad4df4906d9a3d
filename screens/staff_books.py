"""The volunteers' work with books and parcels: five tasks, one at a time; scans go to the task that is open."""

from collections.abc import Iterable
from math import ceil
from typing import ClassVar, Final, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.reading_facade import ReadingFacade
from kiosk.views import (
    BookHoldView,
    CopyHandled,
    CopyView,
    LoanRefused,
    Outcome,
    ParcelOutcome,
    ParcelScanned,
    ParcelView,
    StocktakeView,
    TitleFound,
    TitleView,
)
from screens.asking import AskingScreen
from screens.book_words import PARCEL_REFUSALS
from screens.language import N_, _
from screens.staff_books_sheet import (
    CONDITIONS,
    PAGES,
    Act,
    Do,
    Page,
    copy_acts,
    copy_rows,
    copy_words,
    hold_rows,
    isbn_acts,
    isbn_words,
    parcel_acts,
    parcel_rows,
    stock_acts,
    stock_words,
)
from screens.staff_pack import StaffPackScreen
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile
from screens.words import LOAN_BLOCKS

MOST_ACTS: Final = 4
BEGIN: Final = {
    Page.BOOKS: N_("Scan a book's label, or the ISBN on a cover. Below: missing, in repair, withdrawn."),
    Page.TRANSIT: N_("Scan what arrived. Below: what is on its way here or has to leave."),
    Page.ASIDE: N_("What should stand on the pick-up shelf, and until when."),
    Page.PARCELS: N_("Parcels that are not confirmed yet, the most urgent first."),
}
BOOK_HEADS: Final = (N_("Label"), N_("Title"), N_("Shelf"), N_("State"))
HEADS: Final = {
    Page.ASIDE: (N_("Label"), N_("Title"), N_("Rider"), N_("Until")),
    Page.PARCELS: (N_("Parcel"), N_("Recipient"), N_("Rider"), N_("State")),
}
"""Over lists of something else than books (message ids)."""
BOOK_WIDTHS: Final = (16, 10, 18)
WIDTHS: Final = {Page.PARCELS: (14, 7, 18)}
"""Cells of all columns but the second, which takes what is left: on 80x24 a name and a number."""


class StaffBooksScreen(AskingScreen):
    """Tasks on the left; words, table and tiles of the open one on the right.

    Args:
        page: the task that is open at first.
        found: an ISBN that was scanned in the volunteers' area.
    """

    heading: ClassVar[str] = N_("Books")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, page: Page = Page.BOOKS, found: TitleFound | None = None) -> None:
        super().__init__()
        self._page = page
        self._found = found
        self._copy: CopyView | None = None
        self._told = ""
        self._shelves: tuple[str, ...] = ("",)
        self._shelf = 0
        self._asked: Do | None = None
        self._taken: StocktakeView | None = None
        self._parcels: tuple[ParcelView, ...] = ()
        self._chosen = ""
        self._acts: tuple[Act, ...] = ()
        self._rows: tuple[Row, ...] = ()

    def again(self) -> Self:
        """The same task in another language."""
        return type(self)(self._page, self._found)

    @property
    def desk(self) -> ReadingFacade:
        """The reading desk."""
        return self.station.reading

    def compose_body(self) -> Iterable[Widget]:
        """Everything is there from the start, and changed in place."""
        yield Horizontal(
            Vertical(
                *(Tile(_(words), id=f"task-{page}", classes="-task") for page, (words, _task) in PAGES.items()),
                id="book-tasks",
            ),
            Vertical(
                Prose(id="book-words"),
                Horizontal(
                    *(Tile("", id=f"act-{place}", classes="-act") for place in range(MOST_ACTS)), id="book-acts"
                ),
                Table(_columns(self._page), id="book-table"),
                Horizontal(Pager(), id="book-foot"),
                id="book-panel",
            ),
            id="books-body",
        )

    def on_mount(self) -> None:
        """Scans are this task's from now on."""
        super().on_mount()
        self._draw()

    def on_unmount(self) -> None:
        """Scans are what they were."""
        self.desk.begin(None)

    def load(self) -> None:
        """What the open task lists."""
        self.desk.begin(PAGES[self._page][1])
        self.fetch(self.desk.shelves(), self._show_shelves)
        self.load_later(self._load_list)

    def takes(self, outcome: Outcome) -> bool:
        """What was scanned is shown here."""
        match outcome:
            case TitleFound():
                self._page, self._found, self._copy, self._told = Page.BOOKS, outcome, None, ""
            case CopyHandled():
                self._found, self._copy, self._told = None, outcome.copy, copy_words(outcome.copy)
                if outcome.set_aside:
                    self._told += "\n" + _("Somebody waits for it: please put it on the pick-up shelf.")
            case LoanRefused():
                self._found, self._copy = None, None
                self._told = f"× {outcome.label}: " + _(", ").join(_(LOAN_BLOCKS[block]) for block in outcome.blocks)
            case ParcelScanned(done):
                self._page, self._told, self._chosen = Page.PARCELS, self._parcel_told(done), done.id
            case _:
                return False
        self._asked = None
        self.load()
        self._draw()
        return True

    # Drawing

    def _draw(self) -> None:
        for page in PAGES:
            self.query_one(f"#task-{page}", Tile).set_class(page is self._page, "-main")
        self._acts = tuple(self._offers())[:MOST_ACTS]
        for place, tile in enumerate(self.query(".-act").results(Tile)):
            tile.display = place < len(self._acts)
            if place < len(self._acts):
                tile.say(self._acts[place].words)
                tile.set_class(self._acts[place].danger, "-danger")
        self.query_one("#book-acts").display = bool(self._acts)
        self.query_one("#book-words", Prose).say(self._words())
        self.query_one(Table).show(self._rows, _columns(self._page))

    def _words(self) -> str:
        if self._page is Page.BOOKS and self._found is not None:
            return isbn_words(self._found)
        if self._page is Page.COUNT and self._taken is None and self._copy is not None:
            return "▲ " + _("Not counted: tap “Begin” first.") + "\n" + self._told
        if self._page is Page.COUNT:
            return "\n".join(line for line in (stock_words(self._taken), self._told) if line)
        return self._told or _(BEGIN[self._page])

    def _offers(self) -> Iterable[Act]:
        if self._page is Page.COUNT:
            return stock_acts(self._taken, self._shelves[self._shelf], asked=self._asked)
        if self._page is Page.PARCELS:
            return parcel_acts(self._parcels, self._chosen)
        if self._page is Page.BOOKS and self._found is not None:
            return isbn_acts(self._found, self._shelves[self._shelf] or "A1")
        if self._page is Page.BOOKS and self._copy is not None:
            return copy_acts(self._copy)
        return ()

    # Lists

    def _show_shelves(self, shelves: tuple[str, ...]) -> None:
        self._shelves = ("", *shelves)
        self._shelf = min(self._shelf, len(shelves))
        self._draw()

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        if not self.failed:
            self._load_list()

    @on(Stepper.Changed)
    def _load_list(self) -> None:
        table, pager = self.query_one(Table), self.query_one(Pager)
        page, room = pager.page, table.room
        match self._page:
            case Page.BOOKS:
                self.fetch(self.desk.out_of_order(page, room), self._show_copies)
            case Page.TRANSIT:
                self.fetch(self.desk.in_transit(page, room), self._show_copies)
            case Page.ASIDE:
                self.fetch(self.desk.pick_up_shelf(), self._show_holds)
            case Page.PARCELS:
                self.fetch(self.desk.parcels(page, room), self._show_parcels)
            case Page.COUNT:
                self.fetch(self.desk.stocktake(), self._show_stocktake)

    def _list(self, rows: tuple[Row, ...], pages: int) -> None:
        self._rows = rows
        self.query_one(Pager).set_pages(pages)
        self._draw()

    def _show_copies(self, found: tuple[tuple[CopyView, ...], int]) -> None:
        self._list(copy_rows(found[0]), found[1])

    def _show_holds(self, holds: tuple[BookHoldView, ...]) -> None:
        self._paged(hold_rows(holds))

    def _show_parcels(self, found: tuple[tuple[ParcelView, ...], int]) -> None:
        self._parcels = found[0]
        if all(parcel.id != self._chosen for parcel in self._parcels):
            self._chosen = self._parcels[0].id if self._parcels else ""
        self._list(parcel_rows(self._parcels, self._chosen), found[1])

    def _show_stocktake(self, taken: StocktakeView | None) -> None:
        self._taken = taken
        self._paged(() if taken is None else copy_rows((*taken.unexpected, *taken.missing)))

    def _paged(self, rows: tuple[Row, ...]) -> None:
        room = self.query_one(Table).room
        first = min(self.query_one(Pager).page, max(0, ceil(len(rows) / room) - 1)) * room
        self._list(rows[first : first + room], max(1, ceil(len(rows) / room)))

    # Taps

    @on(Tile.Pressed, ".-task")
    def _task_chosen(self, event: Tile.Pressed) -> None:
        self._page = Page((event.tile.id or "").removeprefix("task-"))
        self._found, self._copy, self._told, self._asked, self._rows = None, None, "", None, ()
        self.query_one(Pager).value = 1
        self.load()
        self._draw()

    @on(Tile.Pressed, ".-act")
    def _act_chosen(self, event: Tile.Pressed) -> None:
        do = self._acts[int((event.tile.id or "").removeprefix("act-"))].do
        match do:
            case Do.SHELF:
                self._shelf = (self._shelf + 1) % len(self._shelves)
                self._draw()
            case Do.ADD if self._found is not None:
                shelf = self._shelves[self._shelf] or "A1"
                self.fetch(self.desk.add_copy(self._found.isbn, shelf), self._added)
            case Do.MISSING | Do.REPAIR | Do.WITHDRAWN | Do.IN_ORDER if self._copy is not None:
                self.fetch(self.desk.mark(self._copy.label, CONDITIONS[do]), self._marked)
            case Do.BEGIN | Do.CLOSE | Do.GIVE_UP:
                self._count(do)
            case Do.PACK:
                self.kiosk.push_screen(StaffPackScreen())
            case Do.NEXT:
                ids = [parcel.id for parcel in self._parcels]
                self._chosen = ids[(ids.index(self._chosen) + 1) % len(ids)] if self._chosen in ids else ids[0]
                self._list(parcel_rows(self._parcels, self._chosen), 1)
            case Do.CONFIRM:
                self.fetch(self.desk.confirm_parcel(self._chosen), self._parcel_done)
            case Do.SHELVE:
                self.fetch(self.desk.shelve_parcel(self._chosen), self._parcel_done)
            case Do.UNPACK:
                self.fetch(self.desk.cancel_parcel(self._chosen), self._parcel_done)
            case _:
                pass

    def _count(self, do: Do) -> None:
        self._copy, self._told = None, ""
        if do is Do.BEGIN:
            self.fetch(self.desk.begin_stocktake(self._shelves[self._shelf]), self._show_stocktake)
        elif self._asked is not do:
            self._asked = do
            self._draw()
        else:
            self._asked = None
            self.fetch(self.desk.end_stocktake(mark_missing=do is Do.CLOSE), self._counted)

    def _counted(self, missing: int) -> None:
        self._told = _("Stocktaking is closed: {n} marked as missing.").format(n=missing)
        self.load()

    def _added(self, added: tuple[str, TitleView] | None) -> None:
        self._found = None
        if added is not None:
            self._told = "✓ " + _("“{title}”: write {label} on its label, or print it by `kiosk label`.").format(
                title=added[1].title, label=added[0]
            )
        self.load()
        self._draw()

    def _marked(self, copy: CopyView | None) -> None:
        self._copy = copy
        self._told = "" if copy is None else "✓ " + copy_words(copy)
        self.load()
        self._draw()

    def _parcel_done(self, outcome: ParcelOutcome) -> None:
        self._told = self._parcel_told(outcome)
        self.load()
        self._draw()

    def _parcel_told(self, outcome: ParcelOutcome) -> str:
        if outcome.refusal is not None:
            return f"× {outcome.id} " + _(PARCEL_REFUSALS[outcome.refusal])
        if outcome.points:
            return "✓ " + _("{id} is confirmed; its rider earned {n} points.").format(id=outcome.id, n=outcome.points)
        return f"✓ {outcome.id}"


def _columns(page: Page) -> tuple[Column, ...]:
    """The heads over the open task's list."""
    (what, which, who, state), widths = HEADS.get(page, BOOK_HEADS), WIDTHS.get(page, BOOK_WIDTHS)
    return (Column(_(what), widths[0]), Column(_(which)), Column(_(who), widths[1]), Column(_(state), widths[2]))
