"""What the charging screen says beside the slot map, and the one thing to do next: pure functions."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from math import ceil
from typing import Final

from kiosk.views import (
    ChargingRefusal,
    HoldView,
    RiderView,
    SessionView,
    SlotState,
    SlotView,
    StopReason,
)
from screens.language import N_, _, n_
from screens.theme import SLOT_LOOKS
from screens.widgets.slot_map import ENERGISED, watts_words
from screens.words import CHARGING_REFUSALS, SLOT_ERRORS, SLOT_STATES, STOP_REASONS

CALL_FIRST: Final = frozenset(
    {StopReason.SMOKE, StopReason.SOCKET_HOT, StopReason.SURROUNDINGS_HOT, StopReason.RELAY_WELDED}
)
"""Reasons after which a rider had better not touch the socket: heat and smoke, or a switch that may still be on."""

GOOD_ENDS: Final = frozenset(
    {StopReason.FULL, StopReason.CHOSEN_TIME, StopReason.CHOSEN_ENERGY, StopReason.STOPPED_BY_RIDER}
)
"""Reasons that a rider hoped for or gave."""


class Ask(StrEnum):
    """What a rider can ask for on this screen."""

    START = "start"
    HOLD = "hold"
    RELEASE = "release"
    STOP = "stop"
    """Asks for one more tap."""
    STOP_NOW = "stop_now"
    KEEP = "keep"
    SEEN = "seen"
    """The end of the session was read."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A tile: what it asks for, in words of the language spoken now."""

    ask: Ask
    words: str
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the panel depends on."""

    visitor: RiderView | None
    slots: tuple[SlotView, ...]
    session: SessionView | None
    hold: HoldView | None
    now: datetime
    zone: tzinfo
    hold_minutes: float
    chosen: str | None = None
    confirming: bool = False
    end_seen: bool = False
    refusal: ChargingRefusal | None = None

    def slot(self, name: str | None) -> SlotView | None:
        """The slot of this name."""
        return next((slot for slot in self.slots if slot.name == name), None)

    def clock(self, moment: datetime) -> str:
        """A time at the station, HH:MM."""
        return f"{moment.astimezone(self.zone):%H:%M}"


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands beside the map."""

    heading: str
    look: str = ""
    """Style class of the heading: the state's colours."""
    figure: str = ""
    unit: str = ""
    lines: tuple[str, ...] = ()
    curve: tuple[float, ...] = ()
    curve_words: str = ""
    alert: str = ""
    """What must not be missed: a refusal, or what to do with the plug."""
    main: Offer | None = None
    other: Offer | None = None
    slot: str | None = None
    """The slot it speaks of, to be marked on the map."""


def panel(scene: Scene) -> Panel:
    """The panel for a scene: an own session before an own hold before the slot that was tapped."""
    if scene.session is not None and scene.session.ended_at is None:
        return _running(scene, scene.session)
    if scene.session is not None and not scene.end_seen:
        return _ended(scene, scene.session)
    if scene.hold is not None:
        return _held(scene, scene.hold)
    slot = scene.slot(scene.chosen)
    if slot is not None:
        return _chosen(scene, slot)
    return _nothing_chosen(scene)


def _alert(scene: Scene) -> str:
    return "" if scene.refusal is None else _(CHARGING_REFUSALS[scene.refusal])


def _head(slot: str, state: SlotState) -> tuple[str, str]:
    look = SLOT_LOOKS[state]
    words = _("{shape} Slot {slot}: {state}").format(shape=look.shape, slot=slot, state=_(SLOT_STATES[state]))
    return words, look.css_class


def _nothing_chosen(scene: Scene) -> Panel:
    free = sum(slot.state is SlotState.AVAILABLE for slot in scene.slots)
    unit = n_("slot is free", "slots are free", free)
    if scene.visitor is None:
        call = _("Scan your card to book or charge.")
        return Panel(
            heading=_("Scan your card"), look="-call", figure=str(free), unit=unit, alert=_alert(scene) or call
        )
    if free:
        words, line = _("Tap a free slot"), _("Then start charging, or hold it and fetch the bike.")
    else:
        words, line = _("No slot is free"), _("The map shows when each one ends at the latest: tap it.")
    return Panel(heading=words, look="-call", figure=str(free), unit=unit, lines=(line,), alert=_alert(scene))


def _chosen(scene: Scene, slot: SlotView) -> Panel:
    heading, look = _head(slot.name, slot.state)
    again = slot.state is SlotState.FINISHING and slot.mine
    if slot.state is not SlotState.AVAILABLE and not again:
        return Panel(heading, look, lines=_other_slot_lines(scene, slot), alert=_alert(scene), slot=slot.name)
    if scene.visitor is None:
        call = _("Scan your card to book or charge.")
        return Panel(heading, look, alert=_alert(scene) or call, slot=slot.name)
    minutes = f"{scene.hold_minutes:g}"
    return Panel(
        heading,
        look,
        lines=(_("Plug into socket {slot}, then tap start.").format(slot=slot.name),),
        alert=_alert(scene),
        main=Offer(Ask.START, _("Start charging")),
        other=None if again else Offer(Ask.HOLD, _("Hold for {n} min").format(n=minutes)),
        slot=slot.name,
    )


