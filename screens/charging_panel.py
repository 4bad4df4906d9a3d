"""What the charging screen says beside the slot map, and the one thing to do next: pure functions."""

from math import ceil
from typing import Final

from kiosk.views import HoldView, SlotError, SlotState, SlotView
from screens import charging_queue, charging_session
from screens.charging_plug import ask_whose_plug
from screens.charging_refusals import bookings_paused, not_now, notice, wants_queue
from screens.charging_scene import Ask, Offer, Panel, Scene, slot_heading, until_words
from screens.language import _, n_
from screens.theme import SLOT_LOOKS
from screens.widgets.slot_map import ENERGISED, watts_words
from screens.words import SLOT_ERRORS, out_of_service

ALARMS: Final = (SlotError.SMOKE, SlotError.SURROUNDINGS_HOT, SlotError.ALARM_LOST)
"""Errors of the room, not of one slot; the worst first."""


def panel(scene: Scene) -> Panel:
    """The panel for a scene: an own session, an alarm, an own hold, a place in the queue, the slot that was tapped."""
    return ask_whose_plug(scene, _panel(scene))


def _panel(scene: Scene) -> Panel:
    session = scene.session
    if session is not None and (session.ended_at is None or not scene.end_seen):
        return charging_session.own(scene, session)
    slot = scene.slot(scene.chosen)
    alarm = next((error for error in ALARMS for slot in scene.slots if error in slot.errors), None)
    if alarm is not None:
        return _alarm(scene, alarm) if slot is None else _chosen(scene, slot)
    if scene.hold is not None:
        return _held(scene, scene.hold, slot)
    if scene.queue is not None and scene.queue.ended is None:
        offer = scene.queue.offer
        return charging_queue.waiting(scene, scene.queue) if offer is None else charging_queue.offered(scene, offer)
    return _nothing_chosen(scene) if slot is None else _chosen(scene, slot)


def _nothing_chosen(scene: Scene) -> Panel:
    free = scene.free
    unit = n_("slot is free", "slots are free", free)
    if scene.visitor is None:
        call = _("Scan your card to book or charge.")
        return Panel(
            heading=_("Scan your card"), look="-call", figure=str(free), unit=unit, alert=notice(scene) or call
        )
    history = Offer(Ask.HISTORY, _("My charging so far"))
    if wants_queue(scene) or not free:
        return _full(scene, free, unit, history)
    if scene.closed:
        return Panel(_("No charging now"), "-unavailable", alert=notice(scene), more=history)
    warning = notice(scene)
    any_slot = Offer(Ask.HOLD_ANY, _("Hold any slot for {n} min").format(n=f"{scene.hold_minutes:g}"))
    return Panel(
        heading=_("Tap a free slot"),
        look="-call",
        figure=str(free),
        unit=unit,
        lines=() if warning else (_("Then start charging, or hold it and fetch the bike."),),
        alert=warning,
        other=None if bookings_paused(scene) else any_slot,
        more=history,
    )


def _alarm(scene: Scene, error: SlotError) -> Panel:
    """Neither a start nor the queue; what a rider has can be given up."""
    yes, give_up = _give_up_offers(scene) if scene.hold is not None else (None, None)
    if scene.queue is not None and scene.queue.ended is None:
        yes, give_up = charging_queue.leave_offers(scene)
    lost = error is SlotError.ALARM_LOST
    return Panel(
        heading=f"{SLOT_LOOKS[SlotState.FAULTED].shape} {_(SLOT_ERRORS[error])}",
        look="-faulted",
        lines=(_("All sockets are switched off until a volunteer has looked."),),
        alert=_("Please tell a volunteer.") if lost else _("Do not touch the plugs. Please call a volunteer."),
        main=yes,
        other=give_up,
    )


def _full(scene: Scene, free: int, unit: str, history: Offer) -> Panel:
    """Nothing can be started now: the queue."""
    warning = notice(scene)
    map_line = _("The map shows when each one ends at the latest: tap it.")
    return Panel(
        heading=_("No slot is free") if not free else _("Please wait a little"),
        look="-call",
        figure="" if warning else str(free),  # a refusal needs the room
        unit=unit,
        lines=charging_queue.waiting_lines(scene) + (() if free or warning else (map_line,)),
        alert=warning,
        main=charging_queue.join_offer(),
        more=history,
    )


