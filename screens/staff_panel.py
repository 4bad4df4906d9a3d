"""What the volunteers' board says of a slot, and which acts fit its state: pure functions."""

from itertools import zip_longest
from typing import Final

from rich.cells import cell_len

from kiosk.views import SlotError, SlotState, SlotView
from screens.language import _, n_
from screens.staff_questions import asked
from screens.staff_scene import NO_OFFERS, RUNNING, Offer, Places, Scene, StaffPanel, Tap
from screens.theme import SLOT_LOOKS
from screens.widgets.slot_map import watts_words
from screens.words import SLOT_ERRORS, SLOT_STATES, out_of_service

PAIR_CELLS: Final = 17
"""Cells from the left edge to the second of two states on a line."""


def panel(scene: Scene) -> StaffPanel:
    """The panel for a scene: an open question before the slot that was tapped before the whole station."""
    question = None if scene.question is None else asked(scene, scene.question)
    if question is not None:
        return question
    slot = scene.slot(scene.chosen)
    return _overview(scene) if slot is None else _slot(scene, slot)


def _overview(scene: Scene) -> StaffPanel:
    known = [slot.watts for slot in scene.slots if slot.watts is not None]
    lines = [_("The station's limit is {limit} W.").format(limit=f"{scene.limit_w:.0f}"), *_counts(scene.slots)]
    if scene.waiting:
        words = n_("{n} rider waits in the queue", "{n} riders wait in the queue", scene.waiting)
        lines.append(words.format(n=scene.waiting))
    if len(known) < len(scene.slots):
        unknown = len(scene.slots) - len(known)
        lines.append("▲ " + n_("{n} meter not counted", "{n} meters not counted", unknown).format(n=unknown))
    kept = len(scene.any_bookings)
    if kept:
        words = n_("{n} booking of any slot", "{n} bookings of any slot", kept).format(n=kept)
        lines.append(f"{SLOT_LOOKS[SlotState.RESERVED].shape} {words}")
    lines.append(_("Tap a slot to see what can be done."))
    release = (Offer(Tap.RELEASE_ANY, _("Release a booking of any slot")),) if kept else ()
    return StaffPanel(
        heading=_("Whole station"),
        figure=watts_words(sum(known) if known else None),
        unit="W",
        lines=tuple(lines),
        told=scene.told,
        # Where the question that it leads to has "no": a finger that taps twice releases nothing.
        places=((), (), release),
    )


def _counts(slots: tuple[SlotView, ...]) -> list[str]:
    """How many slots are in which state, two states a line."""
    counted = {state: sum(slot.state is state for slot in slots) for state in SlotState}
    words = [f"{SLOT_LOOKS[state].shape} {_(SLOT_STATES[state])} {n}" for state, n in counted.items() if n]
    pairs = zip_longest(words[::2], words[1::2], fillvalue="")
    return [f"{left}{' ' * max(2, PAIR_CELLS - cell_len(left))}{right}".rstrip() for left, right in pairs]


def _slot(scene: Scene, slot: SlotView) -> StaffPanel:
    look = SLOT_LOOKS[slot.state]
    heading = _("{shape} Slot {slot}: {state}").format(
        shape=look.shape, slot=slot.name, state=_(SLOT_STATES[slot.state])
    )
    figure = watts_words(slot.watts) if slot.state in RUNNING and scene.told is None and not slot.errors else ""
    lines = _facts(scene, slot, metered=not figure)
    told = scene.told
    if told is not None and told.good and {SlotError.RELAY_WELDED, SlotError.OFF_UNCONFIRMED} & set(slot.errors):
        told = None  # "it is stopped" is no news beside a switch that turned out to be stuck
    return StaffPanel(heading, look.css_class, figure, "W", lines, told, places(slot))


def _facts(scene: Scene, slot: SlotView, *, metered: bool) -> tuple[str, ...]:
    """Errors first, then why it is out of service, whose, power (unless it stands above) and energy, until when."""
    lines = ["▲ " + _(SLOT_ERRORS[error]) for error in slot.errors]
    if slot.out_of_service is not None:
        lines.append(_("Taken out of service: {reason}").format(reason=out_of_service(slot.out_of_service)))
    elif slot.state is SlotState.UNAVAILABLE:
        lines.append(_("Not ready yet: the switch board has not answered."))
    if slot.rider:
        lines.append(_("Rider: {rider}").format(rider=slot.rider))
    if metered:
        lines.append(_("Meter: {watts} W").format(watts=watts_words(slot.watts)))
    if slot.wh is not None:
        lines.append(_("Energy: {wh} Wh").format(wh=slot.wh))
    if slot.until is not None:
        pattern = _("Booked until {time}") if slot.state is SlotState.RESERVED else _("Ends at {time} at the latest")
        lines.append(pattern.format(time=f"{slot.until.astimezone(scene.zone):%H:%M}"))
    return tuple(lines)


def places(slot: SlotView) -> Places:
    """The acts that fit a slot's state, the one most wanted highest."""
    move = Offer(Tap.MOVE, _("Move rider to another slot"))
    service = Offer(Tap.DISABLE, _("Take out of service"))
    if slot.out_of_service is not None:
        service = Offer(Tap.ENABLE, _("Back in service"))
    if slot.state in RUNNING:
        return ((), (Offer(Tap.STOP, _("Stop charging"), danger=True),), (move,))
    match slot.state:
        case SlotState.RESERVED:
            return ((Offer(Tap.RELEASE, _("Release the booking"), danger=True),), (move,), (service,))
        case SlotState.FINISHING:
            return ((), (Offer(Tap.PLUG_OUT, _("The plug is out")),), (service,))
        case SlotState.FAULTED:
            return ((), (Offer(Tap.CLEAR, _("Clear the fault")),), (service,))
        case SlotState.UNAVAILABLE:
            return NO_OFFERS if slot.out_of_service is None else ((), (), (service,))
        case _:
            return ((), (), (service,))
