"""Who may have power on a board that has one watchdog for all its relays, and when the board may be addressed.

Any poll feeds such a watchdog, and it feeds it for every relay. So the board is addressed only while each energised
relay has a permit that runs; a relay whose permit ran out is switched off first; and if that is not confirmed the board
is left alone until its watchdog must have switched everything off.
"""

from collections.abc import Callable


class Feeding:
    """The permits of one board. Times are monotonic s.

    Args:
        clock: Monotonic s.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[int, float] = {}
        self._revoked: set[int] = set()
        self._silent_until = 0.0

    @property
    def silent(self) -> bool:
        """Whether the board must not be addressed at all."""
        return self._clock() < self._silent_until

    @property
    def ends_at(self) -> float | None:
        """When the first permit runs out; None when no relay is energised."""
        return min(self._until.values(), default=None)

    def energised(self, channel: int) -> bool:
        """Tell whether a relay was given power, and no OFF of it has been confirmed since."""
        return channel in self._until

    def revoked(self, channel: int) -> bool:
        """Tell whether a relay lost its permit, and whoever held it has not switched it off yet."""
        return channel in self._revoked

    def expired(self) -> list[int]:
        """Return the relays that have to be switched off before the board may be addressed for anything else."""
        now = self._clock()
        return [channel for channel, until in self._until.items() if now >= until]

    def permit(self, channel: int, seconds: float) -> None:
        """Let a relay have power for so long."""
        self._until[channel] = self._clock() + seconds

    def revoke(self, channel: int) -> None:
        """Its permit ran out: it is not renewed until whoever held it has switched it off."""
        self._revoked.add(channel)

    def off(self, channel: int, *, by_holder: bool = True) -> None:
        """A relay is confirmed off."""
        self._until.pop(channel, None)
        if by_holder:
            self._revoked.discard(channel)

    def be_silent_for(self, seconds: float) -> None:
        """Leave the board alone from now on; all its relays lose their permits."""
        self._revoked.update(self._until)
        self._silent_until = max(self._silent_until, self._clock() + seconds)
