"""The same code again within moments: told as "already", never silence, and recorded only once."""

from msgspec.structs import replace

from kiosk.views import CheckedIn, Outcome, ScanRefused


class CoolDown:
    """Remembers the last card or unreadable scan and what was said to it.

    A scanner left on continuous reading sends a card several times a second; each one is answered, and keeps the time
    running. Another code in between ends it: then nothing is remembered but that one.

    Args:
        seconds: how long; 0 never remembers.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._data = b""
        self._outcome: CheckedIn | ScanRefused | None = None
        self._until = 0.0

    def refused_again(self, data: bytes, now: float) -> ScanRefused | None:
        """What is said to a code that was refused moments ago; it is not recorded again. None for any other.

        Args:
            data: what was scanned.
            now: monotonic seconds.
        """
        if not isinstance(self._outcome, ScanRefused) or not self._holds(data, now):
            return None
        self._until = now + self._seconds
        return self._outcome

    def served(self, data: bytes, outcome: Outcome, now: float) -> Outcome:
        """A code was served.

        Returns:
            What is said of it: to a card that was greeted moments ago "already", with what it earned and was told then,
            which would otherwise be gone before anybody read it.
        """
        before = self._outcome if self._holds(data, now) else None
        if isinstance(outcome, CheckedIn) and outcome.already and isinstance(before, CheckedIn):
            told = {note.id for note in before.notes}
            notes = (*before.notes, *(note for note in outcome.notes if note.id not in told))
            outcome = replace(
                outcome, repeated=True, points_earned=before.points_earned, notes=notes, checkin=before.checkin
            )
        if isinstance(outcome, CheckedIn | ScanRefused):
            self._outcome, self._data, self._until = outcome, data, now + self._seconds
        else:
            self.forget()
        return outcome

    def forget(self) -> None:
        """What was said holds no more: "that is not me"."""
        self._outcome, self._data = None, b""

    def _holds(self, data: bytes, now: float) -> bool:
        return data == self._data and now < self._until
