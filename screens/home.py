"""What an identified rider can do: charge, read, look up points, finish."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import QueueView, SessionView
from screens.base import StationScreen
from screens.charging_ends import end_is_answered
from screens.charging_refusals import ran_out_words
from screens.charging_scene import countdown
from screens.language import _, language, n_
from screens.widgets.big import big
from screens.widgets.figure import large, small
from screens.widgets.tile import Tile
from screens.words import hello_words

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

    def compose_footer(self) -> Iterable[Widget]:
        """The way to one's own card."""
        yield Tile(_("My data"), id="my-data", classes="-quiet")
        yield Tile(_("My card"), id="my-card", classes="-quiet")

    def _tile(self, name: str, title: str, subtitle: str) -> Tile:
        """A tile with its word in large characters, where there is room for them."""
        return Tile(title, subtitle, id=name, picture=self._picture(name))

    def _picture(self, name: str) -> str:
        return big(PICTURES[name], 16) if language() == "zh" and not self.compact else ""

    def _countdown(self) -> str:
        """What is left of the visitor's turn, in figures; empty when it is not their turn."""
        queue = self.station.charging.queue()
        if queue is None or queue.offer is None:
            return ""
        left = countdown(queue.offer.until, self.kiosk.clock.now())
        return "\n".join(small(left) if self.compact else large(left))

    def state_changed(self) -> None:
        """Free slots, or the rider's own charging, on the charging tile."""
        picture = self._countdown() or self._picture("charging")
        self.query_one("#charging", Tile).say(_("Charge"), self._charging_words(), picture=picture)
        self.show_footer()

    def on_screen_resume(self) -> None:
        """On top again: what was done on the screen above shows at once."""
        self.state_changed()

    def tick(self) -> None:
        """A second passed: a turn counts down."""
        super().tick()
        self.state_changed()

    def _greeting(self) -> str:
        rider = self.station.visitor
        if rider is None:
            return ""
        mark = "  " + _("★ Vanguard rider") if rider.vanguard else ""
        return hello_words(rider) + mark

    def _charging_words(self) -> str:
        session = self.station.charging.own_session()
        if session is not None and session.ended_at is None:
            return self._session_words(session)
        if session is not None and not end_is_answered(self.kiosk, session):
            return _("Slot {slot}: charging has ended. Tap to see why").format(slot=session.slot)
        waiting = self._waiting_words()
        if waiting:
            return waiting
        return self._free_words()

    def _session_words(self, session: SessionView) -> str:
        words = _("Slot {slot}: {wh} Wh so far").format(slot=session.slot, wh=session.wh)
        if session.expected_end is None:
            return words
        end = f"{session.expected_end.astimezone(self.station.settings.station.zone):%H:%M}"
        return f"{words} · " + _("until about {time}").format(time=end)

    def _waiting_words(self) -> str:
        """A booking, a turn with its countdown, or a place in the queue; empty for none."""
        hold, queue = self.station.charging.own_hold(), self.station.charging.queue()
        if hold is not None:
            until = f"{hold.until.astimezone(self.station.settings.station.zone):%H:%M}"
            if hold.slot is None:
                return _("A free slot is yours until {time}").format(time=until)
            return _("Slot {slot} is yours until {time}").format(slot=hold.slot, time=until)
        if queue is None or queue.ended is not None:
            return self._over_words(queue)
        if queue.offer is None:
            return _("In the queue: place {place}").format(place=queue.place)
        return _("Your turn: slot {slot}. Plug in and start").format(slot=queue.offer.slot)

    def _over_words(self, queue: QueueView | None) -> str:
        """What was kept for the visitor and is so no longer, and what there is instead; empty for nothing."""
        ran_out = self.station.charging.ran_out()
        if ran_out is not None:
            over = ran_out_words(ran_out, f"{ran_out.until.astimezone(self.station.settings.station.zone):%H:%M}")
        elif queue is not None:
            over = _("Your turn has passed.")
        else:
            return ""
        return f"{over}\n{self._free_words()}"

    def _free_words(self) -> str:
        free = self.station.today().free_slots
        return n_("{n} slot free", "{n} slots free", free).format(n=free)

    @on(Tile.Pressed, "#charging")
    @on(Tile.Pressed, "#reading")
    @on(Tile.Pressed, "#points")
    def _room(self, event: Tile.Pressed) -> None:
        self.kiosk.open(event.tile.id or "home")

    @on(Tile.Pressed, "#my-card")
    def _my_card(self) -> None:
        self.kiosk.open("card_pin")

    @on(Tile.Pressed, "#my-data")
    def _my_data(self) -> None:
        self.kiosk.open("my_data")

    @on(Tile.Pressed, "#finish")
    def _finish(self) -> None:
        self.kiosk.finish()
