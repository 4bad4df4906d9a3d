"""The numbers of charging that no setting can pass, and how much of the station's power each slot is counted with."""

from kiosk.settings import ChargingSettings

LONGEST_BOUND_S = 36_000.0
"""No session lasts longer than 10 h from its first start, whatever is set (a Shenzhen notice, seen second-hand)."""
BAD_READINGS = 2
"""So many bad readings in a row are "unknown"; the meter counts as lost."""
WELDED_S = 5.0
"""So long after a confirmed OFF the power may take to fall to about 0 W; a PZEM measures once a second."""
MOST_STEP_WH = 500
"""A counter that moves more than this between two readings of a session cannot be believed; ours."""
FROZEN_STEPS = 2
"""A counter that stands still while its own meter's power must have moved it by so many of its steps is frozen; ours. A
PZEM counts single watt hours, so 2 Wh."""
STALE_S = 3.0
"""Power is not given on a reading older than this; ours."""
RENEWAL_STALE_S = 10.0
"""Nor renewed on one that was asked for longer ago than this: a process that hung for a while looks again first. Ours;
a meter that owed a reply is left alone for up to 8 s."""
FINISHING_S = 60.0
"""After the end a slot is not offered to others for so long: sockets do not sense the plug, and the next rider must not
start on the last one's plug."""
SETTLE_S = 15.0
"""A charger that has drawn power for so long has shown what it takes (ours: chargers begin at constant current)."""
HEADROOM = 1.15
"""A charger's power still rises by about a tenth as its battery's voltage does; ours."""


def longest_s(numbers: ChargingSettings) -> float:
    """The longest session from its first start, s."""
    return min(numbers.longest_s, LONGEST_BOUND_S)


def reserve_w(numbers: ChargingSettings, plateau_w: float | None, drawing_s: float) -> float:
    """Power of the station's limit that a session is counted with, W.

    Until its charger has shown what it takes it is counted with all that a slot may draw, because nobody can tell
    beforehand what a rider plugs in.

    Args:
        numbers: the settings.
        plateau_w: the session's plateau so far.
        drawing_s: for how long it has drawn power.
    """
    most = min(numbers.slot_limit_w, numbers.station_limit_w)
    if plateau_w is None or drawing_s < SETTLE_S:
        return most
    return min(most, plateau_w * HEADROOM)
