"""The station's own limit: what its wiring carries."""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter

from kiosk.charging.limits import reserve_w
from kiosk.charging.slot import Slot
from kiosk.settings import ChargingSettings
from kiosk.views import StopReason


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

    def fits(self, all_w: Iterable[float]) -> bool:
        """Whether all that is counted, W, is within the limit."""
        return sum(all_w) <= self._limit_w

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


class Restarts:
    """Sessions that go on after an outage get their power one after the other, whatever held one of them up.

    Args:
        apart_s: so long after each other.
        clock: monotonic s.
    """

    def __init__(self, apart_s: float, clock: Callable[[], float]) -> None:
        self._apart_s = apart_s
        self._clock = clock
        self._last_at = float("-inf")

    def take(self) -> bool:
        """Whether the next one may have power now; then the one after it has to wait."""
        now = self._clock()
        if now - self._last_at < self._apart_s:
            return False
        self._last_at = now
        return True


class SharedLoad:
    """What the slots take together.

    Args:
        numbers: the settings.
        slots: all slots by name; they may be added later.
        clock: monotonic s.
        end: called with a slot whose session has to end, and why.
    """

    def __init__(
        self,
        numbers: ChargingSettings,
        slots: Mapping[str, Slot],
        clock: Callable[[], float],
        end: Callable[[Slot, StopReason], None],
    ) -> None:
        self._numbers = numbers
        self._slots = slots
        self._clock = clock
        self._end = end
        self._load = StationLoad(numbers.station_limit_w, numbers.slot_limit_s)

    def starts(self) -> int:
        """How many more sessions may start."""
        return self._load.starts(self._numbers, (slot.reserved_w for slot in self._slots.values()))

    def room(self, slot: str, leaving: str | None = None) -> bool:
        """Whether a session may start in a slot, once the one in another slot is over."""
        others = (other.reserved_w for name, other in self._slots.items() if name not in {slot, leaving})
        return self._load.has_room(self._numbers, others)

    def room_again(self, slot: str) -> bool:
        """Whether the session that waits in a slot for power after an outage may have it.

        It is counted beside whatever has power and those whose turn comes before its own: where the limit was lowered
        meanwhile, or a socket draws what nobody gave it, the last ones do not go on.
        """
        mine = self._slots[slot].session
        if mine is None or mine.resume_at is None:
            return False
        others = (each for name, each in self._slots.items() if name != slot)
        before = [each for each in others if not each.waits_behind(mine.resume_at)]
        return self._load.fits(each.expected_w for each in (self._slots[slot], *before))

    def measured(self) -> None:
        """Besides the refusals at the start: the sum of what is drawn must not pass the limit either."""
        running = [(slot, slot.session) for slot in self._slots.values() if slot.session is not None]
        drawn_w = sum(session.course.watts or 0.0 for _slot, session in running)
        drawn_w += sum(slot.stray_w for slot in self._slots.values())
        if self._load.over(drawn_w, self._clock()):
            going_on = [(session.course.power_since, slot) for slot, session in running if session.stop is None]
            if going_on:
                self._load.relieved()
                self._end(max(going_on, key=itemgetter(0))[1], StopReason.STATION_LIMIT)
