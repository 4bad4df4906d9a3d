"""How much of people's bodies one process holds at a time: what comes beyond is told to come again later."""

from typing import Final

from starlette.types import Scope

from kiosk.hub.refusal import RefusedError

MOST_HELD: Final = 256 * 1024 * 1024
"""Bytes, inflated: more than a thousand stations' usual batches. As structs they take about twice that."""
_HELD: Final = "hub.held"


class Room:
    """Counts; used on the loop alone.

    Args:
        most: bytes.
    """

    def __init__(self, most: int = MOST_HELD) -> None:
        self.most = most
        self._held = 0

    @property
    def is_crowded(self) -> bool:
        """Whether more than half of it is taken: nobody gets more than is needed."""
        return 2 * self._held > self.most

    def hold(self, scope: Scope, size: int) -> None:
        """Hold more bytes for a request, until `leave`.

        Args:
            scope: the request's.
            size: bytes that came, or that they grew by.

        Raises:
            RefusedError: 503, because there is no room now.
        """
        if self._held + size > self.most:
            raise RefusedError(503, "busy", "The hub has too much to do just now; later.")
        self._held += size
        scope[_HELD] = scope.get(_HELD, 0) + size

    def leave(self, scope: Scope) -> None:
        """A request is over."""
        self._held -= scope.pop(_HELD, 0)


ROOM: Final = Room()
"""Of this process."""
