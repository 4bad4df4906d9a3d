"""How long to wait before trying a missing port again."""


class Backoff:
    """Waits that double from `first_s` up to `most_s` and never give up."""

    def __init__(self, first_s: float = 0.2, most_s: float = 5.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """Return the next wait, s."""
        wait = self._next_s
        self._next_s = min(self._most_s, wait * 2)
        return wait

    def reset(self) -> None:
        """Start over with short waits, after a success."""
        self._next_s = self._first_s
