"""Refused charging requests in words, and which of them the queue is the answer to."""

from typing import Final

from kiosk.views import ChargingRefusal, HoldView, QueueEnd, SlotState
from screens.charging_scene import Scene
from screens.language import _
from screens.words import CHARGING_REFUSALS

QUEUE_HELPS: Final = frozenset({ChargingRefusal.STATION_LIMIT, ChargingRefusal.QUEUED_AHEAD})
"""Refusals after which the queue is the way to a slot."""

NOT_NOW: Final = frozenset(
    {
        ChargingRefusal.CHARGING_HOURS,
        ChargingRefusal.ALARM,
        ChargingRefusal.ALARM_LOST,
        ChargingRefusal.UNVERIFIED_CARD,
    }
)
"""Refusals that do not depend on the slot."""


def alert(scene: Scene) -> str:
    """The refusal in words; empty when nothing was refused."""
    refused = scene.refused
    if refused is None:
        return ""
    if refused.why is ChargingRefusal.CHARGING_HOURS:
        return _hours_words(scene)
    if refused.why is ChargingRefusal.QUEUED_AHEAD and scene.queue is not None and scene.queue.ended is None:
        return _("Others are waiting before you.")
    if _booked_out(scene):
        return _booked_out_words()
    words = _(CHARGING_REFUSALS[refused.why])
    if refused.why is ChargingRefusal.PAUSED_NO_SHOWS and refused.until is not None:
        words += "\n" + _("You can book again from {time}.").format(time=scene.moment(refused.until))
    return words


def notice(scene: Scene) -> str:
    """The refusal, or else what whoever wants to begin ought to know; empty for nothing."""
    if scene.refused is None and _turn_passed(scene):
        return _("Your turn has passed.")
    if scene.refused is None and scene.chosen is None and scene.ran_out is not None:
        return ran_out_words(scene.ran_out, scene.clock(scene.ran_out.until))
    if scene.refused is None and scene.closed:
        return _hours_words(scene)
    if scene.refused is None and _all_promised(scene):
        return _booked_out_words()
    return alert(scene)


def ran_out_words(hold: HoldView, time: str) -> str:
    """That a booking is over which nobody came for.

    Args:
        hold: what it was.
        time: when it ended.
    """
    if hold.slot is None:
        return _("Your booking ran out at {time}.").format(time=time)
    return _("Your booking of slot {slot} ran out at {time}.").format(slot=hold.slot, time=time)


def _hours_words(scene: Scene) -> str:
    words = _(CHARGING_REFUSALS[ChargingRefusal.CHARGING_HOURS])
    return f"{words}\n" + _("Charging hours: {hours}").format(hours=scene.hours) if scene.hours else words


def wants_queue(scene: Scene) -> bool:
    """Whether what was just refused can be waited for."""
    return (
        _all_promised(scene) or _booked_out(scene) or (scene.refused is not None and scene.refused.why in QUEUE_HELPS)
    )


def not_now(scene: Scene) -> bool:
    """Whether what was just refused will be refused on every slot, so that it is not offered again at once."""
    return scene.refused is not None and scene.refused.why in NOT_NOW


def bookings_paused(scene: Scene) -> bool:
    """Whether a booking was just refused for those that were not used: starting is still possible."""
    return scene.refused is not None and scene.refused.why is ChargingRefusal.PAUSED_NO_SHOWS


def _booked_out(scene: Scene) -> bool:
    """A slot was refused that the map shows as free: bookings of any slot need what there is."""
    if scene.refused is None or scene.refused.why is not ChargingRefusal.SLOT_TAKEN:
        return False
    slot = scene.slot(scene.chosen)
    return slot is None or slot.state is SlotState.AVAILABLE


def _all_promised(scene: Scene) -> bool:
    """The same, seen before anybody tries: bookings of any slot have a right to all that the map shows as free."""
    waits = scene.queue is not None and scene.queue.ended is None
    return scene.visitor is not None and scene.hold is None and not waits and not scene.closed and scene.booked_up


def _booked_out_words() -> str:
    return _("What is free is booked already. You can join the queue.")


def _turn_passed(scene: Scene) -> bool:
    return scene.queue is not None and scene.queue.ended is QueueEnd.LAPSED
