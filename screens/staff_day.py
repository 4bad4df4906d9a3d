"""The board's page of today: energy, the station's power over the day, and every session that ended."""

from collections.abc import Iterable
from datetime import date, datetime
from math import ceil
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import DayView, PastSessionView
from screens.charging_scene import duration
from screens.language import _, n_
from screens.staff_base import BoardPage
from screens.staff_words import end_words
from screens.widgets.day_plot import DayPlot
from screens.widgets.figure import Figure
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table

RELOAD_S: Final = 30
"""How often the day is asked for while its page is on top, s; its newest minute is one minute long."""


class DayPage(BoardPage, inherit_bindings=False):
    """Total, plot, sessions in pages."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(id="page-day", classes="board-page")
        self._day: DayView | None = None
        self._age_s = 0

    def compose(self) -> Iterable[Widget]:
        """Total and pager above, the plot under them, sessions below."""
        yield Horizontal(Figure("—", "kWh", id="day-total"), Prose(id="day-words"), Pager(), id="day-top")
        yield Static("", id="plot-words", markup=False)
        yield DayPlot(id="day-plot")
        yield Table(
            (
                Column(_("Slot"), 6),
                Column(_("From – to"), 18),
                Column(_("Charged for"), 15, right=True),
                Column("Wh", 6, right=True),
                Column(_("Why it ended")),
            ),
            id="day-table",
        )

    def load(self) -> None:
        """The newest."""
        self._age_s = 0
        self.board.fetch(self.station.charging.day(), self._show)

    def second(self) -> None:
        """The page keeps up with the day."""
        self._age_s += 1
        if self._age_s >= RELOAD_S and self.board.all_answered:
            self.load()

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        self._show_sessions()

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self._show_sessions()

    def _show(self, day: DayView) -> None:
        self._day = day
        now = self._now()
        minutes = day.watts_per_minute[: now.hour * 60 + now.minute + 1]
        self.query_one("#day-total", Figure).show(kilowatt_hours(day.wh), "kWh")
        self.query_one("#day-words", Prose).say("\n".join(day_lines(day, minutes)))
        self.query_one("#plot-words", Static).update(plot_words(minutes))
        self.query_one(DayPlot).show(minutes)
        self._show_sessions()

    def _show_sessions(self) -> None:
        if self._day is None:
            return
        table, pager = self.query_one(Table), self.query_one(Pager)
        sessions = self._day.sessions
        pager.set_pages(ceil(len(sessions) / table.room))
        first = pager.page * table.room
        today = self._now().date()
        table.show(tuple(self._row(session, today) for session in sessions[first : first + table.room]))

    def _row(self, session: PastSessionView, today: date) -> Row:
        zone = self.station.settings.station.zone
        times = f"{_moment(session.started_at.astimezone(zone), today)}–{session.ended_at.astimezone(zone):%H:%M}"
        return Row((session.slot, times, duration(session.powered_s), str(session.wh), end_words(session.stop_reason)))

    def _now(self) -> datetime:
        return self.board.kiosk.clock.now().astimezone(self.station.settings.station.zone)


def day_lines(day: DayView, minutes: tuple[float | None, ...]) -> tuple[str, ...]:
    """What stands beside the total: how many sessions, and the highest minute.

    Args:
        day: the day.
        minutes: its minutes until now, W.
    """
    count = len(day.sessions)
    lines = [n_("{n} session today", "{n} sessions today", count).format(n=count)]
    known = [(watts, -place) for place, watts in enumerate(minutes) if watts is not None and watts > 0]
    if known:
        watts, place = max(known)
        hour, minute = divmod(-place, 60)
        lines.append(_("Peak {watts} W at {time}").format(watts=f"{watts:.0f}", time=f"{hour:02d}:{minute:02d}"))
    return tuple(lines)


def kilowatt_hours(wh: int) -> str:
    """Energy in kWh with three or four digits."""
    return f"{wh / 1000:.2f}" if wh < 10_000 else f"{wh / 1000:.1f}"


def plot_words(minutes: tuple[float | None, ...]) -> str:
    """The plot's caption; what is not known is explained where there is such a minute."""
    words = _("The station's power today, W (each bar is a peak)")
    return words if None not in minutes else words + "    ░ " + _("not measured")


def _moment(moment: datetime, today: date) -> str:
    """Hours and minutes; with month and day when it was not today."""
    return f"{moment:%H:%M}" if moment.date() == today else f"{moment:%m-%d %H:%M}"
