"""A device's health, told once per change and not once per reading."""

from collections.abc import Callable
from enum import StrEnum


class Health(StrEnum):
    """How a device or line is doing."""

    CONNECTED = "connected"
    DEGRADED = "degraded"
    UNREACHABLE = "unreachable"


class HealthTracker:
    """Turns a stream of good and bad answers into a health that changes seldom.

    One bad answer makes a device degraded, `unreachable_after` in a row make it unreachable; from then on what it last
    said is unknown, never 0. It is connected again after `steady_after` good answers in a row, so that a line which
    loses every other answer is not announced anew each time.
    """

    def __init__(
        self, on_change: Callable[[Health], None] | None = None, *, unreachable_after: int = 2, steady_after: int = 2
    ) -> None:
        self._on_change = on_change
        self._unreachable_after = unreachable_after
        self._steady_after = steady_after
        self._bad = 0
        self._good = 0
        self._health: Health | None = None

    @property
    def health(self) -> Health | None:
        """The present health; None before the first answer."""
        return self._health

    @property
    def known(self) -> bool:
        """False while what the device last said must not be believed any more (two bad answers in a row)."""
        return self._health is not None and self._bad < self._unreachable_after

    def good(self) -> None:
        """Count an answer that can be believed."""
        self._bad = 0
        self._good += 1
        steady = self._health is None or self._good >= self._steady_after
        self._set(Health.CONNECTED if steady or self._health is Health.CONNECTED else Health.DEGRADED)

    def bad(self) -> None:
        """Count a missing or unbelievable answer."""
        self._good = 0
        self._bad += 1
        self._set(Health.UNREACHABLE if self._bad >= self._unreachable_after else Health.DEGRADED)

    def suspect(self) -> None:
        """Say that the device is there, but that something is wrong with it."""
        self._good = 0
        self._set(Health.DEGRADED)

    def lost(self) -> None:
        """Say that the device is gone altogether, such as an unplugged port."""
        self._good = 0
        self._bad = max(self._bad, self._unreachable_after)
        self._set(Health.UNREACHABLE)

    def found(self) -> None:
        """Say that the device is there again, such as a port that opened."""
        self._bad = 0
        self._good = self._steady_after
        self._set(Health.CONNECTED)

    def _set(self, health: Health) -> None:
        if health is self._health:
            return
        self._health = health
        if self._on_change is not None:
            self._on_change(health)