def _chosen(scene: Scene, slot: SlotView) -> Panel:
    heading, look = slot_heading(slot.name, slot.state)
    again = slot.state is SlotState.FINISHING and slot.mine
    if slot.state is not SlotState.AVAILABLE and not again:
        waits = scene.visitor is not None and not scene.free and not set(ALARMS) & set(slot.errors)
        join = charging_queue.join_offer() if waits else None
        lines = _other_slot_lines(scene, slot)
        return Panel(heading, look, lines=lines, alert=notice(scene), main=join, slot=slot.name)
    if scene.visitor is None:
        call = _("Scan your card to book or charge.")
        return Panel(heading, look, alert=notice(scene) or call, slot=slot.name)
    if wants_queue(scene) and not (again and scene.refused is None):
        lines = charging_queue.waiting_lines(scene)
        return Panel(heading, look, lines=lines, alert=notice(scene), main=charging_queue.join_offer(), slot=slot.name)
    if not_now(scene):
        return Panel(heading, look, alert=notice(scene), slot=slot.name)
    hold = Offer(Ask.HOLD, _("Hold for {n} min").format(n=f"{scene.hold_minutes:g}"))
    bare = again or bookings_paused(scene) or scene.choice.value > 0  # who chooses an amount has the bike here
    return _startable(scene, heading, look, slot.name, other=None if bare else hold)


def _startable(scene: Scene, heading: str, look: str, slot: str, *, other: Offer | None) -> Panel:
    plug = _("Plug into socket {slot}, then start.").format(slot=slot)
    warning = notice(scene)
    return Panel(
        heading,
        look,
        lines=() if warning else (plug,),  # a refusal needs the room
        alert=warning,
        choice=scene.choice,
        main=Offer(Ask.START, _("Start charging"), scene.choice.words),
        other=other,
        slot=slot,
    )


def _other_slot_lines(scene: Scene, slot: SlotView) -> tuple[str, ...]:
    """About a slot that is not free: why, whose, and until when."""
    lines = [_(SLOT_ERRORS[error]) for error in slot.errors]
    if slot.out_of_service:
        lines.append(_("Out of service: {reason}").format(reason=out_of_service(slot.out_of_service)))
    if slot.rider:
        lines.append(_("In use by {rider}").format(rider=slot.rider))
    if slot.state in ENERGISED and slot.state is not SlotState.FINISHING:
        energy = "" if slot.wh is None else f" · {slot.wh} Wh"
        lines.append(f"{watts_words(slot.watts)} W{energy}")
    if slot.until is not None:
        lines.append(until_words(scene, slot))
    if scene.free:
        lines.append(_("Please choose another slot."))
    return tuple(lines)


def _held(scene: Scene, hold: HoldView, chosen: SlotView | None) -> Panel:
    """A booking: of one slot, or of whichever is free when its rider comes."""
    slot = scene.slot(hold.slot)
    if hold.slot is None and chosen is not None and chosen.state is SlotState.AVAILABLE:
        slot = chosen
    startable = None if slot is None else slot.name
    warning = notice(scene)
    yes, give_up = _give_up_offers(scene)
    start = None if startable is None else Offer(Ask.START, _("Start charging"), scene.choice.words)
    chooses = startable is not None and not scene.confirming
    minutes = max(0, ceil((hold.until - scene.now).total_seconds() / 60))
    if scene.confirming:
        line = _("Give the slot up? Somebody else may take it at once.")
    elif startable is None:
        line = _("Come with your bike, then tap a free slot.")
    else:
        line = _("Plug into socket {slot}, then start.").format(slot=startable)
    return Panel(
        heading=_held_heading(scene, hold),
        look=SLOT_LOOKS[SlotState.RESERVED].css_class,
        figure="" if warning else str(minutes),  # a refusal needs the room
        unit=n_("minute left", "minutes left", minutes),
        lines=(line,),
        alert=warning,
        choice=scene.choice if chooses else None,
        main=yes or start,
        other=None if chooses and scene.choice.value else give_up,
        slot=startable,
    )


def _give_up_offers(scene: Scene) -> tuple[Offer | None, Offer]:
    """To give it up takes a second tap: who does so by accident has lost the slot that they came for."""
    if not scene.confirming:
        return None, Offer(Ask.RELEASE, _("Give the slot up"))
    # "Keep" stands where "give up" stood: a double tap by accident gives nothing up.
    return Offer(Ask.RELEASE_NOW, _("Yes, give it up"), danger=True), Offer(Ask.KEEP, _("No, keep it"))


def _held_heading(scene: Scene, hold: HoldView) -> str:
    shape, until = SLOT_LOOKS[SlotState.RESERVED].shape, scene.clock(hold.until)
    if hold.slot is None:
        return _("{shape} A free slot is kept until {time}").format(shape=shape, time=until)
    return _("{shape} Slot {slot} is yours until {time}").format(shape=shape, slot=hold.slot, time=until)
