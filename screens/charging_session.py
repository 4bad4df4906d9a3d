"""What the charging screen says of a rider's own session, while it runs and after its end: pure functions."""

from typing import Final

from kiosk.views import ChargeLimits, SessionView, SlotError, SlotState, StopReason
from screens.charging_choice import Until, amount_words
from screens.charging_refusals import alert
from screens.charging_scene import Ask, Offer, Panel, Scene, duration, slot_heading
from screens.language import N_, _
from screens.widgets.progress import percent
from screens.widgets.slot_map import ENERGISED, watts_words
from screens.words import SLOT_ERRORS, STOP_REASONS

CALL_FIRST: Final = frozenset(
    {StopReason.SMOKE, StopReason.SOCKET_HOT, StopReason.SURROUNDINGS_HOT, StopReason.RELAY_WELDED}
)
"""Reasons after which a rider had better not touch the socket: heat and smoke, or a switch that may still be on."""

HANDS_OFF: Final = N_("Do not touch the plug. Please call a volunteer.")

LIVE_STILL: Final = frozenset(
    {
        SlotError.RELAY_WELDED,
        SlotError.OFF_UNCONFIRMED,
        SlotError.SMOKE,
        SlotError.SOCKET_HOT,
        SlotError.SURROUNDINGS_HOT,
    }
)
"""Errors of a slot that keep a rider's hands off its plug, whatever ended the session before."""

GOOD_ENDS: Final = frozenset(
    {StopReason.FULL, StopReason.CHOSEN_TIME, StopReason.CHOSEN_ENERGY, StopReason.STOPPED_BY_RIDER}
)
"""Reasons that a rider hoped for or gave."""


def own(scene: Scene, session: SessionView) -> Panel:
    """A session that runs, or the end of one."""
    return _running(scene, session) if session.ended_at is None else _ended(scene, session)


def _running(scene: Scene, session: SessionView) -> Panel:
    """Power flows: when it will end, how far it is, what flows, and stop."""
    slot = scene.slot(session.slot)
    state = SlotState.CHARGING if slot is None or slot.state not in ENERGISED else slot.state
    heading, look = slot_heading(session.slot, state)
    warning = alert(scene) or (_("Plug your charger in now.") if state is SlotState.PREPARING else "")
    brief = bool(warning) or scene.confirming  # what must not be missed, and the question, need the room
    lines = [_flow(session), *(() if brief else _limit_lines(session.limits))]
    if slot is not None and slot.until is not None and session.expected_end is None:
        lines.append(_("Ends at {time} at the latest").format(time=scene.clock(slot.until)))
    if slot is not None:
        lines += [_(SLOT_ERRORS[error]) for error in slot.errors]
    curve = () if brief else session.power_curve
    figure, unit = _end(scene, session)
    main, other = _stop_offers(confirming=scene.confirming)
    return Panel(
        heading,
        look,
        figure=figure,
        unit=unit,
        progress=session.progress,
        progress_words=_share_words(session),
        lines=tuple(lines),
        curve=curve,
        curve_words=_curve_words(curve, session.watts or 0.0),
        alert=warning,
        main=main,
        other=other,
        slot=session.slot,
    )


def _stop_offers(*, confirming: bool) -> tuple[Offer, Offer | None]:
    if not confirming:
        return Offer(Ask.STOP, _("Stop charging"), danger=True), None
    # "Keep" stands where "stop" stood: a double tap by accident stops nothing.
    return Offer(Ask.STOP_NOW, _("Yes, stop now"), danger=True), Offer(Ask.KEEP, _("No, keep charging"))


def _end(scene: Scene, session: SessionView) -> tuple[str, str]:
    """The expected end in figures, which is what a rider came to see; the power as long as no end can be told."""
    if session.expected_end is None:
        return watts_words(session.watts), "W"
    words = _("full") if session.limits == ChargeLimits() else _("ends")
    return scene.clock(session.expected_end), words


def _flow(session: SessionView) -> str:
    energy = f"{session.wh} Wh · {duration(session.elapsed_s)}"
    return energy if session.expected_end is None else f"{watts_words(session.watts)} W · {energy}"


def _share_words(session: SessionView) -> str:
    """How far in percent: of what was chosen, or toward full, which is a guess by the charger's own curve."""
    if session.progress is None:
        return ""
    share = percent(session.progress)
    return _("about {percent}").format(percent=share) if session.limits == ChargeLimits() else share


def _limit_lines(limits: ChargeLimits) -> list[str]:
    lines = []
    if limits.seconds is not None:
        lines.append(amount_words(Until.TIME, round(limits.seconds / 60)))
    if limits.wh is not None:
        lines.append(amount_words(Until.ENERGY, limits.wh))
    return [_("You chose {amount}").format(amount=amount) for amount in lines]


def _curve_words(curve: tuple[float, ...], watts: float) -> str:
    """The curve has each minute's mean, and in the first one more is flowing than that says."""
    if not curve:
        return ""
    return _("Last {n} min, peak {peak} W").format(n=len(curve), peak=f"{max(*curve, watts):.0f}")


def _ended(scene: Scene, session: SessionView) -> Panel:
    """Power is off: why, how much, and the plug; it stays until the rider has answered."""
    reason = session.stop_reason
    heading = _("{shape} Slot {slot}: charging has ended").format(shape="■", slot=session.slot)
    why = "" if reason is None else "\n" + _(STOP_REASONS[reason])
    found = _dangers(scene, session)
    lines = [
        *(_(SLOT_ERRORS[error]) for error in found),
        _("Charged for {time}").format(time=duration(session.elapsed_s)),
    ]
    untouched = bool(found) or reason in CALL_FIRST
    seen = Offer(Ask.SEEN, _("I see"))
    unplugged = Offer(Ask.UNPLUGGED, _("It is unplugged"))
    return Panel(
        heading=heading + why,
        look="-faulted" if found else _end_look(reason),
        figure=str(session.wh),
        unit="Wh",
        lines=tuple(lines),
        alert=_(HANDS_OFF) if found else alert(scene) or _(after_the_end(reason)),
        main=seen if untouched or reason is StopReason.UNPLUGGED else unplugged,
        slot=session.slot,
    )


def _dangers(scene: Scene, session: SessionView) -> tuple[SlotError, ...]:
    """What is wrong at the socket since: a switch that is stuck shows itself only when the session is over."""
    slot = scene.slot(session.slot)
    return () if slot is None else tuple(error for error in slot.errors if error in LIVE_STILL)


def _end_look(reason: StopReason | None) -> str:
    if reason in GOOD_ENDS:
        return "-available"
    return "-faulted" if reason in CALL_FIRST else "-reserved"


def after_the_end(reason: StopReason | None) -> str:
    """What the rider does next (a message id)."""
    if reason in CALL_FIRST:
        return HANDS_OFF
    if reason is StopReason.UNPLUGGED:
        return N_("The socket is off.")
    return N_("Please unplug your bike.")
