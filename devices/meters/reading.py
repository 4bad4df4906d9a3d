"""What a meter says, and whether it can be true."""

import math
from dataclasses import dataclass

_MOST_VOLTS = 300.0
_MOST_AMPS = 100.0
"""Range of the PZEM-016 with its largest coil."""
_LEAST_HERTZ, _MOST_HERTZ = 45.0, 65.0
_POWER_SHARE = 0.10
_POWER_SLACK_W = 5.0
"""V x I x PF and P are rounded one by one and averaged over slightly different moments; ours."""


class ImplausibleReading(Exception):  # noqa: N818 - named for what happened
    """A reply with a good check sum that cannot be true; treat the reading as unknown."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a socket's meter.

    Attributes:
        volts: Mains voltage, V.
        amps: Current, A.
        watts: Active power, W.
        wh: The meter's own energy counter, Wh; take differences with `energy_between`.
        hertz: Mains frequency, Hz.
        power_factor: 0..1.
        at: When it was read, monotonic s.
        step_wh: The counter moves by at least so much at a time, Wh.
    """

    volts: float
    amps: float
    watts: float
    wh: int
    hertz: float
    power_factor: float
    at: float
    step_wh: int = 1


def check_plausible(reading: Reading) -> Reading:
    """Return `reading` when its numbers are in range and agree with each other (V x I x PF ~ P).

    Raises:
        ImplausibleReading: Says which number, and what it was.
    """
    _check_range("volts", reading.volts, 0.0, _MOST_VOLTS)
    _check_range("amps", reading.amps, 0.0, _MOST_AMPS)
    _check_range("watts", reading.watts, 0.0, _MOST_VOLTS * _MOST_AMPS)
    _check_range("hertz", reading.hertz, _LEAST_HERTZ, _MOST_HERTZ)
    _check_range("power factor", reading.power_factor, 0.0, 1.0)
    expected = reading.volts * reading.amps * reading.power_factor
    if not math.isclose(reading.watts, expected, rel_tol=_POWER_SHARE, abs_tol=_POWER_SLACK_W):
        raise ImplausibleReading(f"{reading.watts} W, but volts, amps and power factor make {expected:.1f} W")
    return reading


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # also refuses NaN
        raise ImplausibleReading(f"{name} = {value}, not within {least}..{most}")
