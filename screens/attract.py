"""The idle screen: who this station is, "scan your card", counts without names, notices, faults."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events, on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import RankingView, SyncView, TodayView
from screens import rooms
from screens.base import StationScreen
from screens.language import _, n_
from screens.widgets.big import Big, scan_invitation
from screens.widgets.footer import Footer
from screens.widgets.header import Header
from screens.widgets.stat import Stat
from screens.widgets.tile import Tile
from screens.widgets.week_bars import WeekBars
from screens.words import STALE_SYNC, age, station_warning
from screens.wrapping import wrap

STAFF_TAPS: Final = 5
"""Taps on the clock that open the staff entrance."""

STAFF_WITHIN_S: Final = 3.0
"""All of those taps within this time: nobody wipes or leans on the glass like that, s."""


def star_lines(ranking: RankingView | None, width: int, room: int) -> list[str]:
    """The quarter's service stars, who all agreed to stand here; nobody's name is cut, the last ones are left out.

    Args:
        ranking: None for no lines.
        width: cells of a line.
        room: the most lines.
    """
    if ranking is None:
        return []
    line = "★ " + _("Service stars, quarter {quarter} of {year}:").format(quarter=ranking.quarter, year=ranking.year)
    lines: list[str] = []
    for one in ranking.places:
        words = f"{one.place} {one.name}"
        if cell_len(f"{line}  {words}") <= width:
            line = f"{line}  {words}"
        elif len(lines) + 1 < room:
            lines.append(line)
            line = f"  {words}"
        else:
            break
    return [*lines, line]


class AttractScreen(StationScreen):
    """Stands under all other screens and is shown when nobody is there."""

    CSS_PATH = None  # the app has it

    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._taps: list[float] = []

    def compose_body(self) -> Iterable[Widget]:
        """The invitation, two counts with the week between them, the notices."""
        yield Vertical(
            Big(*scan_invitation(compact=self.compact), id="invitation"),
            Static(self._how(), id="how", markup=False),
            id="welcome",
        )
        yield Horizontal(
            Stat("", id="checkins"),
            WeekBars(2 if self.compact else 4, 2 if self.compact else 3, id="week"),
            Stat("", id="slots"),
            id="counts",
        )
        yield Static("", id="stars", markup=False)
        yield Static("", id="notices", markup=False)

    def compose_footer(self) -> Iterable[Widget]:
        """Who has no card with them, and who has none yet."""
        yield Tile(_("No card"), id="no-card", classes="-quiet")
        yield Tile(_("I am new"), id="new-rider", classes="-quiet")

    @on(Tile.Pressed, "#no-card")
    def _no_card(self) -> None:
        self.kiosk.push_screen(rooms.login())

    @on(Tile.Pressed, "#new-rider")
    def _new_rider(self) -> None:
        self.kiosk.push_screen(rooms.enrol())

    def state_changed(self) -> None:
        """Counts, notices and faults."""
        today = self.station.today()
        self.query_one("#checkins", Stat).show(str(today.checkins), _("Riders in today"))
        self.query_one("#week", WeekBars).show(today.week)
        slots = f"{today.free_slots}/{today.slots}"
        self.query_one("#slots", Stat).show(slots, _("Slots free") + " ►")
        stars = star_lines(today.ranking, self.app.size.width - 8, 1 if self.compact else 2)
        room = (3 if self.compact else 6) - len(stars)
        self.query_one("#stars", Static).update("\n".join(stars))
        self.query_one("#stars", Static).display = bool(stars)
        self.set_class(bool(stars), "-starred")
        self.query_one("#notices", Static).update(self._notice_words(today, room))
        self.show_footer()

    def translate(self) -> None:
        """Say everything in the language spoken now. It stays as long as the app does."""
        self.query_one(Header).translate()
        self.query_one(Big).say(*scan_invitation(compact=self.compact))
        self.query_one("#how", Static).update(self._how())
        self.query_one("#no-card", Tile).say(_("No card"))
        self.query_one("#new-rider", Tile).say(_("I am new"))
        self.state_changed()

    def _how(self) -> str:
        return _("Hold your card's code before the reader")

    def _notice_words(self, today: TodayView, room: int) -> str:
        """Hours and who is on duty share the first line."""
        width = self.app.size.width - 8
        first = [_("Open {hours}").format(hours=today.opening_hours)] if today.opening_hours else []
        if today.on_duty:
            duty = n_("{n} volunteer on duty", "{n} volunteers on duty", today.on_duty)
            first.append("● " + duty.format(n=today.on_duty))
        lines = ["    ".join(first)] if first else []
        for notice in today.notices:
            words = f"■ {notice.title}" + (f"  {notice.text}" if notice.text else "")
            lines += wrap(words, width)
        return "\n".join(lines[:room])

    def show_footer(self) -> None:
        """Device faults, or else how long ago the hub was reached."""
        footer = self.query_one(Footer)
        footer.say(station_warning(self.station) or self._sync_words(self.station.sync_status()), "-warning")

    def _sync_words(self, sync: SyncView) -> str:
        if not sync.enrolled:
            return ""
        if sync.last_success is None:
            return _("The hub has not been reached yet")
        silent = self.kiosk.clock.now() - sync.last_success
        if silent < STALE_SYNC:
            return ""
        return _("◆ Hub last reached {age} ago").format(age=age(silent.total_seconds()))

    def on_click(self, event: events.Click) -> None:
        """The count of free slots opens the map; five taps on the clock within three seconds the staff entrance."""
        event.stop()
        if event.widget is not None and event.widget.id == "slots":
            self.kiosk.open("charging")
        if event.widget is None or event.widget.id != "clock":
            self._taps.clear()
            return
        now = self.kiosk.clock.monotonic()
        self._taps = [tap for tap in self._taps if now - tap < STAFF_WITHIN_S] + [now]
        if len(self._taps) >= STAFF_TAPS:
            self._taps.clear()
            self.kiosk.open("staff")
