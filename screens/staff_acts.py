"""The board's page of acts: who did what to which slot, and why."""

from collections.abc import Iterable
from typing import Final

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import ActView, StaffAct
from screens.language import _
from screens.staff_base import BoardPage
from screens.staff_words import ACTS
from screens.sync_words import ALARMS
from screens.widgets.pager import Pager
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.words import out_of_service

COMMAND_LINE: Final = "cli"
"""The actor of acts that came from the command line."""

NOTHING: Final = "—"


class ActsPage(BoardPage, inherit_bindings=False):
    """Acts in pages, newest first."""

    def __init__(self) -> None:
        super().__init__(id="page-acts", classes="board-page")
        self._stale = False

    def compose(self) -> Iterable[Widget]:
        """Table over pager."""
        yield Table(
            (
                Column(_("When"), 11),
                Column(_("Who"), 12),
                Column(_("What"), 22),
                Column(_("Slot"), 8),
                Column(_("Reason")),
            ),
            id="acts-table",
        )
        yield Horizontal(Static("", id="acts-words", markup=False), Pager(), id="acts-foot")

    def load(self) -> None:
        """The page that is open, as it is now."""
        table, pager = self.query_one(Table), self.query_one(Pager)
        if not table.size.height:
            return  # asked for when its room is known
        wanted = (pager.page, table.room)

        def show(found: tuple[tuple[ActView, ...], int]) -> None:
            if wanted == (pager.page, table.room):
                self._show(*found)

        self.board.fetch(self.station.acts(*wanted), show)

    def draw(self) -> None:
        """Something changed: it may have been an act."""
        self._stale = True

    def second(self) -> None:
        """At most once a second, however much changes."""
        if self._stale and self.board.all_answered:
            self._stale = False
            self.load()

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        self.load()

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self.load()

    def _show(self, acts: tuple[ActView, ...], pages: int) -> None:
        self.query_one(Table).show(tuple(self._row(act) for act in acts))
        self.query_one(Pager).set_pages(pages)
        words = "" if acts else _("Nobody has done anything here yet.")
        self.query_one("#acts-words", Static).update(words)

    def _row(self, act: ActView) -> Row:
        when = act.at.astimezone(self.station.settings.station.zone)
        who = _("command line") if act.actor == COMMAND_LINE else act.actor
        where = _("all") if act.slot is None else act.slot
        if act.act is StaffAct.SYNC_SEEN:
            where = NOTHING
        if act.to is not None:
            where = f"{where} → {act.to}"
        why = NOTHING if act.reason is None else out_of_service(act.reason)
        if act.about:
            why = _(", ").join(_(ALARMS[word][0]) if word in ALARMS else word for word in act.about)
        return Row((f"{when:%m-%d %H:%M}", who, _(ACTS[act.act]), where, why))
