"""What riders see of their own sessions, running or ended."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from kiosk.box import Box
from kiosk.charging.session import LiveSession
from kiosk.charging.slot import Slot
from kiosk.views import RiderView, SessionView

REMEMBERED_ENDS = 32
"""Ended sessions that are kept in memory for their riders to see."""
REMEMBERED_S = 12 * 3600.0
"""For how long: who comes back to a finished charge learns why it ended."""


class OwnSessions:
    """All riders' sessions, each for its own rider.

    Args:
        box: the box.
        slots: all slots.
    """

    def __init__(self, box: Box, slots: Sequence[Slot]) -> None:
        self._box = box
        self._slots = slots
        self._ends: dict[str, tuple[float, SessionView]] = {}

    def session(self, rider: str) -> SessionView | None:
        """A rider's running session, or else the last one that ended, as far as it is remembered."""
        for slot in self._slots:
            if slot.session is not None and slot.session.rider == rider:
                reading = slot.meter.reading
                return self._running(slot.session, None if reading is None else reading.watts)
        ended = self._ends.get(rider)
        return None if ended is None or self._box.clock.monotonic() - ended[0] > REMEMBERED_S else ended[1]

    def recognise(self, rider: RiderView) -> None:
        """What ended under another id of the person is remembered under the one that they go by now."""
        for known in rider.also:
            if known in self._ends:
                self._ends.setdefault(rider.id, self._ends.pop(known))

    def ended(self, rider: str, view: SessionView) -> None:
        """Remember a session that ended."""
        self._ends.pop(rider, None)
        self._ends[rider] = (self._box.clock.monotonic(), self._in_local_time(view))
        while len(self._ends) > REMEMBERED_ENDS:
            del self._ends[next(iter(self._ends))]

    def _running(self, session: LiveSession, watts: float | None) -> SessionView:
        clock, numbers = self._box.clock, self._box.settings.charging
        now, mono = self._box.local(clock.now()), clock.monotonic()
        closes_s = None
        if numbers.hours is not None and clock.trusted():
            closes_s = mono + (numbers.hours.end_after(now) - now).total_seconds()
        outlook = session.outlook(mono, numbers, closes_s)
        end = None if outlook.end_s is None else now + timedelta(seconds=outlook.end_s - mono)
        return replace(self._in_local_time(session.view(mono, watts)), expected_end=end, progress=outlook.progress)

    def _in_local_time(self, view: SessionView) -> SessionView:
        ended_at = None if view.ended_at is None else self._box.local(view.ended_at)
        return replace(view, started_at=self._box.local(view.started_at), ended_at=ended_at)
