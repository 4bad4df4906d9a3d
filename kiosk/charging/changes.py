"""Tells that something visible changed, and no more often than anybody can see."""

import asyncio
from collections.abc import Callable, Hashable

LEAST_S = 0.5
"""At most two tellings a second."""


class Changes:
    """Compares what is visible with what was told last.

    Args:
        visible: everything visible whose change is worth telling; called on the loop.
        tell: called on the loop when it changed.
    """

    def __init__(self, visible: Callable[[], Hashable], tell: Callable[[], None]) -> None:
        self._visible = visible
        self._tell = tell
        self._told: Hashable = None
        self._told_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """Something may have changed."""
        if self._timer is None and self._visible() != self._told:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._told_at + LEAST_S), self._now)

    def stop(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _now(self) -> None:
        self._timer = None
        visible = self._visible()
        if visible != self._told:
            self._told, self._told_at = visible, asyncio.get_running_loop().time()
            self._tell()
