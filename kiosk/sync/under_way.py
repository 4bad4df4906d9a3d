"""Pushes that are under way: sent one after the other, and answered for in that order."""

import asyncio
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Final, NamedTuple, Self

from kiosk.sync.link import Link, Packed
from kiosk.sync.outbox import Outgoing
from kiosk.sync.wire import PushAnswer

PUSH: Final = "/v1/push"
FOLLOWS: Final[Mapping[str, str]] = {"follows": "1"}
"""Says that another push was sent before which is not answered yet: the hub takes none that leaves a gap."""


class Parcel(NamedTuple):
    """A batch, ready to go."""

    batch: list[Outgoing]
    body: Packed


class UnderWay:
    """For a block: what is not answered at its end is given up. What the hub makes of that is told by the next hello.

    Args:
        link: to the hub.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._sent: deque[tuple[list[Outgoing], asyncio.Task[PushAnswer]]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for _, sending in self._sent:
            sending.cancel()
        await asyncio.gather(*(sending for _, sending in self._sent), return_exceptions=True)

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def oldest(self) -> list[Outgoing]:
        """The batch that is to be answered for first."""
        return self._sent[0][0]

    @property
    def is_answered(self) -> bool:
        """Whether it is known what became of the oldest."""
        return bool(self._sent) and self._sent[0][1].done()

    async def send(self, parcel: Parcel) -> None:
        """Returns when the hub has something to do: whatever else is done here would hold the request up."""
        on_way = asyncio.Event()
        query = FOLLOWS if self._sent else None
        sending = asyncio.create_task(self._link.send(PUSH, parcel.body, PushAnswer, on_way.set, query))
        sending.add_done_callback(lambda _: on_way.set())
        self._sent.append((parcel.batch, sending))
        await on_way.wait()

    async def answer(self) -> PushAnswer:
        """The answer for the oldest.

        Raises:
            LinkError: there is none.
        """
        answer = await self._sent[0][1]
        self._sent.popleft()
        return answer
