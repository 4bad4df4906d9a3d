"""What a rider reserved, and what they have read here."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import BookHoldView, PastLoanView
from screens.asking import AskingScreen
from screens.language import N_, _
from screens.widgets.pager import Pager
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile
from screens.words import day_words

MOST_HOLDS: Final = 3
"""Tiles of holds; the settings' usual limit is 2."""


class BookRecordScreen(AskingScreen):
    """Holds as tiles, a second tap gives one up; the history below."""

    heading: ClassVar[str] = N_("Reserved and read")

    def __init__(self) -> None:
        super().__init__()
        self._holds: tuple[BookHoldView, ...] = ()
        self._asked = ""
        """The hold that the next tap gives up."""

    def compose_body(self) -> Iterable[Widget]:
        """Tiles over a table."""
        yield Horizontal(*(Tile("", id=f"hold-{place}", classes="-hold") for place in range(MOST_HOLDS)), id="holds")
        yield Static("", id="holds-words", markup=False)
        yield Table(
            (Column(_("What you have read")), Column(_("Borrowed on"), 14), Column(_("Returned on"), 14)),
            id="past-table",
        )
        yield Horizontal(Pager(), classes="pager-place")

    def load(self) -> None:
        """Both."""
        self.fetch(self.station.reading.holds(), self._show_holds)
        self.load_later(self._load_past)

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        if not self.failed:
            self._load_past()

    @on(Stepper.Changed)
    def _load_past(self) -> None:
        table, pager = self.query_one(Table), self.query_one(Pager)
        wanted = (pager.page, table.room)

        def show(found: tuple[tuple[PastLoanView, ...], int]) -> None:
            if wanted == (pager.page, table.room):
                table.show(tuple(_row(loan) for loan in found[0]))
                pager.set_pages(found[1])

        self.fetch(self.station.reading.past_loans(*wanted), show)

    def _show_holds(self, holds: tuple[BookHoldView, ...]) -> None:
        self._holds = holds
        for place, tile in enumerate(self.query(".-hold").results(Tile)):
            tile.display = place < len(holds)
            if place < len(holds):
                hold = holds[place]
                asked = hold.id == self._asked
                tile.set_class(asked, "-danger")
                tile.say(hold.title, _("Tap again to give it up") if asked else _place(hold))
        words = "" if holds else _("You have reserved nothing. What is out can be reserved under “Find”.")
        self.query_one("#holds-words", Static).update(words)

    @on(Tile.Pressed, ".-hold")
    def _tapped(self, event: Tile.Pressed) -> None:
        hold = self._holds[int((event.tile.id or "").removeprefix("hold-"))]
        if hold.id != self._asked:
            self._asked = hold.id
            self._show_holds(self._holds)
            return
        self._asked = ""
        self.fetch(self.station.reading.cancel_hold(hold.id), lambda _done: self.load())


def _place(hold: BookHoldView) -> str:
    if hold.until is not None:
        return "► " + _("waits for you until {day}").format(day=day_words(hold.until))
    return _("place {place} in the queue").format(place=hold.place)


def _row(loan: PastLoanView) -> Row:
    back = _("lost") if loan.lost else _("found again") if loan.found else ""
    if loan.returned is not None:
        back = day_words(loan.returned)
    return Row((loan.title, day_words(loan.day), back))
