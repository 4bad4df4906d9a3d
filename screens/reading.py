"""Reading: the rider's own books, how to borrow and return, and what is on the shelf."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import LoanView, RenewOutcome, TitleView
from screens.asking import AskingScreen
from screens.book_record import BookRecordScreen
from screens.book_return import ReturnScreen
from screens.book_search import BookSearchScreen
from screens.book_words import renewed
from screens.language import N_, _, n_
from screens.parcels import ParcelsScreen
from screens.widgets.loan_cards import LoanCards
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile

MINE: Final = "mine"
SHELF: Final = "shelf"


class OwnBooks(Vertical, inherit_bindings=False):
    """The rider's loans over how to borrow and return."""

    def __init__(self) -> None:
        super().__init__(id=MINE)
        self._heading = Static("", classes="pane-heading", markup=False)
        self._cards = LoanCards()
        self._pager = Pager()

    def compose(self) -> Iterable[Widget]:
        """Loans, pager when there are many, and the two sentences that everybody needs."""
        yield self._heading
        yield self._cards
        yield self._pager
        borrow = _("► Borrow: scan your card, then the label on the book.")
        give_back = _("◄ Return: tap “Return”, then scan the label. No card is needed.")
        yield Prose(f"{borrow}\n{give_back}", classes="how-to")
        yield Grid(
            Tile(_("Renew"), id="renew"),
            Tile(_("Return"), id="return"),
            Tile(_("Reserved"), id="record"),
            Tile(_("Parcels"), id="parcels"),
            id="mine-acts",
        )

    def show(self, loans: tuple[LoanView, ...] | None) -> None:
        """Show loans; None when nobody is identified."""
        if loans is None:
            self._heading.update(_("My books"))
            self._cards.say(_("Scan your card to see your books."))
        else:
            self._cards.tell({})
            heading = n_("My books: {n} borrowed", "My books: {n} borrowed", len(loans)).format(n=len(loans))
            self._heading.update(heading)
            self._cards.show(tuple(sorted(loans, key=lambda loan: loan.due)))
        for name in ("record", "parcels"):
            self.query_one(f"#{name}", Tile).disabled = loans is None
        count = len(loans or ())
        words = _("Renew all {n}").format(n=count) if count > 1 else _("Renew")  # it costs nothing to renew early
        self.query_one("#renew", Tile).say(words, enabled=bool(loans))
        self._pages()

    def tell(self, outcomes: tuple[RenewOutcome, ...], loans: tuple[LoanView, ...]) -> None:
        """What came of renewing each loan."""
        self.show(loans)
        self._cards.tell({outcome.label: renewed(outcome) for outcome in outcomes})

    @on(LoanCards.Resized)
    def _resized(self) -> None:
        self._pages()

    def _pages(self) -> None:
        self._pager.set_pages(self._cards.pages)
        self._cards.turn_to(self._pager.page)

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self._cards.turn_to(self._pager.page)


class Shelf(Vertical, inherit_bindings=False):
    """The catalogue, a page at a time."""

    def __init__(self) -> None:
        super().__init__(id=SHELF)
        self.table = Table(
            (
                Column(_("Title")),
                Column(_("Author"), 10),
                Column(_("Shelf"), 6),
                Column(_("Here / all"), 10, right=True),
            )
        )
        self.pager = Pager()

    def compose(self) -> Iterable[Widget]:
        """Heading, table, pager."""
        yield Static(_("On the shelf"), classes="pane-heading", markup=False)
        yield self.table
        yield Horizontal(Tile(_("Find"), id="find", classes="-main"), self.pager, classes="pager-place")

    def show(self, titles: tuple[TitleView, ...], pages: int) -> None:
        """Show one page's titles."""
        self.table.show(tuple(_title_row(title) for title in titles))
        self.pager.set_pages(pages)


