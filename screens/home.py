"""What an identified rider can do: charge, read, look up points, finish."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.containers import Grid
from textual.widget import Widget
from textual.widgets import Static

from screens.base import StationScreen
from screens.language import _, n_
from screens.widgets.tile import Tile


class HomeScreen(StationScreen):
    """Greeting and four tiles."""

    back_words: ClassVar[str] = ""

    def compose_body(self) -> Iterable[Widget]:
        """The greeting over the tiles."""
        yield Static(self._greeting(), id="greeting", markup=False)
        yield Grid(
            Tile(_("Charge"), id="charging", classes="-main"),
            Tile(_("Read"), _("Borrow and return books"), id="reading"),
            Tile(_("Points"), _("What you have earned"), id="points"),
            Tile(_("Finish"), _("Clear the screen"), id="finish"),
            id="tiles",
        )

    def state_changed(self) -> None:
        """Free slots, or the rider's own charging, on the charging tile."""
        self.query_one("#charging", Tile).say(_("Charge"), self._charging_words())
        self.show_footer()

    def _greeting(self) -> str:
        rider = self.station.visitor
        if rider is None:
            return ""
        mark = "  " + _("★ Vanguard rider") if rider.vanguard else ""
        return _("Hello, {name}").format(name=rider.masked_name) + mark

    def _charging_words(self) -> str:
        session = self.station.own_session()
        if session is not None and session.ended_at is None:
            return _("Slot {slot}: {wh} Wh so far").format(slot=session.slot, wh=session.wh)
        hold = self.station.own_hold()
        if hold is not None:
            zone = self.station.settings.station.zone
            until = f"{hold.until.astimezone(zone):%H:%M}"
            return _("Slot {slot} is yours until {time}").format(slot=hold.slot, time=until)
        free = self.station.today().free_slots
        return n_("{n} slot free", "{n} slots free", free).format(n=free)

    @on(Tile.Pressed, "#charging")
    @on(Tile.Pressed, "#reading")
    @on(Tile.Pressed, "#points")
    def _room(self, event: Tile.Pressed) -> None:
        self.kiosk.open(event.tile.id or "home")

    @on(Tile.Pressed, "#finish")
    def _finish(self) -> None:
        self.kiosk.finish()