def _other_slot_lines(scene: Scene, slot: SlotView) -> tuple[str, ...]:
    """About a slot that is not free: why, whose, and until when."""
    lines = [_(SLOT_ERRORS[error]) for error in slot.errors]
    if slot.out_of_service:
        lines.append(slot.out_of_service)
    if slot.rider:
        lines.append(_("In use by {rider}").format(rider=slot.rider))
    if slot.state in ENERGISED and slot.state is not SlotState.FINISHING:
        energy = "" if slot.wh is None else f" · {slot.wh} Wh"
        lines.append(f"{watts_words(slot.watts)} W{energy}")
    if slot.until is not None:
        pattern = _("Booked until {time}") if slot.state is SlotState.RESERVED else _("Ends at {time} at the latest")
        lines.append(pattern.format(time=scene.clock(slot.until)))
    lines.append(_("Please choose another slot."))
    return tuple(lines)


def _held(scene: Scene, hold: HoldView) -> Panel:
    minutes = max(0, ceil((hold.until - scene.now).total_seconds() / 60))
    return Panel(
        heading=_("{shape} Slot {slot} is yours").format(shape=SLOT_LOOKS[SlotState.RESERVED].shape, slot=hold.slot),
        look=SLOT_LOOKS[SlotState.RESERVED].css_class,
        figure=str(minutes) if scene.refusal is None else "",  # a refusal needs the room
        unit=n_("minute left", "minutes left", minutes),
        lines=(
            _("Held until {time}.").format(time=scene.clock(hold.until)),
            _("Plug into socket {slot}, then tap start.").format(slot=hold.slot),
        ),
        alert=_alert(scene),
        main=Offer(Ask.START, _("Start charging")),
        other=Offer(Ask.RELEASE, _("Give the slot up")),
        slot=hold.slot,
    )


def _running(scene: Scene, session: SessionView) -> Panel:
    slot = scene.slot(session.slot)
    state = SlotState.CHARGING if slot is None or slot.state not in ENERGISED else slot.state
    heading, look = _head(session.slot, state)
    lines = [f"{session.wh} Wh · {duration(session.elapsed_s)}"]
    if slot is not None and slot.until is not None:
        lines.append(_("Ends at {time} at the latest").format(time=scene.clock(slot.until)))
    if slot is not None:
        lines += [_(SLOT_ERRORS[error]) for error in slot.errors]
    alert = _alert(scene) or (_("Plug your charger in now.") if state is SlotState.PREPARING else "")
    curve = () if alert else session.power_curve  # what must not be missed needs the room
    main: Offer | None = Offer(Ask.STOP, _("Stop charging"), danger=True)
    other: Offer | None = None
    if scene.confirming:
        # "Keep" stands where "stop" stood: a double tap by accident stops nothing.
        main = Offer(Ask.STOP_NOW, _("Yes, stop now"), danger=True)
        other = Offer(Ask.KEEP, _("No, keep charging"))
    return Panel(
        heading,
        look,
        figure=watts_words(session.watts),
        unit="W",
        lines=tuple(lines),
        curve=curve,
        curve_words=_curve_words(curve),
        alert=alert,
        main=main,
        other=other,
        slot=session.slot,
    )


def _curve_words(curve: tuple[float, ...]) -> str:
    if not curve:
        return ""
    return _("Last {n} min, peak {peak} W").format(n=len(curve), peak=f"{max(curve):.0f}")


def _ended(scene: Scene, session: SessionView) -> Panel:
    reason = session.stop_reason
    heading = _("{shape} Slot {slot}: charging has ended").format(shape="■", slot=session.slot)
    why = "" if reason is None else "\n" + _(STOP_REASONS[reason])
    return Panel(
        heading=heading + why,
        look="-available" if reason in GOOD_ENDS else "-reserved",
        figure=str(session.wh),
        unit="Wh",
        lines=(_("Charged for {time}").format(time=duration(session.elapsed_s)),),
        alert=_alert(scene) or _(after_the_end(reason)),
        main=Offer(Ask.SEEN, _("I see")),
        slot=session.slot,
    )


def after_the_end(reason: StopReason | None) -> str:
    """What the rider does next (a message id)."""
    if reason in CALL_FIRST:
        return N_("Do not touch the plug. Please call a volunteer.")
    if reason is StopReason.UNPLUGGED:
        return N_("The socket is off.")
    return N_("Please unplug your bike.")


def duration(seconds: float) -> str:
    """Hours and minutes, such as "1 h 12 min"."""
    hours, minutes = divmod(int(max(0.0, seconds)) // 60, 60)
    if hours:
        return _("{h} h {m} min").format(h=hours, m=minutes)
    return _("{m} min").format(m=minutes)
