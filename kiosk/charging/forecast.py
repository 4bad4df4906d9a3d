"""How long who waits is likely to wait: a look ahead over the ends of what is known to run. Pure functions."""

import heapq
from collections.abc import Iterable, Sequence

from msgspec import Struct


class Busy(Struct, frozen=True):
    """A slot that somebody has."""

    left_s: float
    """Until it is likely to be free, s."""
    watts: float
    """Power of the station's limit that comes back then, W."""


class Prospect(Struct, frozen=True):
    """What a start needs, and how long it is likely to have it."""

    spare_w: float
    """What the station's limit has left now, W."""
    start_w: float
    """What a start has to find, W."""
    typical_w: float
    """What a session takes once its charger has shown it, W."""
    typical_s: float
    """How long a session takes, s."""


def waits(free: int, busy: Iterable[Busy], before: int, waiting: int, prospect: Prospect) -> Sequence[float | None]:
    """Seconds until each of those who wait is likely to get a slot, the first first; None when that cannot be told.

    Args:
        free: slots that are free now.
        busy: slots that are not.
        before: riders whose booking of any slot comes before the queue.
        waiting: how many wait.
        prospect: what a start needs.
    """
    ends = [(each.left_s, each.watts) for each in busy]
    heapq.heapify(ends)
    spare_w, now = prospect.spare_w, 0.0
    found: list[float | None] = []
    for _ in range(before + waiting):
        while ends and (free < 1 or spare_w < prospect.start_w):
            left_s, watts = heapq.heappop(ends)
            now, free, spare_w = max(now, left_s), free + 1, spare_w + watts
        if free < 1 or spare_w < prospect.start_w:
            found.append(None)
            continue
        free, spare_w = free - 1, spare_w - prospect.typical_w
        heapq.heappush(ends, (now + prospect.typical_s, prospect.typical_w))
        found.append(now)
    return found[before:]
