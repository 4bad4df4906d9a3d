"""The station's own limit: what its wiring carries."""

from collections.abc import Iterable

from kiosk.charging.limits import reserve_w
from kiosk.settings import ChargingSettings


class StationLoad:
    """Watches the sum of all slots.

    Args:
        limit_w: the station's limit.
        for_s: for so long the sum may be above it.
    """

    def __init__(self, limit_w: float, for_s: float) -> None:
        self._limit_w = limit_w
        self._for_s = for_s
        self._over_since: float | None = None

    def has_room(self, numbers: ChargingSettings, others_w: Iterable[float]) -> bool:
        """Whether one more session may start beside the others, each with the power that it is counted with, W."""
        return sum(others_w) + reserve_w(numbers, None, 0.0) <= self._limit_w

    def starts(self, numbers: ChargingSettings, all_w: Iterable[float]) -> int:
        """How many more sessions may start beside all that are counted, W."""
        return max(0, int((self._limit_w - sum(all_w)) // reserve_w(numbers, None, 0.0)))

    def over(self, drawn_w: float, now: float) -> bool:
        """Whether the sum of what is drawn has been above the limit for too long (monotonic s)."""
        if drawn_w <= self._limit_w:
            self._over_since = None
            return False
        if self._over_since is None:
            self._over_since = now
        return now - self._over_since >= self._for_s

    def relieved(self) -> None:
        """A session was ordered to stop: its OFF takes a moment before the sum shows it."""
        self._over_since = None
