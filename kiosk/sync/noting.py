"""What became of batches at the hub, noted beside the pushes that follow them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from kiosk.sync.link import LinkError
from kiosk.sync.outbox import Outgoing
from kiosk.sync.wire import PushOutcome


class Told(NamedTuple):
    """A batch, and what the hub said of each of its events."""

    batch: list[Outgoing]
    outcomes: list[PushOutcome]


class Noting:
    """For a block: whatever was told in it is noted when it ends, also when a push has failed.

    Args:
        note: writes down what became of one batch.
    """

    def __init__(self, note: Callable[[Told], Awaitable[None]]) -> None:
        self._note = note
        self._told: list[Told] = []
        self._at_work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Whoever is cancelled does not wait: what is not noted is pushed once more, and the hub knows it.
        if error is None or isinstance(error, LinkError):
            await self.go_on()
            await self._end()
        elif self._at_work is not None:
            self._at_work.cancel()
            await asyncio.gather(self._at_work, return_exceptions=True)

    def add(self, told: Told) -> None:
        """To be noted, behind what was added before."""
        self._told.append(told)

    async def go_on(self) -> None:
        """Have noted what there is, in the background.

        Raises:
            Exception: what was being noted before could not be.
        """
        await self._end()
        told, self._told = self._told, []
        if told:
            self._at_work = asyncio.create_task(self._note_all(told))

    async def _end(self) -> None:
        if self._at_work is not None:
            at_work, self._at_work = self._at_work, None
            await at_work

    async def _note_all(self, told: Sequence[Told]) -> None:
        for one in told:
            await self._note(one)
