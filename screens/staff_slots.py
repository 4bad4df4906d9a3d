"""The board's first page: every slot live, and beside the map what can be done with the one that was tapped."""

from collections.abc import Callable, Coroutine, Iterable
from math import ceil
from typing import Final

from msgspec.structs import replace
from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.views import ChargingOutcome, SlotState
from screens.language import N_, _
from screens.staff_base import BoardPage
from screens.staff_panel import panel
from screens.staff_scene import Offer, Question, Scene, StaffPanel, Tap, Told
from screens.staff_words import refusal_words
from screens.theme import SLOT_LOOKS
from screens.widgets.figure import Figure
from screens.widgets.prose import Prose
from screens.widgets.slot_map import SlotMap
from screens.widgets.tile import Tile

LOOKS: Final = frozenset({"-call", *(look.css_class for look in SLOT_LOOKS.values())})

DONE: Final = {
    Tap.STOP: N_("Slot {slot} is stopped."),
    Tap.STOP_ALL: N_("All slots are stopped."),
    Tap.RELEASE: N_("The booking of slot {slot} is released."),
    Tap.RELEASE_ANY: N_("The booking is released."),
    Tap.PLUG_OUT: N_("Slot {slot} is free again."),
    Tap.CLEAR: N_("The fault of slot {slot} is cleared."),
    Tap.DISABLE: N_("Slot {slot} is out of service."),
    Tap.ENABLE: N_("Slot {slot} is back in service."),
    Tap.MOVE: N_("Moved to slot {target}. Put the plug into socket {target}."),
}
"""What is said when an act was done."""


class _Row(Horizontal, inherit_bindings=False):
    """Up to two tiles side by side."""

    def __init__(self, place: int) -> None:
        self._tiles = [Tile("", id=f"act-{place}-{side}", classes="-act") for side in range(2)]
        super().__init__(*self._tiles, classes="act-row")
        self._offers: tuple[Offer, ...] = ()

    def show(self, offers: tuple[Offer, ...], *, busy: bool) -> None:
        """Show these offers; none takes no room."""
        self._offers = offers
        self.display = bool(offers)
        for side, tile in enumerate(self._tiles):
            tile.display = side < len(offers)
            if side < len(offers):
                tile.say(_("One moment…") if busy else offers[side].words, enabled=not busy)
                tile.set_class(offers[side].danger, "-danger")

    def offer(self, tile: Tile) -> Offer | None:
        """What a tile of this row stands for now."""
        side = self._tiles.index(tile) if tile in self._tiles else len(self._offers)
        return self._offers[side] if side < len(self._offers) else None


class StaffPanelView(Vertical, inherit_bindings=False):
    """A `StaffPanel` on the screen: every widget is there from the start and updated in place."""

    def __init__(self) -> None:
        super().__init__(id="staff-panel")
        self._heading = Prose(classes="staff-heading")
        self._told = Prose(id="told")
        self._figure = Figure(classes="staff-figure")
        self._lines = Prose(classes="staff-lines")
        self._rows = [_Row(place) for place in range(3)]

    def compose(self) -> Iterable[Widget]:
        """Words above, tiles at the foot."""
        yield Vertical(self._heading, self._told, self._figure, self._lines, classes="staff-panel-words")
        yield from self._rows

    def show(self, panel: StaffPanel, *, busy: bool) -> None:
        """Show a panel.

        Args:
            panel: what to say and offer.
            busy: a request is under way: the tiles take no taps.
        """
        self._heading.say(panel.heading)
        for look in LOOKS:
            self._heading.set_class(look == panel.look, look)
        told = panel.told
        self._told.say("" if told is None else ("● " if told.good else "× ") + told.words)
        self._told.set_class(told is not None and told.good, "-done")
        self._figure.show(panel.figure, panel.unit)
        self._lines.say("\n".join(panel.lines))
        self._lines.set_class(bool(panel.figure and panel.places[2]), "-under")
        for row, offers in zip(self._rows, panel.places, strict=True):
            row.show(offers, busy=busy)

    def offer(self, tile: Tile) -> Offer | None:
        """What a tile stands for now."""
        return next((offer for row in self._rows if (offer := row.offer(tile)) is not None), None)


