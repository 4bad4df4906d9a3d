"""What riders see of their own sessions, running or ended."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from kiosk.box import Box
from kiosk.charging import plugs
from kiosk.charging.session import CURVE_MINUTES, LiveSession
from kiosk.charging.slot import Slot
from kiosk.riders import aliases
from kiosk.system.clock import from_iso, iso
from kiosk.views import ChargeLimits, RiderView, SessionView, StopReason
from models.charging import ChargingSessionRow, SessionMinuteRow

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

    def ended(self, rider: str, view: SessionView, age_s: float = 0.0) -> None:
        """Remember a session that ended, so long ago."""
        self._ends.pop(rider, None)
        self._ends[rider] = (self._box.clock.monotonic() - age_s, self._in_local_time(view))
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


def ended_lately(box: Box) -> list[tuple[str, float, SessionView]]:
    """What a start of the station remembers of ended sessions: rider, how long ago, s, and how it ended; oldest first.

    Who comes back after a power cut learns of it all the same. On the database thread.
    """
    ended = ChargingSessionRow.select().where(
        (ChargingSessionRow.origin == box.origin)
        & ChargingSessionRow.ended_at.is_null(False)
        & ChargingSessionRow.stop_reason.in_(list(StopReason))  # a later version's reasons keep no start from serving
    )
    if box.clock.trusted():
        ended = ended.where(ChargingSessionRow.ended_at > iso(box.clock.now() - timedelta(seconds=REMEMBERED_S)))
    newest = list(ended.order_by(ChargingSessionRow.ended_at.desc()).limit(REMEMBERED_ENDS))
    return [(aliases.root(row.rider), plugs.age_s(box, row), _as_it_ended(row)) for row in reversed(newest)]


def _as_it_ended(row: ChargingSessionRow) -> SessionView:
    minutes = SessionMinuteRow.select().where(SessionMinuteRow.session == row.id)
    curve = [each.mean_w or 0.0 for each in minutes.order_by(SessionMinuteRow.number.desc()).limit(CURVE_MINUTES)]
    started_at, ended_at = from_iso(row.started_at), from_iso(row.ended_at or row.started_at)
    return SessionView(
        slot=row.slot,
        started_at=started_at,
        watts=0.0,
        wh=row.wh or 0,
        elapsed_s=max(0.0, (ended_at - started_at).total_seconds()),
        limits=ChargeLimits(row.chosen_s, row.chosen_wh),
        power_curve=tuple(reversed(curve)),
        ended_at=ended_at,
        stop_reason=StopReason(row.stop_reason or ""),
    )
