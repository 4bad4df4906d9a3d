"""Charging: the slot map, and beside it what the identified rider can do next."""

from collections.abc import Callable, Coroutine, Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.views import ChargeLimits, ChargingOutcome, ChargingRefusal, SlotState
from screens.base import StationScreen
from screens.charging_choice import Choice, Until, reach
from screens.charging_ends import answer_end, end_is_answered
from screens.charging_history import HistoryScreen
from screens.charging_panel import panel
from screens.charging_scene import Ask, Refused, Scene
from screens.charging_view import PanelView
from screens.language import N_
from screens.widgets.choice_bar import ChoiceBar
from screens.widgets.slot_map import SlotMap
from screens.widgets.tile import Tile

CONFIRM_S: Final = 10.0
"""How long "yes" is offered before the screen goes back to what it said, s."""

Answer = Coroutine[object, object, ChargingOutcome]
"""A request under way."""


def limits(choice: Choice) -> ChargeLimits | None:
    """What the station is asked for; None for "until full"."""
    if choice.until is Until.TIME:
        return ChargeLimits(seconds=choice.minutes * 60.0)
    return ChargeLimits(wh=choice.wh) if choice.until is Until.ENERGY else None


class ChargingScreen(StationScreen):
    """Slot map and panel. Without a rider the map is there, and says to scan a card."""

    heading: ClassVar[str] = N_("Charge")
    needs_visitor: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._chosen: str | None = None
        self._confirm_until: float | None = None
        self._refused: Refused | None = None
        self._not_mine: str | None = None
        self._choice = Choice()
        self._busy = False

    def compose_body(self) -> Iterable[Widget]:
        """Map on the left, panel on the right."""
        rules = self.station.settings.charging
        view = PanelView(reach(rules.longest_s, rules.slot_limit_w))
        yield Horizontal(SlotMap(len(self.station.charging.slots()), id="slot-map"), view, id="charging-body")

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
        settings, now = self.station.settings, self.kiosk.clock.now()
        rules = settings.charging
        here = self.station.visitor is not None
        session = self.station.charging.own_session() if here else None
        slots = self.station.charging.slots()
        shown_free = sum(slot.state is SlotState.AVAILABLE for slot in slots)
        return Scene(
            visitor=self.station.visitor,
            slots=slots,
            session=session,
            hold=self.station.charging.own_hold() if here else None,
            now=now,
            zone=settings.station.zone,
            hold_minutes=rules.hold_minutes,
            offer_minutes=rules.offer_minutes,
            chosen=self._chosen,
            confirming=self._confirm_until is not None,
            end_seen=session is not None and end_is_answered(self.kiosk, session),
            refused=self._refused,
            not_mine=self._not_mine,
            ran_out=self.station.charging.ran_out() if here else None,
            queue=self.station.charging.queue() if here else None,
            waiting=self.station.charging.queue_length(),
            choice=self._choice,
            hours=rules.charging_hours,
            promised=max(0, shown_free - self.station.today().free_slots),
            closed=rules.hours is not None and not rules.hours.include(now.astimezone(settings.station.zone)),
        )

    @on(SlotMap.Selected)
    def _slot_tapped(self, event: SlotMap.Selected) -> None:
        """Speak of that slot; who holds or uses one already is told so."""
        event.stop()
        self._chosen = event.slot
        self._not_mine = None
        own = panel(self._scene()).slot
        self._refused = Refused(ChargingRefusal.HAS_ONE_ALREADY) if own not in {None, event.slot} else None
        self.state_changed()

    @on(ChoiceBar.Changed)
    def _choice_changed(self, event: ChoiceBar.Changed) -> None:
        event.stop()
        self._choice = event.choice
        self._refused = None
        self.state_changed()

    @on(Tile.Pressed, "#main-offer")
    @on(Tile.Pressed, "#other-offer")
    @on(Tile.Pressed, "#more-offer")
    def _offer_taken(self, event: Tile.Pressed) -> None:
        shown = self.query_one(PanelView).panel
        offers = {"main-offer": shown.main, "other-offer": shown.other, "more-offer": shown.more}
        offer = offers[event.tile.id or ""]
        if offer is not None and not self._busy:
            self._refused = None
            self._do(offer.ask, shown.slot)

    def _do(self, ask: Ask, slot: str | None) -> None:
        self._confirm_until = self._not_mine = None
        match ask:
            case Ask.NOT_MINE:
                self._not_mine = slot
            case Ask.STOP | Ask.RELEASE | Ask.LEAVE:
                self._confirm_until = self.kiosk.clock.monotonic() + CONFIRM_S
            case Ask.SEEN:
                self._end_read()
            case Ask.UNPLUGGED:
                self._request(self.station.charging.stop(), self._unplugged)
            case Ask.HISTORY:
                self.kiosk.push_screen(HistoryScreen())
            case _:
                request = self._asked(ask, slot)
                if request is not None:
                    self._request(request, self._answered)
        self.state_changed()

    def _asked(self, ask: Ask, slot: str | None) -> Answer | None:
        """The request that a tile stands for; None for "keep", which needs none."""
        charging = self.station.charging
        if ask in {Ask.START, Ask.START_MINE} and slot is not None:
            return charging.start(slot, limits(self._choice), confirmed=ask is Ask.START_MINE)
        if ask is Ask.HOLD and slot is not None:
            return charging.book(slot)
        requests: dict[Ask, Callable[[], Answer]] = {
            Ask.HOLD_ANY: lambda: charging.book(None),
            Ask.RELEASE_NOW: charging.release,
            Ask.STOP_NOW: charging.stop,
            Ask.JOIN: charging.join_queue,
            Ask.LEAVE_NOW: charging.leave_queue,
        }
        return requests[ask]() if ask in requests else None

    def _request(self, request: Answer, then: Callable[[ChargingOutcome], None]) -> None:
        """Ask the station; no second request until it has answered."""
        self._busy = True

        async def answer() -> ChargingOutcome:
            try:
                return await request
            finally:
                self._busy = False

        self.ask(answer(), then)

    def _answered(self, outcome: ChargingOutcome) -> None:
        self._refused = None if outcome.refusal is None else Refused(outcome.refusal, outcome.until)
        if outcome.done:
            self._chosen = None
            self._choice = Choice()
        self.state_changed()

    def _unplugged(self, outcome: ChargingOutcome) -> None:
        """The rider said that the plug is out; a slot that waits for it no longer needs not be told."""
        if outcome.done or outcome.refusal is ChargingRefusal.NOTHING_TO_STOP:
            self._end_read()
            self.state_changed()
        else:
            self._answered(outcome)

    def _end_read(self) -> None:
        session = self.station.charging.own_session()
        if session is not None:
            answer_end(self.kiosk, session)
        self._chosen = None