class SlotsPage(BoardPage, inherit_bindings=False):
    """Map and panel.

    Args:
        chosen: the slot that is spoken of at first.
    """

    def __init__(self, chosen: str | None = None) -> None:
        super().__init__(id="page-slots", classes="board-page")
        self.chosen = chosen
        self._question: Question | None = None
        self._asked_at = 0.0
        self._told: Told | None = None
        self._busy = False

    def compose(self) -> Iterable[Widget]:
        """Map on the left, panel on the right."""
        yield Horizontal(SlotMap(len(self.station.charging.slots()), id="staff-map"), StaffPanelView(), id="staff-body")

    def draw(self) -> None:
        """Slots and panel, in place."""
        if not self.children:
            return  # drawn when its widgets are there
        if self._question is not None and not self._question.holds(self.station.charging.slots()):
            self._question = None
        scene = self._scene()
        marked = self.chosen if scene.question is None else scene.question.target or scene.question.slot
        self.query_one(SlotMap).show(scene.slots, marked)
        self.query_one(StaffPanelView).show(panel(scene), busy=self._busy)

    def second(self) -> None:
        """An unanswered question lapses."""
        if self._question is not None and self._left_s() <= 0:
            self._question = None
        self.draw()

    def overview(self) -> None:
        """Speak of the whole station."""
        self.chosen, self._told = None, None
        self._ask(None)

    def ask_stop_all(self) -> None:
        """Ask whether every session is to be stopped."""
        if not self._busy:
            self.chosen, self._told = None, None
            self._ask(Question(Tap.STOP_ALL))

    def _left_s(self) -> float:
        if self._question is None:
            return 0.0
        return self._asked_at + self._question.lasts_s - self.board.kiosk.clock.monotonic()

    def _scene(self) -> Scene:
        settings = self.station.settings
        return Scene(
            # The volunteer's board names whoever uses a slot, also the rider who scanned last.
            slots=tuple(replace(slot, mine=False) for slot in self.station.charging.slots()),
            zone=settings.station.zone,
            limit_w=settings.charging.station_limit_w,
            waiting=self.station.charging.queue_length(),
            any_bookings=self.station.charging.any_bookings(),
            chosen=self.chosen,
            question=self._question,
            left_s=max(0, ceil(self._left_s())),
            told=self._told,
        )

    def _ask(self, question: Question | None) -> None:
        self._question = question
        self._asked_at = self.board.kiosk.clock.monotonic()
        self.draw()

    @on(SlotMap.Selected)
    def _slot_tapped(self, event: SlotMap.Selected) -> None:
        """Speak of that slot; or it is the one that a rider is to be moved to."""
        event.stop()
        if self._busy:
            return
        self._told = None
        question = self._question
        if question is not None and question.about is Tap.MOVE and question.slot != event.slot:
            self._target_tapped(question, event.slot)
            return
        self.chosen = event.slot
        self._ask(None)

    def _target_tapped(self, question: Question, target: str) -> None:
        scene = self._scene()
        slot = scene.slot(target)
        if slot is None or slot.state is not SlotState.AVAILABLE:
            self._told = Told(_("Slot {slot} is not free.").format(slot=target), good=False)
            self._ask(replace(question, target=None))
        else:
            self._ask(replace(question, target=target))

    @on(Tile.Pressed, ".-act")
    def _offer_taken(self, event: Tile.Pressed) -> None:
        event.stop()
        offer = self.query_one(StaffPanelView).offer(event.tile)
        if offer is None or self._busy:
            return
        self._told = None
        question = self._question
        match offer.tap:
            case Tap.NO:
                self._ask(None)
            case Tap.YES if question is not None and question.about is Tap.RELEASE_ANY:
                self._do(question.about, question.target or "")
            case Tap.YES if question is not None:
                self._do(question.about, question.slot or "", target=question.target or "")
            case Tap.BECAUSE if question is not None:
                self._do(Tap.DISABLE, question.slot or "", reason=offer.value)
            case Tap.THIS if question is not None:
                self._ask(replace(question, target=offer.value))
            case Tap.ENABLE if self.chosen is not None:
                self._do(Tap.ENABLE, self.chosen)
            case _:
                slot = self._scene().slot(self.chosen)
                self._ask(Question(offer.tap, self.chosen, None if slot is None else slot.rider))

    def _do(self, act: Tap, slot: str, *, target: str = "", reason: str = "") -> None:
        self._question = None
        self._busy = True
        request = self._request(act, slot, target, reason)

        async def answer() -> ChargingOutcome:
            try:
                return await request
            finally:
                self._busy = False

        def told(outcome: ChargingOutcome) -> None:
            self._answered(act, slot, target, outcome)

        self.board.ask(answer(), told)
        self.draw()

    def _request(self, act: Tap, slot: str, target: str, reason: str) -> Coroutine[object, object, ChargingOutcome]:
        charging = self.station.charging
        requests: dict[Tap, Callable[[], Coroutine[object, object, ChargingOutcome]]] = {
            Tap.STOP: lambda: charging.stop_slot(slot),
            Tap.STOP_ALL: charging.stop_all,
            Tap.RELEASE: lambda: charging.release_slot(slot),
            Tap.RELEASE_ANY: lambda: charging.release_any(slot),
            Tap.PLUG_OUT: lambda: charging.stop_slot(slot),
            Tap.CLEAR: lambda: charging.clear_slot(slot),
            Tap.DISABLE: lambda: charging.disable_slot(slot, reason),
            Tap.ENABLE: lambda: charging.enable_slot(slot),
            Tap.MOVE: lambda: charging.move(slot, target),
        }
        return requests[act]()

    def _answered(self, act: Tap, slot: str, target: str, outcome: ChargingOutcome) -> None:
        if outcome.refusal is None:
            self._told = Told(_(DONE[act]).format(slot=slot, target=target), good=True)
            self.chosen = target or self.chosen
        else:
            words = refusal_words(outcome.refusal)
            if outcome.slot is not None and act in {Tap.STOP_ALL, Tap.MOVE}:  # one slot of several
                words = _("Slot {slot}: {words}").format(slot=outcome.slot, words=words)
            self._told = Told(words, good=False)
        self.draw()
