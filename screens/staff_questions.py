"""What the volunteers' board asks before it does something, and the tiles that answer: pure functions."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from kiosk.views import SlotState, SlotView
from screens.language import N_, _, n_
from screens.staff_scene import Offer, Question, Scene, StaffPanel, Tap
from screens.widgets.slot_map import watts_words
from screens.words import OUT_OF_SERVICE

NO_LOAD_W: Final = 1.5
"""Below this a meter is taken to show no load (docs/charging.md), W."""


def asked(scene: Scene, question: Question) -> StaffPanel | None:
    """The panel of an open question; None when there is no such slot any more."""
    slot = scene.slot(question.slot)
    no = Offer(Tap.NO, _("No, go back ({n})").format(n=scene.left_s))
    if question.about is Tap.STOP_ALL:
        return _stop_all(scene, no)
    if question.about is Tap.RELEASE_ANY:
        return _any_booking(scene, question.target, no)
    if slot is None:
        return None
    if question.about is Tap.DISABLE:
        return _reasons(slot, no)
    if question.chooses_target:
        return _targets(scene, slot, no)
    ask = QUESTIONS[question.about]
    filled = {"slot": slot.name, "rider": rider_words(slot), "target": question.target or ""}
    lines = [_(line).format(**filled) for line in ask.lines]
    if question.about is Tap.CLEAR:
        off = slot.watts is not None and slot.watts < NO_LOAD_W
        shown = _("The meter shows {watts} W now.").format(watts=watts_words(slot.watts))
        lines.append(f"{'●' if off else '▲'} {shown}")
    yes = Offer(Tap.YES, _(ask.yes).format(**filled), danger=True)
    return StaffPanel(_(ask.heading).format(**filled), "-call", lines=tuple(lines), places=((), (no,), (yes,)))


def _stop_all(scene: Scene, no: Offer) -> StaffPanel:
    count = len(scene.running)
    heading = n_("Stop all: {n} slot is charging", "Stop all: {n} slots are charging", count).format(n=count)
    names = _(", ").join(f"{slot.name} {slot.rider or ''}".rstrip() for slot in scene.running)
    words = n_("Yes, stop {n} slot", "Yes, stop all {n} slots", count).format(n=count)
    yes = Offer(Tap.YES, words, danger=True)
    return StaffPanel(
        "■ " + heading,
        "-call",
        lines=(names, _("Their power is cut at once. Each rider sees that a volunteer stopped it.")),
        places=((), (no,), (yes,)),
    )


def _any_booking(scene: Scene, chosen: str | None, no: Offer) -> StaffPanel | None:
    """Which booking of any slot, and then whether; None when it is over, or when there is none."""
    if chosen is None:
        return _any_bookings(scene, no) if scene.any_bookings else None
    booking = next((each for each in scene.any_bookings if each.id == chosen), None)
    if booking is None:
        return None
    heading = _("■ Release the booking of {rider}?").format(rider=booking.rider or _("the rider"))
    until = _("Booked until {time}").format(time=f"{booking.until.astimezone(scene.zone):%H:%M}")
    loses = _("Its rider loses the booking, and one slot more is free for others.")
    yes = Offer(Tap.YES, _("Yes, release it"), danger=True)
    return StaffPanel(heading, "-call", lines=(until, loses), places=((), (no,), (yes,)))


def _any_bookings(scene: Scene, no: Offer) -> StaffPanel:
    """Which of the bookings of any slot: those that end first, as many as there are tiles for."""
    offers = [
        Offer(Tap.THIS, f"{each.rider} {each.until.astimezone(scene.zone):%H:%M}", value=each.id)
        for each in scene.any_bookings[:4]
    ]
    return StaffPanel(
        _("■ Release which booking of any slot?"),
        "-call",
        places=(tuple(offers[:2]), tuple(offers[2:]), (no,)),
    )


def _reasons(slot: SlotView, no: Offer) -> StaffPanel:
    offers = [Offer(Tap.BECAUSE, _(words), value=reason) for reason, words in OUT_OF_SERVICE.items()]
    lines = [_("Why? Tap a reason. The slot stays out of service until a volunteer puts it back.")]
    if slot.state is SlotState.RESERVED:
        lines.insert(0, "▲ " + _("{rider} loses the booking.").format(rider=rider_words(slot)))
    return StaffPanel(
        _("Take slot {slot} out of service").format(slot=slot.name),
        "-call",
        lines=tuple(lines),
        places=(tuple(offers[:2]), tuple(offers[2:]), (no,)),
    )


def _targets(scene: Scene, slot: SlotView, no: Offer) -> StaffPanel:
    free = [other.name for other in scene.slots if other.state is SlotState.AVAILABLE]
    if free:
        line = _("Tap the new slot on the map. Free: {slots}").format(slots=_(", ").join(free))
    else:
        line = _("No other slot is free now.")
    heading = _("Move {rider} away from slot {slot}").format(rider=rider_words(slot), slot=slot.name)
    return StaffPanel(heading, "-call", lines=(line,), told=scene.told, places=((), (), (no,)))


class _Asked(Struct, frozen=True):
    """The words of a question (message ids)."""

    heading: str
    lines: tuple[str, ...]
    yes: str


QUESTIONS: Final[Mapping[Tap, _Asked]] = {
    Tap.STOP: _Asked(
        N_("■ Stop slot {slot}?"),
        (N_("{rider}'s charging ends and the power is cut."),),
        N_("Yes, stop slot {slot}"),
    ),
    Tap.RELEASE: _Asked(
        N_("■ Release the booking of slot {slot}?"),
        (N_("{rider} loses the booking, and the slot is free for others."),),
        N_("Yes, release it"),
    ),
    Tap.PLUG_OUT: _Asked(
        N_("Is the plug out of socket {slot}?"),
        (N_("Look at the socket. A plug left in would charge for the next rider."),),
        N_("It is out: free the slot"),
    ),
    Tap.CLEAR: _Asked(
        N_("Clear the fault of slot {slot}?"),
        (N_("Look at the slot first. Both must be so:"), N_("1. The plug is out."), N_("2. The meter shows 0 W.")),
        N_("Both are so: clear it"),
    ),
    Tap.MOVE: _Asked(
        N_("Move {rider} from slot {slot} to {target}?"),
        (N_("Slot {slot} is switched off. Then put the plug into socket {target}."),),
        N_("Yes, move to slot {target}"),
    ),
}
"""What is asked before an act, by the act."""


def rider_words(slot: SlotView) -> str:
    """The masked name of who holds or uses a slot, or "the rider"."""
    return slot.rider or _("the rider")
