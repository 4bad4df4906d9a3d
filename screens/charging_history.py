"""A rider's own charging so far, in pages."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.views import PastSessionView, StopReason
from screens.asking import AskingScreen
from screens.charging_scene import duration
from screens.language import N_, _
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.words import STOP_REASONS

LONGEST_S: Final = 36_000.0
"""No session is longer (10 h), so that no time takes more room."""
SHORT_REASONS: Final[Mapping[StopReason, str]] = {
    StopReason.ALARM_LOST: N_("A detector fell silent"),
    StopReason.STATION_LIMIT: N_("The station's limit"),
    StopReason.STATION_TROUBLE: N_("The station had a fault"),
    StopReason.NO_LOAD_LATER: N_("The bike took no more"),
}
"""Reasons that are too long for a row of the small screen."""


class HistoryScreen(AskingScreen):
    """Ended sessions of the visitor, newest first."""

    heading: ClassVar[str] = N_("My charging so far")

    def compose_body(self) -> Iterable[Widget]:
        """What can be said of all, the sessions, the pager."""
        yield Prose(_("One moment…"), id="history-words")
        yield Table(
            (
                Column(_("Day"), 11),
                Column(_("Slot"), 9),
                Column(_("Energy"), 8, right=True),
                Column(_("Time"), cell_len(duration(LONGEST_S))),
                Column(_("Why it ended")),
            )
        )
        yield Horizontal(Pager(), id="history-foot")

    def load(self) -> None:
        """The page shown, once it is known how much it holds."""
        if self.query_one(Table).size.height:
            self._load()

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        self._load()

    @on(Stepper.Changed)
    def _page_changed(self) -> None:
        self._load()

    def _load(self) -> None:
        table, pager = self.query_one(Table), self.query_one(Pager)
        wanted, room = pager.page, table.room

        def show(found: tuple[tuple[PastSessionView, ...], int]) -> None:
            if (wanted, room) == (pager.page, table.room):
                self._show(*found)

        self.fetch(self.station.charging.history(wanted, room), show)

    def _show(self, sessions: tuple[PastSessionView, ...], pages: int) -> None:
        words = "" if sessions else _("You have not charged here yet.")
        self.query_one("#history-words", Prose).say(words)
        self.query_one(Table).show(tuple(self._row(session) for session in sessions))
        self.query_one(Pager).set_pages(pages)

    def _row(self, session: PastSessionView) -> Row:
        settings = self.station.settings.station
        start = session.started_at.astimezone(settings.zone)
        slot = session.slot if session.station == settings.code else f"{session.slot} {session.station}"
        return Row(
            (
                f"{start:%m-%d %H:%M}",
                slot,
                f"{session.wh} Wh",
                duration(session.powered_s),
                _(SHORT_REASONS.get(session.stop_reason, STOP_REASONS[session.stop_reason])),
            )
        )
