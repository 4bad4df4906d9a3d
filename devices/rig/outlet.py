"""A socket, what is plugged into it, and the energy that passes."""

from dataclasses import dataclass

from devices.rig.board import Relay
from devices.rig.faults import FaultKind, Faults

_TAPER_FROM = 0.85
"""Share of the charge from which a charger's constant voltage takes over; ours, usual for lead-acid and lithium."""
_START_SHARE = 0.92
"""A flat battery has a lower voltage, so the same current takes less power."""
_LEAST_SHARE = 0.08
"""Share of the full power at which a charger ends its taper."""
_FLOAT_W = 4.0
"""What a charger takes once the battery is full."""
_STEP_S = 20.0
"""Longest step in which the power counts as constant, s of the battery's time."""


@dataclass(slots=True)
class Bike:
    """A bike on its charger.

    Attributes:
        watts: What the charger takes at most, W.
        wh: What the socket delivers from empty to full, Wh.
        soc: State of charge, 0..1.
    """

    watts: float
    wh: float
    soc: float = 0.0

    @property
    def draw_w(self) -> float:
        """What the charger takes now: near constant current, then a taper, then a float of a few watts."""
        if self.soc >= 1.0:
            return min(_FLOAT_W, self.watts)
        if self.soc <= _TAPER_FROM:
            return self.watts * (_START_SHARE + (1 - _START_SHARE) * self.soc / _TAPER_FROM)
        return self.watts * max(_LEAST_SHARE, (1 - self.soc) / (1 - _TAPER_FROM))

    def take(self, wh: float) -> None:
        """Put energy into the battery."""
        self.soc = min(1.0, self.soc + wh / self.wh)


class Outlet:
    """One socket behind one relay.

    Args:
        name: The slot's name, to which faults are told.
        relay: What switches it.
        faults: What is wrong at the moment.
        time_factor: How many times faster than in life energy passes.
        now: Monotonic s.
        above: The relay of a contactor that the power comes through.
    """

    def __init__(
        self, name: str, relay: Relay, faults: Faults, time_factor: float, now: float, *, above: Relay | None = None
    ) -> None:
        self.name = name
        self.relay = relay
        self.above = above
        self.bike: Bike | None = None
        self.passed_wh = 0.0
        """All energy that ever passed, Wh."""
        self._faults = faults
        self._time_factor = time_factor
        self._counted_to = now

    def conducts(self, now: float) -> bool:
        """Tell whether there is voltage at the socket."""
        fed = self.above is None or self.above.closed(now)
        return fed and (self.relay.closed(now) or self._faults.has(FaultKind.WELDED, self.name))

    def watts(self, now: float) -> float:
        """Return the power that flows, W."""
        return self._demand_w() if self.conducts(now) else 0.0

    def advance(self, now: float) -> None:
        """Count the energy up to `now`; to be called before anything changes."""
        since, self._counted_to = self._counted_to, now
        begin, end = since, now
        if not self._faults.has(FaultKind.WELDED, self.name):
            begin, end = self.relay.closed_span(since, now)
        if self.above is not None:
            fed_from, fed_to = self.above.closed_span(since, now)
            begin, end = max(begin, fed_from), min(end, fed_to)
        left = max(0.0, end - begin) * self._time_factor
        while left > 0:
            step = min(left, _STEP_S)
            self._pass(self._demand_w() * step / 3600)
            left -= step

    def _demand_w(self) -> float:
        overload = self._faults.value(FaultKind.OVERLOAD, self.name)
        if overload is not None:
            return overload
        return self.bike.draw_w if self.bike is not None else 0.0

    def _pass(self, wh: float) -> None:
        self.passed_wh += wh
        if self.bike is not None:
            self.bike.take(wh)
