"""A clock that tests turn by hand."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Wall and monotonic time that move only when told.

    Args:
        start: the wall time at the beginning, aware.
        trusted: whether the wall time can be believed.
    """

    def __init__(self, start: datetime | None = None, *, trusted: bool = True) -> None:
        self.wall = start or datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
        self.mono = 1000.0
        self.trust_wall = trusted
        self.boot = "boot-1"

    @property
    def boot_id(self) -> str:
        """Id of the boot; tests change `boot` to reboot."""
        return self.boot

    def now(self) -> datetime:
        """Wall time."""
        return self.wall

    def monotonic(self) -> float:
        """Seconds since some point."""
        return self.mono

    def trusted(self) -> bool:
        """Whether the wall time can be believed."""
        return self.trust_wall

    def trust(self) -> None:
        """Believe the wall time from now on."""
        self.trust_wall = True

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.wall += timedelta(seconds=seconds)
        self.mono += seconds

    def jump(self, seconds: float) -> None:
        """Jump the wall clock alone."""
        self.wall += timedelta(seconds=seconds)

    def reboot(self) -> None:
        """Start a new boot: the monotonic clock begins anew."""
        self.boot += "+"
        self.mono = 10.0
