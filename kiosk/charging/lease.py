"""Power as a lease: what has to be true before it is given or renewed."""

from msgspec import Struct

from devices.meters import Reading
from kiosk.charging.rules import Decision


class Evidence(Struct, frozen=True):
    """Why power may be renewed: a fresh reading, the rules' decision on it, and a session on disk that says "on"."""

    reading: Reading
    decision: Decision
    on_disk: bool


class Lease:
    """One slot's permission, which ends by itself. Times are monotonic s.

    Args:
        length_s: for how long the board grants power.
        renew_s: how long after it was given it is renewed.
    """

    def __init__(self, length_s: float, renew_s: float) -> None:
        self._length_s = length_s
        self._renew_s = renew_s
        self._given_at: float | None = None
        self._ends_at: float | None = None

    @property
    def given_at(self) -> float | None:
        """When it was given or renewed last; None when no power is permitted."""
        return self._given_at

    def left_s(self, now: float) -> float | None:
        """Seconds until the board has switched off by itself; None when no power is permitted."""
        return None if self._ends_at is None else max(0.0, self._ends_at - now)

    def lapsed(self, now: float) -> bool:
        """Whether the board has switched off by itself."""
        return self._ends_at is not None and now >= self._ends_at

    def covers(self, moment: float) -> bool:
        """Whether the relay ought to have been closed at this moment, whenever exactly the board obeyed."""
        return self._given_at is not None and self._given_at < moment < self._given_at + self._length_s

    def due(self, now: float) -> bool:
        """Whether it is time to renew."""
        return self._given_at is not None and now - self._given_at >= self._renew_s

    def may_renew(self, evidence: Evidence, now: float) -> bool:
        """Whether the evidence is good, and newer than the last renewal. A lease that has lapsed is not revived."""
        fresh = self._given_at is not None and evidence.reading.at > self._given_at and not self.lapsed(now)
        return fresh and evidence.decision.renew and evidence.decision.stop is None and evidence.on_disk

    def asked(self, now: float) -> None:
        """The board is asked for power now; it may follow at any moment, and then lasts at least from here."""
        self._given_at = now
        self._ends_at = max(self._ends_at or 0.0, now + self._length_s)

    def granted(self, now: float) -> None:
        """The board has confirmed by now: its time ends at the latest one length from here."""
        if self._given_at is not None:  # it may have been taken away meanwhile
            self._ends_at = now + self._length_s

    def failed(self, before: float | None, now: float) -> None:
        """The board did not confirm: it may have obeyed all the same, but the next try need not wait."""
        if self._given_at is not None:  # as above
            self._given_at = before
            self._ends_at = now + self._length_s

    def ended(self) -> None:
        """Power was taken away."""
        self._given_at = self._ends_at = None
