"""The volunteers' work with books and parcels: five tasks, one at a time; scans go to the task that is open."""

from collections.abc import Iterable
from math import ceil
from typing import ClassVar, Final, Self

from rich.cells import cell_len
from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.reading_facade import ReadingFacade
from kiosk.views import (
    BookHoldView,
    CopyHandled,
    CopyNote,
    CopyView,
    LoanRefused,
    Outcome,
    ParcelOutcome,
    ParcelScanned,
    ParcelView,
    PrintProblem,
    StocktakeView,
    TitleFound,
    TitleView,
)
from screens.asking import AskingScreen
from screens.book_words import COPY_NOTES
from screens.card_words import PRINT_PROBLEMS
from screens.language import N_, _
from screens.staff_books_sheet import (
    CONDITIONS,
    PAGES,
    Act,
    Do,
    Page,
    act,
    copy_acts,
    copy_rows,
    copy_words,
    handled_words,
    hold_rows,
    isbn_acts,
    isbn_words,
    parcel_acts,
    parcel_asked,
    parcel_done,
    parcel_rows,
    stock_acts,
    stock_words,
)
from screens.staff_pack import StaffPackScreen
from screens.staff_parcel import StaffParcelScreen
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile
from screens.words import LOAN_BLOCKS

MOST_ACTS: Final = 4
FIRST_SHELF: Final = "A1"
"""Of a station that has no book yet."""
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
BOOK_WIDTHS: Final = (8, 16)
WIDTHS: Final = {Page.PARCELS: (7, 18)}
"""Cells of the third and the fourth column; the second takes what is left: on 80x24 a name and a number."""


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
        self._scanned: ParcelView | None = None
        """The parcel that was scanned: it is the chosen one wherever it stands, and when it is done already."""
        self._labelled = ""
        """The label of the copy that was added just now."""
        self._acts: tuple[Act, ...] = ()
        self._rows: tuple[Row, ...] = ()

    def again(self) -> Self:
        """The same task in another language."""
        return type(self)(self._page, self._found)

    @property
    def half_done(self) -> bool:
        """Whether shelves are being counted, or the label of a new copy has to be written down."""
        return bool(self._labelled) or (self._page is Page.COUNT and self._taken is not None)

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
                Table(_columns(self._page, ()), id="book-table"),
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
        self.load_later(lambda: self.fetch(self.desk.parcels(0, 1), self._show_late))

    def takes(self, outcome: Outcome) -> bool:
        """What was scanned is shown here."""
        match outcome:
            case TitleFound():
                self._page, self._found, self._copy, self._told = Page.BOOKS, outcome, None, ""
            case CopyHandled():
                self._found, self._copy, self._told = None, outcome.copy, handled_words(outcome)
            case LoanRefused():
                self._found, self._copy = None, None
                self._told = f"× {outcome.label}: " + _(", ").join(_(LOAN_BLOCKS[block]) for block in outcome.blocks)
            case ParcelScanned(done):
                self._page, self._told, self._scanned = Page.PARCELS, parcel_done(done, None), done.parcel
                self._chosen = self._chosen if done.parcel is None else done.id
            case _:
                return False
        self._asked, self._labelled = None, ""
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
        self.query_one(Table).show(self._rows, _columns(self._page, self._rows))

    def _words(self) -> str:
        if self._page is Page.BOOKS and self._found is not None:
            return isbn_words(self._found)
        if self._page is Page.COUNT and self._taken is None and self._copy is not None:
            return "▲ " + _("Not counted: tap “Begin” first.") + "\n" + self._told.removeprefix("✓ ")
        if self._page is Page.COUNT:
            return "\n".join(line for line in (stock_words(self._taken), self._told) if line)
        if self._page is Page.PARCELS and self._one is not None and self._asked is not None:
            return parcel_asked(self._one, self._asked)
        return self._told or _(BEGIN[self._page])

    def _offers(self) -> Iterable[Act]:
        if self._page is Page.COUNT:
            return stock_acts(self._taken, self._shelves[self._shelf], asked=self._asked)
        if self._page is Page.PARCELS:
            others = any(parcel.id != self._chosen for parcel in self._parcels)
            return parcel_acts(self._one, others=others, asked=self._asked)
        if self._page is Page.BOOKS and self._found is not None:
            return isbn_acts(self._found, self._marks[self._shelf % len(self._marks)])
        if self._page is Page.BOOKS and self._copy is not None:
            return copy_acts(self._copy)
        if self._page is Page.BOOKS and self._labelled and self.station.cards.printer:
            return (act(Do.PRINT),)
        return ()

    @property
    def _marks(self) -> tuple[str, ...]:
        """The shelf marks that can be chosen; for a stocktaking also all of them."""
        return self._shelves if self._page is Page.COUNT else self._shelves[1:] or (FIRST_SHELF,)

    @property
    def _one(self) -> ParcelView | None:
        """The parcel that is chosen."""
        known = self._parcels if self._scanned is None else (*self._parcels, self._scanned)
        return next((parcel for parcel in known if parcel.id == self._chosen), None)

    # Lists

    def _show_late(self, most_urgent: tuple[tuple[ParcelView, ...], int]) -> None:
        """Whoever opens the books for something else sees that a parcel is late."""
        late = any(parcel.late for parcel in most_urgent[0])
        words = _(PAGES[Page.PARCELS][0])
        self.query_one(f"#task-{Page.PARCELS}", Tile).say(f"▲ {words}" if late else words)

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
        if self._one is None:
            self._chosen, self._asked = self._parcels[0].id if self._parcels else "", None
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
        self._page, self._shelf = Page((event.tile.id or "").removeprefix("task-")), 0
        self._found, self._copy, self._told, self._asked, self._rows = None, None, "", None, ()
        self._scanned, self._labelled = None, ""
        self.query_one(Pager).value = 1
        self.load()
        self._draw()

    @on(Tile.Pressed, ".-act")
    def _act_chosen(self, event: Tile.Pressed) -> None:
        do = self._acts[int((event.tile.id or "").removeprefix("act-"))].do
        match do:
            case Do.SHELF:
                self._shelf = (self._shelf + 1) % len(self._marks)
                self._draw()
            case Do.ADD if self._found is not None:
                shelf = self._marks[self._shelf % len(self._marks)]
                self.fetch(self.desk.add_copy(self._found.isbn, shelf), self._added)
            case Do.MISSING | Do.REPAIR | Do.WITHDRAWN | Do.IN_ORDER if self._copy is not None:
                self.fetch(self.desk.mark(self._copy.label, CONDITIONS[do]), self._marked)
            case Do.BEGIN | Do.CLOSE | Do.GIVE_UP:
                self._count(do)
            case Do.PACK:
                self._asked = None
                self.kiosk.push_screen(StaffPackScreen())
            case Do.NEXT:
                self._next_parcel()
            case Do.LABEL if self._one is not None:
                self._asked = None
                self.kiosk.push_screen(StaffParcelScreen(ParcelOutcome(self._one.id, parcel=self._one)))
            case Do.CONFIRM | Do.SHELVE | Do.UNPACK if self._one is not None:
                self._do_with_parcel(do, self._one.id)
            case Do.PRINT:
                self.fetch(self.desk.print_label(self._labelled), self._label_printed)
            case _:
                pass

    def _next_parcel(self) -> None:
        ids = [parcel.id for parcel in self._parcels]
        self._chosen = ids[(ids.index(self._chosen) + 1) % len(ids)] if self._chosen in ids else ids[0]
        self._told, self._asked, self._scanned = "", None, None
        self._rows = parcel_rows(self._parcels, self._chosen)
        self._draw()

    def _do_with_parcel(self, do: Do, parcel: str) -> None:
        """What cannot be undone is asked once: who receives it is erased by both."""
        if do is not Do.SHELVE and self._asked is not do:
            self._asked = do
            self._draw()
            return
        self._asked, self._scanned = None, None
        acts = {
            Do.CONFIRM: self.desk.confirm_parcel,
            Do.SHELVE: self.desk.shelve_parcel,
            Do.UNPACK: self.desk.cancel_parcel,
        }
        self.fetch(acts[do](parcel), lambda outcome: self._parcel_done(outcome, do))

    def _count(self, do: Do) -> None:
        self._copy, self._told = None, ""
        if do is Do.BEGIN:
            self.fetch(self.desk.begin_stocktake(self._shelves[self._shelf]), self._show_stocktake)
        elif self._asked is not do:
            self._asked = do
            self._draw()
        else:
            self._asked = None
            closes = do is Do.CLOSE
            self.fetch(self.desk.end_stocktake(mark_missing=closes), lambda missing: self._counted(missing, closes))

    def _counted(self, missing: int, closed: bool) -> None:
        words = _("Stocktaking is closed: {n} marked as missing.") if closed else _("Given up: nothing was marked.")
        self._told = words.format(n=missing)
        self.load()

    def _added(self, added: tuple[str, TitleView] | None) -> None:
        self._found = None
        if added is not None:
            self._labelled = added[0]
            words = _("“{title}”: write {label} on its label, or print it by `kiosk label`.")
            if self.station.cards.printer:
                words = _("“{title}” is {label}: print its label and stick it on.")
            self._told = "✓ " + words.format(title=added[1].title, label=added[0])
        self.load()
        self._draw()

    def _marked(self, copy: CopyView | None) -> None:
        self._copy = copy
        self._told = "× " + _(COPY_NOTES[CopyNote.UNKNOWN]) if copy is None else "✓ " + copy_words(copy)
        self.load()
        self._draw()

    def _label_printed(self, problem: PrintProblem | None) -> None:
        self._told = "✓ " + _("Stick the label on.") if problem is None else "× " + _(PRINT_PROBLEMS[problem])
        self._draw()

    def _parcel_done(self, outcome: ParcelOutcome, do: Do) -> None:
        self._told = parcel_done(outcome, do)
        self.load()
        self._draw()


def _columns(page: Page, rows: tuple[Row, ...]) -> tuple[Column, ...]:
    """The heads over the open task's list; labels are as wide as the longest of them, the title has what is left."""
    (what, which, who, state), (third, last) = HEADS.get(page, BOOK_HEADS), WIDTHS.get(page, BOOK_WIDTHS)
    first = max(cell_len(words) for words in (_(what), *(row.cells[0] for row in rows)))
    return (Column(_(what), first), Column(_(which)), Column(_(who), third), Column(_(state), last))
