"""The volunteers' page behind the PIN: stop a slot, see devices and how far the hub has been told."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid, Horizontal
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import ChargingOutcome, Health, SlotState, SlotView
from screens.base import StationScreen
from screens.language import N_, _, n_
from screens.theme import HEALTH_LOOKS, SLOT_LOOKS
from screens.widgets.tile import Tile
from screens.words import (
    CHARGING_REFUSALS,
    HEALTHS,
    SLOT_ERRORS,
    SLOT_STATES,
    SYNC_PROBLEMS,
    age,
    device_words,
    faulty,
)
from screens.wrapping import fit

PER_PAGE: Final = 8
"""Slots shown at once: more would make the tiles smaller than a finger."""

ARMED_S: Final = 5.0
"""How long the second tap that stops a slot is waited for, s."""

STOPPABLE: Final = frozenset(
    {
        SlotState.RESERVED,
        SlotState.PREPARING,
        SlotState.CHARGING,
        SlotState.SUSPENDED_EV,
        SlotState.SUSPENDED_EVSE,
        SlotState.FINISHING,
        SlotState.FAULTED,
    }
)
"""States in which a volunteer may have something to stop."""


class StaffScreen(StationScreen):
    """Slots as tiles (two taps stop one), devices and sync in lines."""

    heading: ClassVar[str] = N_("Volunteers")
    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = N_("Lock")

    def __init__(self) -> None:
        super().__init__()
        self._page = 0
        self._armed: str | None = None
        self._armed_at = 0.0

    def compose_body(self) -> Iterable[Widget]:
        """Eight slot tiles, two columns of facts, the next page where there are more slots."""
        yield Grid(*(Tile("", id=f"slot-{place}", classes="-slot") for place in range(PER_PAGE)), id="staff-slots")
        yield Static("", id="told", markup=False)
        columns: list[Widget] = [
            Static("", id="devices", markup=False),
            Static("", id="sync", markup=False),
        ]
        if len(self.station.slots()) > PER_PAGE:
            columns.append(Tile(_("More slots"), id="more"))
        yield Horizontal(*columns, id="facts")

    def state_changed(self) -> None:
        """Slots, devices and sync as they are now."""
        self._draw_slots()
        self.query_one("#devices", Static).update("\n".join(self._device_lines()))
        self.query_one("#sync", Static).update("\n".join(self._sync_lines()))

    def tick(self) -> None:
        """An armed stop that nobody confirmed is disarmed."""
        super().tick()
        if self._armed is not None and self.kiosk.clock.monotonic() - self._armed_at >= ARMED_S:
            self._arm(None)

    def _draw_slots(self) -> None:
        shown = self._shown()
        for place in range(PER_PAGE):
            tile = self.query_one(f"#slot-{place}", Tile)
            tile.set_class(place >= len(shown), "-empty")
            if place < len(shown):
                self._draw_slot(tile, shown[place])

    def _draw_slot(self, tile: Tile, slot: SlotView) -> None:
        look = SLOT_LOOKS[slot.state]
        for other in SLOT_LOOKS.values():
            tile.set_class(other.css_class == look.css_class, other.css_class)
        tile.set_class(slot.name == self._armed, "-armed")
        if slot.name == self._armed:
            tile.say(_("Stop slot {slot}?").format(slot=slot.name), _("Tap again"))
        else:
            title = f"{look.shape} {slot.name}  {_(SLOT_STATES[slot.state])}"
            tile.say(title, _slot_facts(slot), enabled=slot.state in STOPPABLE)

    def _shown(self) -> Sequence[SlotView]:
        start = self._page * PER_PAGE
        return self.station.slots()[start : start + PER_PAGE]

    def _device_lines(self) -> Iterable[str]:
        devices = self.station.devices()
        bad = faulty(devices)
        width = self.app.size.width // 2 - 6
        for device in bad[:4]:
            shape = HEALTH_LOOKS[device.health].shape
            yield fit(f"{shape} {device_words(device.name)}: {_(HEALTHS[device.health])}", width)
        if len(bad) > 4:
            yield n_("... and {n} more", "... and {n} more", len(bad) - 4).format(n=len(bad) - 4)
        works = sum(device.health is Health.CONNECTED for device in devices)
        shape = HEALTH_LOOKS[Health.CONNECTED].shape
        yield f"{shape} " + n_("{n} device works", "{n} devices work", works).format(n=works)
        unknown = len(devices) - works - len(bad)
        if unknown:
            yield f"{HEALTH_LOOKS[Health.UNKNOWN].shape} " + _("{n} not known yet").format(n=unknown)
        yield _("Software {version}").format(version=self.station.version)

    def _sync_lines(self) -> Iterable[str]:
        sync = self.station.sync_status()
        shape = HEALTH_LOOKS[sync.health].shape
        hub = sync.hub_name or _("Hub")
        if not sync.enrolled:
            yield f"{HEALTH_LOOKS[Health.UNKNOWN].shape} " + _("This box is not enrolled at a hub")
        else:
            yield f"{shape} {hub}: {_(HEALTHS[sync.health])}"
        if sync.problem:
            yield "▲ " + _(SYNC_PROBLEMS.get(sync.problem, sync.problem))
        waiting = _("Waiting to be sent: {n}").format(n=sync.pending)
        if sync.oldest_s is not None:
            waiting += "  " + _("(oldest {age})").format(age=age(sync.oldest_s))
        yield waiting
        yield _("Last reached: {when}").format(when=self._last_success())
        if sync.quarantined:
            yield "▲ " + _("Refused by the hub: {n}").format(n=sync.quarantined)

    def _last_success(self) -> str:
        last = self.station.sync_status().last_success
        if last is None:
            return _("never")
        ago = self.kiosk.clock.now() - last
        return _("{age} ago").format(age=age(max(0.0, ago.total_seconds())))

    def _arm(self, slot: str | None) -> None:
        self._armed = slot
        self._armed_at = self.kiosk.clock.monotonic()
        self._draw_slots()

    @on(Tile.Pressed, ".-slot")
    def _slot_pressed(self, event: Tile.Pressed) -> None:
        place = int((event.tile.id or "slot-0").removeprefix("slot-"))
        slot = self._shown()[place].name
        self.query_one("#told", Static).update("")
        if slot != self._armed:
            self._arm(slot)
            return
        self._arm(None)
        self.ask(self.station.stop_slot(slot), lambda outcome: self._stopped(slot, outcome))

    def _stopped(self, slot: str, outcome: ChargingOutcome) -> None:
        if outcome.refusal is None:
            told = "● " + _("Slot {slot} is stopped.").format(slot=slot)
        else:
            told = "× " + _(CHARGING_REFUSALS[outcome.refusal])
        self.query_one("#told", Static).update(told)
        self._draw_slots()

    @on(Tile.Pressed, "#more")
    def _more(self) -> None:
        pages = -(-len(self.station.slots()) // PER_PAGE)
        self._page = (self._page + 1) % pages
        self._arm(None)


def _slot_facts(slot: SlotView) -> str:
    if slot.errors:
        return _(SLOT_ERRORS[slot.errors[0]])
    facts = [slot.rider] if slot.rider else []
    if slot.watts is not None and slot.state is SlotState.CHARGING:
        facts.append(f"{slot.watts:.0f} W")
    if slot.out_of_service:
        facts.append(slot.out_of_service)
    return "  ".join(facts)
