"""Tells a scanner that types from a person who types: keys faster than fingers, and enough of them."""

from typing import Final

from msgspec import Struct
from textual import events

SHORTEST: Final = 6
"""Keys that make a scan: the shortest label has 7. Two fingers may come down together, six never follow so fast."""
LONGEST: Final = 2048
"""Keys that are kept of one burst: more than the longest QR code that anybody shows; the rest is dropped."""
QUIET_TICKS: Final = 3
"""Gaps without a key after which a scan without an end is over."""

_ENDS: Final = frozenset(("enter", "tab", "ctrl+j", "ctrl+m", "ctrl+i"))


class Typed(Struct, frozen=True):
    """What keys turned out to be."""

    scan: bytes | None
    """A scan's bytes; None when they are a person's."""
    keys: tuple[events.Key, ...] = ()
    """The person's keys, in their order, to be handled as if they came now."""


class Bursts:
    """Holds each key back for a moment, until it is clear whose it is.

    Keys that follow one another within `gap_s` belong together. Such a burst of at least `SHORTEST` different keys is a
    scan when Enter or Tab ends it, or silence; everything else goes on to the screen, a moment later. A key held down
    repeats itself fast as well, but it is always the same.

    Args:
        gap_s: the longest time between two keys of a scan.
    """

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._held: list[events.Key] = []
        self._last_at = 0.0
        self._ticks = 0
        self.count = 0
        """Keys taken so far."""

    @property
    def waiting(self) -> bool:
        """Whether keys are held back: then `quiet` is to be called after each `gap_s` in which no key came."""
        return bool(self._held)

    def key(self, event: events.Key) -> list[Typed]:
        """Take a key; what is clear now."""
        self._ticks = 0
        self.count += 1
        # The time at which the terminal's bytes came: a screen that was busy meanwhile makes no pause.
        apart = event.time - self._last_at > self._gap_s
        self._last_at = event.time
        clear = self._end() if apart else []
        if event.key in _ENDS:
            scan = self._is_scan()
            clear += self._end()
            return clear if scan else [*clear, Typed(None, (event,))]
        if _byte_of(event) is None:
            return [*clear, *self._end(), Typed(None, (event,))]
        if len(self._held) < LONGEST:
            self._held.append(event)
        return clear

    def quiet(self) -> list[Typed]:
        """No key came for `gap_s`; what is clear now."""
        self._ticks += 1
        if self._is_scan() and self._ticks < QUIET_TICKS:
            return []
        return self._end()

    def _is_scan(self) -> bool:
        return len(self._held) >= SHORTEST and len({event.key for event in self._held}) > 1

    def _end(self) -> list[Typed]:
        scan, held = self._is_scan(), tuple(self._held)
        self._held.clear()
        if scan:
            return [Typed(b"".join(_byte_of(event) or b"" for event in held))]
        return [Typed(None, held)] if held else []


def _byte_of(event: events.Key) -> bytes | None:
    """What a key types; None for one that types nothing, such as an arrow or Backspace."""
    if event.character is None or event.key in ("backspace", "escape", "delete"):
        return None
    return event.character.encode()
