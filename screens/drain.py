"""How far a long backlog has drained, and how long the rest will take."""

from collections import deque
from typing import Final

from kiosk.views import Health, SyncView
from screens.language import _
from screens.words import age

LONG_BACKLOG: Final = 500
"""More events than this do not fit into one request to the hub: emptying the queue takes a while."""
OVER_S: Final = 60.0
"""The pace is that of the last minute: a phone network's changes from one minute to the next."""
AFTER_S: Final = 3.0
"""A pace is not told sooner."""


class Drain:
    """Watches a backlog from second to second."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, at_s: float, pending: int) -> None:
        """So many are pending now.

        Args:
            at_s: on a clock that never jumps.
            pending: events.
        """
        if self._seen and at_s - self._seen[-1][0] > OVER_S:
            self._seen.clear()  # nobody watched meanwhile
        self._seen.append((at_s, pending))
        while at_s - self._seen[0][0] > OVER_S:
            self._seen.popleft()

    def left_s(self) -> float | None:
        """Until none is pending, s; None while nobody can tell."""
        if not self._seen:
            return None
        (start, before), (end, now) = self._seen[0], self._seen[-1]
        if end - start < AFTER_S or now >= before:
            return None
        return now * (end - start) / (before - now)


def share(sync: SyncView) -> float | None:
    """How much of a long backlog has been told, 0 to 1; None for a short one, or while none of it was sent yet."""
    if sync.backlog <= LONG_BACKLOG or not 0 < sync.pending <= sync.backlog:
        return None
    if sync.pending == sync.backlog and sync.health is not Health.CONNECTED:
        return None
    return 1 - sync.pending / sync.backlog


def drain_words(sync: SyncView, left_s: float | None) -> str:
    """The same in words.

    Args:
        sync: how far the hub has been told.
        left_s: the estimate; None for none.
    """
    words = _("{n} of {m} sent").format(n=f"{sync.backlog - sync.pending:,}", m=f"{sync.backlog:,}")
    if left_s is None or sync.health is not Health.CONNECTED:
        return words
    return words + _(", about {age} left").format(age=age(left_s))
