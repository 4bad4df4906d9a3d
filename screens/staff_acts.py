"""The board's page of acts: who did what, about whom or which slot, and why; of all days or of one."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import ActView, StaffAct
from screens.kind_words import kind_words
from screens.language import _
from screens.my_data_words import erased_words
from screens.staff_base import BoardPage
from screens.staff_words import ACTS
from screens.sync_words import ALARMS
from screens.widgets.pager import Pager
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile
from screens.words import out_of_service

COMMAND_LINE: Final = "cli"
"""The actor of acts that came from the command line."""

NOTHING: Final = "—"


class ActsPage(BoardPage, inherit_bindings=False):
    """Acts in pages, newest first."""

    def __init__(self) -> None:
        super().__init__(id="page-acts", classes="board-page")
        self._stale = False
        self._day: date | None = None
        """The day that is shown; None for all."""

    def compose(self) -> Iterable[Widget]:
        """Table over days and pager."""
        compact = self.board.compact
        yield Table(
            (
                Column(_("When"), 11),
                Column(_("Who"), 12),
                Column(_("What"), 22 if compact else 30),
                Column(_("About"), 12),
                Column(_("Reason")),
            ),
            id="acts-table",
        )
        yield Horizontal(
            Tile("◄", id="day-before"),
            Tile("", id="day-all"),
            Tile("►", id="day-after", enabled=False),
            Static("", id="acts-words", markup=False),
            Pager(),
            id="acts-foot",
        )

    def load(self) -> None:
        """The page that is open, as it is now."""
        table, pager = self.query_one(Table), self.query_one(Pager)
        if not table.size.height:
            return  # asked for when its room is known
        wanted = (pager.page, table.room, self._day)

        def show(found: tuple[tuple[ActView, ...], int]) -> None:
            if wanted == (pager.page, table.room, self._day):
                self._show(*found)

        self.board.fetch(self.station.volunteers.acts(*wanted), show)

    def draw(self) -> None:
        """Something changed: it may have been an act."""
        self._stale = True
        self._draw_days()

    def _today(self) -> date:
        return self.board.kiosk.clock.now().astimezone(self.station.settings.station.zone).date()

    def _draw_days(self) -> None:
        words = _("All days") if self._day is None else f"{self._day:%m-%d}"
        self.query_one("#day-all", Tile).say(words)
        self.query_one("#day-after", Tile).disabled = self._day is None or self._day >= self._today()

    @on(Tile.Pressed, "#day-before,#day-after,#day-all")
    def _day_pressed(self, event: Tile.Pressed) -> None:
        """Back from all days is today; the middle one shows all days again."""
        event.stop()
        if event.tile.id == "day-all":
            self._day = None
        elif self._day is None:
            self._day = self._today()
        else:
            self._day += timedelta(days=-1 if event.tile.id == "day-before" else 1)
        self.query_one(Pager).set_value(1)
        self._draw_days()
        self.load()

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
        if act.act is None:
            whom = erased_words(act.whom) if act.erased else act.whom
            about = " ".join(filter(None, (act.slot, whom))) or NOTHING
            return Row((f"{when:%m-%d %H:%M}", who, kind_words(act.kind), about, NOTHING))
        where = _("all") if act.slot is None else act.slot
        if act.act is StaffAct.RELEASE and act.slot is None:
            where = _("any slot")
        if act.act is StaffAct.SYNC_SEEN:
            where = NOTHING
        if act.to is not None:
            where = f"{where} → {act.to}"
        why = NOTHING if act.reason is None else out_of_service(act.reason)
        if act.about:
            why = _(", ").join(_(ALARMS[word][0]) if word in ALARMS else word for word in act.about)
        return Row((f"{when:%m-%d %H:%M}", who, _(ACTS[act.act]), where, why))
