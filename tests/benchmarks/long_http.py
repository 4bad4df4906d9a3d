"""HTTP/1.1 as one of very many stations speaks it: a kept connection, and next to no work on this side."""

import asyncio
import re
import zlib
from types import TracebackType
from typing import Final, Self

from kiosk.sync import packing

_STATUS: Final = re.compile(rb"\AHTTP/1\.1 (\d{3}) ")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_GZIP: Final = re.compile(rb"\r\ncontent-encoding: gzip\r\n", re.IGNORECASE)


class Answer:
    """What came back."""

    __slots__ = ("_gzip", "body", "status")

    def __init__(self, status: int, body: bytes, *, gzip: bool) -> None:
        self.status = status
        self.body = body
        """As it came."""
        self._gzip = gzip

    def text(self) -> bytes:
        """The body, inflated."""
        return zlib.decompress(self.body, wbits=31) if self._gzip else self.body

    def beginning(self) -> bytes:
        """The first part of the body, for little work."""
        return zlib.decompressobj(wbits=31).decompress(self.body, 400) if self._gzip else self.body[:400]


class Connection:
    """One connection; made anew when the hub has closed it.

    Args:
        address: the hub's.
        key: shown with each request.
    """

    def __init__(self, address: tuple[str, int], key: str = "") -> None:
        self._address = address
        shown = f"authorization: Bearer {key}\r\n" if key else ""
        self._common = f" HTTP/1.1\r\nhost: hub\r\n{shown}accept-encoding: gzip\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def get(self, path: str) -> Answer:
        """GET."""
        return await self._ask(f"GET {path}{self._common}\r\n".encode())

    async def post(self, path: str, body: bytes, *, gzip: bool = False) -> Answer:
        """POST JSON.

        Args:
            path: of the hub's.
            body: as it goes over the wire.
            gzip: whether it is compressed.
        """
        encoding = "content-encoding: gzip\r\n" if gzip else ""
        head = (
            f"POST {path}{self._common}content-type: application/json\r\n{encoding}content-length: {len(body)}\r\n\r\n"
        )
        return await self._ask(head.encode() + body)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, request: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address, limit=1 << 20)
        reader, writer = self._streams
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(int(_found(_LENGTH, head)))
        except BaseException:
            self.close()
            raise
        return Answer(int(_found(_STATUS, head)), body, gzip=_GZIP.search(head) is not None)


def _found(pattern: re.Pattern[bytes], head: bytes) -> bytes:
    found = pattern.search(head)
    if found is None:
        raise RuntimeError(f"the hub answered {head[:200]!r}")
    return found[1]


def gzipped(body: bytes) -> bytes:
    """As a station compresses."""
    return packing.packed(body)
