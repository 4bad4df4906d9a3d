"""What an identified rider can do: charge, read, look up points, finish."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid
from textual.widget import Widget
from textual.widgets import Static

from screens.base import StationScreen
from screens.language import _, language, n_
from screens.widgets.big import big
from screens.widgets.tile import Tile

PICTURES: Final = {"charging": "充电", "reading": "读书", "points": "积分", "finish": "结束"}
"""The tiles' words in Chinese, as they are drawn large."""


class HomeScreen(StationScreen):
    """Greeting and four tiles."""

    back_words: ClassVar[str] = ""

    def compose_body(self) -> Iterable[Widget]:
        """The greeting over the tiles."""
        yield Static(self._greeting(), id="greeting", markup=False)
        yield Grid(
            self._tile("charging", _("Charge"), self._charging_words()),
            self._tile("reading", _("Read"), _("Borrow and return books")),
            self._tile("points", _("Points"), _("What you have earned")),
            self._tile("finish", _("Finish"), _("Clear the screen")),
            id="tiles",
        )

    def _tile(self, name: str, title: str, subtitle: str) -> Tile:
        """A tile with its word in large characters, where there is room for them."""
        large = language() == "zh" and not self.compact
        return Tile(title, subtitle, id=name, picture=big(PICTURES[name], 16) if large else "")

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
