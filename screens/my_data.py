"""What the station keeps about the rider who stands before it, and the way to have it deleted."""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import on
from textual.widget import Widget

from kiosk.views.privacy import StoredKind, StoredLine, StoredView
from screens.asking import AskingScreen
from screens.base import StationScreen
from screens.language import N_, _
from screens.my_data_erase import EraseScreen, StaffEraseScreen
from screens.my_data_pin import DataPinScreen, Purpose
from screens.my_data_words import KINDS, open_words, who_words
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile


class MyDataScreen(AskingScreen):
    """A line for each kind of data; the name in full, and deletion, are behind the PIN."""

    heading: ClassVar[str] = N_("My data")

    def __init__(self) -> None:
        super().__init__()
        self._view: StoredView | None = None
        self._full_name = ""

    def compose_body(self) -> Iterable[Widget]:
        """Who, what, and whether deletion was asked for."""
        yield Prose(_("One moment…"), id="data-who")
        yield _table()
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
        self._full_name = name
        self._draw()

    def _show(self, view: StoredView | None) -> None:
        self._view = view
        self._draw()

    def _draw(self) -> None:
        view, who = self._view, self.query_one("#data-who", Prose)
        if view is None:
            who.say(_("This card is not known here yet. Please ask a volunteer."))
            return
        who.say(f"{who_words(view.rider)}  " + _("This is what the station keeps about you."))
        self.query_one(Table).show(tuple(_row(line, self._full_name) for line in view.lines))
        asked = self.query_one("#data-asked", Prose)
        asked.say("" if view.asked_at is None else self._asked_words(view))
        self.query_one("#full-name", Tile).disabled = bool(self._full_name)
        delete = _("Delete my data") if view.asked_at is None else _("Do not delete them")
        self.query_one("#delete", Tile).say(delete, enabled=True)

    def _asked_words(self, view: StoredView) -> str:
        words = _("You asked for your data to be deleted.")
        if not view.open:
            return words + " " + _("It is done within a minute; then this screen closes.")
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


class StaffDataScreen(StationScreen):
    """What is kept about a rider, for a volunteer who helps one who cannot look by themselves; and the way to deletion.

    Args:
        view: what is kept.
    """

    heading: ClassVar[str] = N_("The rider's data")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, view: StoredView) -> None:
        super().__init__()
        self._view = view

    def again(self) -> Self:
        """The same, in another language."""
        return type(self)(self._view)

    def compose_body(self) -> Iterable[Widget]:
        """Whose, what, and whether deletion was asked for."""
        view = self._view
        yield Prose(f"{who_words(view.rider)}  " + _("This is what the station keeps about the rider."), id="data-who")
        yield _table()
        yield Prose("" if view.asked_at is None else self._asked_words(), id="data-asked")

    def compose_footer(self) -> Iterable[Widget]:
        """Only towards a question."""
        yield Tile(_("Delete them"), id="delete", classes="-quiet")

    def on_mount(self) -> None:
        """Draw what was read."""
        super().on_mount()
        if not self.going:
            self.query_one(Table).show(tuple(_row(line) for line in self._view.lines))

    def _asked_words(self) -> str:
        words = _("The rider asked for deletion.")
        if not self._view.open:
            return words + " " + _("It is done within a minute.")
        return words + " " + _("It is done once this has ended: {matters}.").format(matters=open_words(self._view.open))

    @on(Tile.Pressed, "#delete")
    def _delete(self) -> None:
        self.kiosk.pop_screen()  # what it tells is old once something was deleted
        self.kiosk.push_screen(StaffEraseScreen(self._view))


def _table() -> Table:
    return Table((Column(_("Kind"), 18), Column(_("How many"), 9, right=True), Column(_("Newest"), 10), Column("")))


def _row(line: StoredLine, name: str = "") -> Row:
    """A line of what is kept; the name in full where it may be told."""
    what, how = KINDS[line.kind]
    counted = line.kind not in (StoredKind.NAME, StoredKind.PHONE, StoredKind.PIN)
    newest = "" if line.newest is None else line.newest.isoformat()
    told = name if line.kind is StoredKind.NAME else ""
    return Row((_(what), str(line.count) if counted else "", newest, told or _(how)), "bold" if told else "")
