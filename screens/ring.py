"""The terminal's bell in a pattern for each outcome: for a station without a player."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kiosk.views import Sound

RINGS: Final[Mapping[Sound, Sequence[float]]] = {
    Sound.GOOD: (0.0,),
    Sound.ALREADY: (0.0, 0.15),
    Sound.CAREFUL: (0.0, 0.5),
    Sound.REFUSED: (0.0, 0.15, 0.3),
    Sound.ATTENTION: (0.0, 0.15, 0.5, 0.65),
}
"""When the bell rings, s after the outcome."""


def ring(sound: Sound, bell: Callable[[], None], later: Callable[[float, Callable[[], None]], object]) -> None:
    """Ring a sound's pattern.

    Args:
        sound: which one.
        bell: rings once, now.
        later: calls something after so many seconds; the screen goes on meanwhile.
    """
    for delay in RINGS[sound]:
        if delay:
            later(delay, bell)
        else:
            bell()
