"""Which units are left alone for a while, because a reply of theirs may still arrive."""

from dataclasses import dataclass

from devices.timing import Timing


@dataclass(slots=True)
class _Debt:
    misses: int
    until: float


class Quarantine:
    """Keeps units that owe a reply apart until it can no longer arrive.

    An OFF passes all the same, and believing its echo stays right: nothing but OFF is sent to that unit in the
    meantime, so whichever OFF the echo belongs to, it was carried out after the last ON. The quarantine then starts
    anew, since the other echo may still come. A read-back of an OFF waits like every other request.
    """

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._debts: dict[int, _Debt] = {}

    def blocks(self, unit: int, now: float) -> bool:
        """Tell whether only OFF may be sent to `unit` at `now` (monotonic s)."""
        debt = self._debts.get(unit)
        return debt is not None and now < debt.until

    def owes(self, unit: int) -> bool:
        """Tell whether `unit` left its last request unanswered."""
        return unit in self._debts

    def missed(self, unit: int, now: float) -> None:
        """Note a request that got no good reply."""
        misses = self._debts[unit].misses + 1 if unit in self._debts else 1
        wait = min(self._timing.quarantine_most_s, self._timing.quarantine_s * 2 ** min(misses - 1, 16))
        self._debts[unit] = _Debt(misses, now + wait)

    def answered(self, unit: int, sent_at: float, now: float) -> None:
        """Note a good reply: it ends the debt, or starts the quarantine anew for an OFF that passed it."""
        debt = self._debts.get(unit)
        if debt is None:
            return
        if sent_at < debt.until:
            debt.until = max(debt.until, now + self._timing.quarantine_s)
        else:
            del self._debts[unit]

    def next_end(self, now: float) -> float | None:
        """Return when the next quarantine ends (monotonic s); None when none runs."""
        return min((debt.until for debt in self._debts.values() if debt.until > now), default=None)
