"""Charging: the slot map, and beside it what the identified rider can do next."""

from collections.abc import Coroutine, Iterable
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

from textual import on
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widget import Widget

from kiosk.views import ChargingOutcome, ChargingRefusal, SessionView
from screens.base import StationScreen
from screens.charging_panel import Ask, Offer, Panel, Scene, panel
from screens.language import N_, _
from screens.widgets.figure import Figure
from screens.widgets.power_curve import PowerCurve
from screens.widgets.prose import Prose
from screens.widgets.slot_map import SlotMap
from screens.widgets.tile import Tile

CONFIRM_S: Final = 10.0
"""How long "yes, stop now" is offered before the screen goes back to charging, s."""


ROOMY: Final = {False: 23, True: 17}
"""Rows of the panel that leave room for air, by whether the layout is the compact one."""

ENDS_READ: Final[WeakKeyDictionary[object, set[str]]] = WeakKeyDictionary()
"""Ends of sessions that their riders have read, by app: the station tells an end until the next session."""


def _key(session: SessionView) -> str:
    return f"{session.slot} {session.started_at.isoformat()}"


class PanelView(Vertical, inherit_bindings=False):
    """A `Panel` on the screen: every widget is there from the start and updated in place."""

    def __init__(self) -> None:
        super().__init__(id="panel")
        self.panel = Panel("")
        self._heading = Prose(classes="panel-heading")
        self._figure = Figure(classes="panel-figure")
        self._lines = Prose(classes="panel-lines")
        self._curve_words = Prose(classes="panel-curve-words")
        self._curve = PowerCurve(classes="panel-curve")
        self._alert = Prose(classes="panel-alert")
        self._main = Tile("", id="main-offer", classes="-main")
        self._other = Tile("", id="other-offer")

    def compose(self) -> Iterable[Widget]:
        """Words above, tiles at the foot."""
        with Vertical(classes="panel-words"):
            yield self._heading
            yield self._alert
            yield self._figure
            yield self._lines
            yield self._curve_words
            yield self._curve
        yield self._main
        yield self._other

    def on_resize(self, event: Resize) -> None:
        """Give up air where a line under the footer takes rows away."""
        self.set_class(event.size.height < ROOMY[self.screen.has_class("-compact")], "-tight")

    def show(self, panel: Panel, *, busy: bool) -> None:
        """Show a panel.

        Args:
            panel: what to say and offer.
            busy: a request is under way: the tiles take no taps.
        """
        self.panel = panel
        self._heading.say(panel.heading)
        for look in ("-available", "-reserved", "-charging", "-waiting", "-faulted", "-unavailable", "-call"):
            self._heading.set_class(look == panel.look, look)
        self._figure.show(panel.figure, panel.unit)
        self._lines.say("\n".join(panel.lines))
        self._curve_words.say(panel.curve_words)
        self._curve.show(panel.curve)
        self._alert.say(panel.alert)
        self._alert.set_class(panel.other is None, "-roomy")
        _offer(self._main, panel.main, busy=busy)
        _offer(self._other, panel.other, busy=busy)
        self._main.set_class(panel.main is not None and panel.main.danger, "-danger")


def _offer(tile: Tile, offer: Offer | None, *, busy: bool) -> None:
    tile.display = offer is not None
    if offer is not None:
        tile.say(_("One moment…") if busy else offer.words, enabled=not busy)


class ChargingScreen(StationScreen):
    """Slot map and panel. Without a rider the map is there, and says to scan a card."""

    heading: ClassVar[str] = N_("Charge")
    needs_visitor: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._chosen: str | None = None
        self._confirm_until: float | None = None
        self._refusal: ChargingRefusal | None = None
        self._busy = False

    def compose_body(self) -> Iterable[Widget]:
        """Map on the left, panel on the right."""
        yield Horizontal(SlotMap(len(self.station.slots()), id="slot-map"), PanelView(), id="charging-body")

    def state_changed(self) -> None:
        """Draw slots and panel anew, in place."""
        scene = self._scene()
        shown = panel(scene)
        self.query_one(SlotMap).show(scene.slots, shown.slot)
        self.query_one(PanelView).show(shown, busy=self._busy)

    def tick(self) -> None:
        """A second passed: times on the panel move, an unanswered question lapses."""
        super().tick()
        if self._confirm_until is not None and self.kiosk.clock.monotonic() >= self._confirm_until:
            self._confirm_until = None
        self.state_changed()

    def _scene(self) -> Scene:
        settings = self.station.settings
        visitor = self.station.visitor
        session = self.station.own_session() if visitor is not None else None
        return Scene(
            visitor=visitor,
            slots=self.station.slots(),
            session=session,
            hold=self.station.own_hold() if visitor is not None else None,
            now=self.kiosk.clock.now(),
            zone=settings.station.zone,
            hold_minutes=settings.charging.hold_minutes,
            chosen=self._chosen,
            confirming=self._confirm_until is not None,
            end_seen=session is not None and _key(session) in self._ends_read(),
            refusal=self._refusal,
        )

    def _ends_read(self) -> set[str]:
        return ENDS_READ.setdefault(self.kiosk, set())

    @on(SlotMap.Selected)
    def _slot_tapped(self, event: SlotMap.Selected) -> None:
        """Speak of that slot; who holds or uses one already is told so."""
        event.stop()
        self._chosen = event.slot
        own = panel(self._scene()).slot
        self._refusal = ChargingRefusal.HAS_ONE_ALREADY if own not in {None, event.slot} else None
        self.state_changed()

    @on(Tile.Pressed, "#main-offer")
    @on(Tile.Pressed, "#other-offer")
    def _offer_taken(self, event: Tile.Pressed) -> None:
        shown = self.query_one(PanelView).panel
        offer = shown.main if event.tile.id == "main-offer" else shown.other
        if offer is not None and not self._busy:
            self._refusal = None
            self._do(offer.ask, shown.slot)

    def _do(self, ask: Ask, slot: str | None) -> None:
        self._confirm_until = None
        match ask:
            case Ask.START if slot is not None:
                self._request(self.station.start(slot))
            case Ask.HOLD if slot is not None:
                self._request(self.station.book(slot))
            case Ask.RELEASE:
                self._request(self.station.release())
            case Ask.STOP:
                self._confirm_until = self.kiosk.clock.monotonic() + CONFIRM_S
            case Ask.STOP_NOW:
                self._request(self.station.stop())
            case Ask.SEEN:
                session = self.station.own_session()
                if session is not None:
                    self._ends_read().add(_key(session))
                self._chosen = None
            case _:
                pass
        self.state_changed()

    def _request(self, request: Coroutine[object, object, ChargingOutcome]) -> None:
        """Ask the station; no second request until it has answered."""
        self._busy = True

        async def answer() -> ChargingOutcome:
            try:
                return await request
            finally:
                self._busy = False

        self.ask(answer(), self._answered)

    def _answered(self, outcome: ChargingOutcome) -> None:
        self._refusal = outcome.refusal
        if outcome.done:
            self._chosen = None
        self.state_changed()
