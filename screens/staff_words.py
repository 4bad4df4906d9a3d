"""Plain words for volunteers: acts, reasons, and what a refusal means to who may open the cabinet."""

from collections.abc import Mapping
from typing import Final

from kiosk.views import ChargingRefusal, StaffAct, StopReason
from screens.language import N_, _
from screens.words import CHARGING_REFUSALS, STOP_REASONS

ACTS: Final[Mapping[StaffAct, str]] = {
    StaffAct.STOP: N_("stopped the charging"),
    StaffAct.STOP_ALL: N_("stopped all slots"),
    StaffAct.RELEASE: N_("released the booking"),
    StaffAct.CLEAR: N_("cleared the fault"),
    StaffAct.DISABLE: N_("took it out of service"),
    StaffAct.ENABLE: N_("put it back in service"),
    StaffAct.MOVE: N_("moved the rider"),
    StaffAct.SYNC_SEEN: N_("saw to alarms of the hub"),
}
"""What a volunteer did."""

REFUSALS: Final[Mapping[ChargingRefusal, str]] = {
    ChargingRefusal.NOT_IDENTIFIED: N_("The volunteers' area was locked meanwhile. Please scan your card again."),
    ChargingRefusal.SLOT_TAKEN: N_("That slot is not free any more."),
    ChargingRefusal.SLOT_FAULTED: N_("That slot is out of order."),
    ChargingRefusal.SLOT_UNAVAILABLE: N_("That slot is out of service."),
    ChargingRefusal.HAS_ONE_ALREADY: N_("This rider has another slot already."),
    ChargingRefusal.STATION_LIMIT: N_("The station has no power to spare for it now."),
    ChargingRefusal.METER_UNKNOWN: N_("The meter does not answer, so nobody knows whether power flows."),
    ChargingRefusal.RELAY_WELDED: N_("Power still flows: the switch is stuck. Touch nothing and call the electrician."),
    ChargingRefusal.POWER_UNCONFIRMED: N_(
        "The switch did not answer. It may still be on: try again, then pull the plug."
    ),
    ChargingRefusal.NOTHING_TO_STOP: N_("There is nothing to end here any more."),
    ChargingRefusal.ALARM: N_("Smoke or heat is still reported. Look for its cause first; keep people away."),
    ChargingRefusal.STATION_TROUBLE: N_("The station could not record it, so nothing was done. Call the technician."),
}
"""Refusals that mean something else to a volunteer than to a rider."""

ENDS: Final[Mapping[StopReason, str]] = {
    StopReason.CHOSEN_TIME: N_("The chosen time was up"),
    StopReason.CHOSEN_ENERGY: N_("The chosen energy was in"),
    StopReason.STOPPED_BY_RIDER: N_("The rider stopped it"),
    StopReason.STATION_TROUBLE: N_("The station had a fault"),
}
"""Ends of a session that are told to the rider in the second person."""


def refusal_words(refusal: ChargingRefusal) -> str:
    """Why an act was not done."""
    return _(REFUSALS.get(refusal, CHARGING_REFUSALS[refusal]))


def end_words(reason: StopReason) -> str:
    """Why a session ended."""
    return _(ENDS.get(reason, STOP_REASONS[reason]))
