"""What the station keeps about the rider who stands before it, and the way to have it deleted."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from kiosk.views.privacy import StoredKind, StoredLine, StoredView
from screens.asking import AskingScreen
from screens.language import N_, _
from screens.my_data_erase import EraseScreen
from screens.my_data_pin import DataPinScreen, Purpose
from screens.my_data_words import KINDS, open_words
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile


class MyDataScreen(AskingScreen):
    """A line for each kind of data; the name in full, and deletion, are behind the PIN."""

    heading: ClassVar[str] = N_("My data")

    def __init__(self) -> None:
        super().__init__()
        self._view: StoredView | None = None
        self._name = ""

    def compose_body(self) -> Iterable[Widget]:
        """Who, what, and whether deletion was asked for."""
        yield Prose(_("One moment…"), id="data-who")
        yield Table((Column(_("Kind"), 18), Column(_("How many"), 9, right=True), Column(_("Newest"), 10), Column("")))
        yield Prose(id="data-asked")

    def compose_footer(self) -> Iterable[Widget]:
        """Dead until it is known what is kept."""
        yield Tile(_("My name in full"), id="full-name", classes="-quiet", enabled=False)
        yield Tile(_("Delete my data"), id="delete", classes="-quiet", enabled=False)

    def load(self) -> None:
        """The newest."""
        self.fetch(self.station.privacy.stored(), self._show)

    def show_name(self, name: str) -> None:
        """The PIN was right."""
        self._name = name
        self._draw()

    def _show(self, view: StoredView | None) -> None:
        self._view = view
        self._draw()

    def _draw(self) -> None:
        view, who = self._view, self.query_one("#data-who", Prose)
        if view is None:
            who.say(_("This card is not known here yet. Please ask a volunteer."))
            return
        number = "" if view.rider.number is None else _("Rider no. {number}").format(number=view.rider.number)
        told = _("This is what the station keeps about you.")
        who.say("  ".join(part for part in (view.rider.masked_name, number, told) if part))
        self.query_one(Table).show(tuple(self._row(line) for line in view.lines))
        asked = self.query_one("#data-asked", Prose)
        asked.say("" if view.asked_at is None else self._asked_words(view))
        self.query_one("#full-name", Tile).disabled = bool(self._name)
        delete = _("Delete my data") if view.asked_at is None else _("Do not delete them")
        self.query_one("#delete", Tile).say(delete, enabled=True)

    def _row(self, line: StoredLine) -> Row:
        what, how = KINDS[line.kind]
        if line.kind is StoredKind.NAME:
            count = ""
            how_words = self._name or _(how)
        else:
            count, how_words = ("" if line.kind in (StoredKind.PHONE, StoredKind.PIN) else str(line.count)), _(how)
        newest = "" if line.newest is None else line.newest.isoformat()
        return Row((_(what), count, newest, how_words), "bold" if line.kind is StoredKind.NAME and self._name else "")

    def _asked_words(self, view: StoredView) -> str:
        words = _("You asked for your data to be deleted.")
        if not view.open:
            return words
        return words + " " + _("It is done once this has ended: {matters}.").format(matters=open_words(view.open))

    @on(Tile.Pressed, "#full-name")
    def _name_pressed(self) -> None:
        self.kiosk.push_screen(DataPinScreen(Purpose.NAME))

    @on(Tile.Pressed, "#delete")
    def _delete_pressed(self, event: Tile.Pressed) -> None:
        if self._view is None:
            return
        if self._view.asked_at is None:
            self.kiosk.push_screen(EraseScreen(self._view))
        else:
            event.tile.disabled = True
            self.fetch(self.station.privacy.keep(), self._show)
