"""A meter's energy counter: differences over its wrap-around, and jumps that cannot be true."""

from devices.meters.reading import ImplausibleReading, Reading

WRAP_WH = 10_000_000
"""PZEM counters show 0..9999.99 kWh and start again from 0 (PZEM-016 manual §2.1.4)."""
_MOST_JUMP_WH = 500
"""Most energy between two readings, Wh; ours: 800 W take more than half an hour for it."""


def energy_between(earlier_wh: int, later_wh: int) -> int | None:
    """Return the energy from one counter value to a later one, Wh, over at most one wrap-around.

    None when the counter went backwards other than by wrapping: it was reset or the meter was exchanged.
    """
    if later_wh >= earlier_wh:
        return later_wh - earlier_wh
    if earlier_wh >= WRAP_WH * 9 // 10 and later_wh < WRAP_WH // 10:
        return later_wh + WRAP_WH - earlier_wh
    return None


class EnergyGuard:
    """Refuses a counter that jumped or went backwards since the last reading of the same meter.

    A refused value that the next reading confirms is accepted then: the meter was reset or exchanged, or nobody read it
    for long, and refusing it for ever would help nobody.
    """

    def __init__(self) -> None:
        self._last_wh: int | None = None
        self._refused_wh: int | None = None

    def check(self, reading: Reading) -> Reading:
        """Return `reading` when its counter follows the last one.

        Raises:
            ImplausibleReading: It jumped by more than 0.5 kWh or went backwards.
        """
        if self._follows(self._last_wh, reading.wh) or self._confirms(reading.wh):
            self._last_wh, self._refused_wh = reading.wh, None
            return reading
        self._refused_wh = reading.wh
        raise ImplausibleReading(f"the energy counter went from {self._last_wh} to {reading.wh} Wh")

    def _confirms(self, wh: int) -> bool:
        return self._refused_wh is not None and self._follows(self._refused_wh, wh)

    @staticmethod
    def _follows(before_wh: int | None, wh: int) -> bool:
        if before_wh is None:
            return True
        difference = energy_between(before_wh, wh)
        return difference is not None and difference <= _MOST_JUMP_WH