def _title_row(title: TitleView) -> Row:
    stock = f"{title.available} / {title.copies}" if title.available else _("all out")
    return Row((title.title, title.author, title.shelf, stock), "" if title.available else "$ink-soft")


class ReadingScreen(AskingScreen):
    """Own books beside the catalogue; on a small terminal one of them at a time."""

    heading: ClassVar[str] = N_("Reading")
    needs_visitor: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._drawn_for: str | None = None
        """Whose books are shown: a rider's id, "" for nobody's, None before the first time."""

    def compose_body(self) -> Iterable[Widget]:
        """Tabs (small terminals alone), and the two panes."""
        yield Horizontal(
            Tile(_("My books"), id="tab-mine", classes="-main"), Tile(_("On the shelf"), id="tab-shelf"), id="tabs"
        )
        yield Horizontal(OwnBooks(), Shelf(), id="reading-body", classes="-mine")

    def load(self) -> None:
        """What was borrowed or returned shows."""
        self.load_later(self._load_loans)
        if self.query_one(Shelf).table.rows:  # the first page is asked for when its room is known
            self._load_titles()

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        if not self.failed:
            self._load_titles()

    def state_changed(self) -> None:
        """Another visitor, other books."""
        if self._drawn_for not in {None, self._visitor()}:
            self._load_loans()

    def tick(self) -> None:
        """A second passed: nobody's books stay when their owner has left."""
        super().tick()
        self.state_changed()

    def _visitor(self) -> str:
        rider = self.station.visitor
        return "" if rider is None else rider.id

    def _load_loans(self) -> None:
        wanted = self._drawn_for = self._visitor()
        if not wanted:
            self.query_one(OwnBooks).show(None)
            return

        def show(loans: tuple[LoanView, ...]) -> None:
            if wanted == self._visitor():
                self.query_one(OwnBooks).show(loans)

        self.fetch(self.station.reading.loans(), show)

    def _load_titles(self) -> None:
        shelf = self.query_one(Shelf)
        wanted, room = shelf.pager.page, shelf.table.room

        def show(found: tuple[tuple[TitleView, ...], int]) -> None:
            if (wanted, room) == (shelf.pager.page, shelf.table.room):
                shelf.show(*found)

        self.fetch(self.station.reading.titles(wanted, room), show)

    @on(Stepper.Changed)
    def _page_changed(self) -> None:
        self._load_titles()

    @on(Tile.Pressed, "#find")
    def _find(self) -> None:
        self.kiosk.push_screen(BookSearchScreen())

    @on(Tile.Pressed, "#record")
    def _record(self) -> None:
        self.kiosk.push_screen(BookRecordScreen())

    @on(Tile.Pressed, "#parcels")
    def _parcels(self) -> None:
        self.kiosk.push_screen(ParcelsScreen())

    @on(Tile.Pressed, "#return")
    def _return(self) -> None:
        self.kiosk.push_screen(ReturnScreen())

    @on(Tile.Pressed, "#renew")
    def _renew(self, event: Tile.Pressed) -> None:
        event.tile.disabled = True
        wanted = self._visitor()

        async def renew() -> tuple[tuple[RenewOutcome, ...], tuple[LoanView, ...]]:
            return await self.station.reading.renew(), await self.station.reading.loans()

        def show(answer: tuple[tuple[RenewOutcome, ...], tuple[LoanView, ...]]) -> None:
            if wanted == self._visitor():
                self.query_one(OwnBooks).tell(*answer)

        self.fetch(renew(), show)

    @on(Tile.Pressed, "#tab-mine")
    @on(Tile.Pressed, "#tab-shelf")
    def _tab_pressed(self, event: Tile.Pressed) -> None:
        mine = event.tile.id == "tab-mine"
        self.query_one("#reading-body").set_class(mine, "-mine")
        self.query_one("#tab-mine").set_class(mine, "-main")
        self.query_one("#tab-shelf").set_class(not mine, "-main")
