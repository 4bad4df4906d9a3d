"""Speaks with a scanner module of the GM family (GM65, GM812 and kin): locks it, and hears whether it lives.

A passer-by can set such a module up anew by showing it a set-up code. Its frames are `7E 00`, type, length, address
(2), data, CRC; answers begin `02 00`, those to a heartbeat `03 00`, and have no address. The CRC is CRC-16/XMODEM over
everything behind the first two bytes; `AB CD` stands for "not computed", both ways. Source: the maker's user manuals,
chapters "Series communication" and "Heartbeat".
"""

import asyncio
import binascii
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_log = logging.getLogger(__name__)

COMMAND: Final = b"\x7e\x00"
REPLY: Final = b"\x02\x00"
PULSE: Final = b"\x03\x00"
ANY_CRC: Final = b"\xab\xcd"

BEAT_S: Final = 10.0
"""Between heartbeats, as the manuals ask."""
MISSES: Final = 3
"""Heartbeats without an answer after which the module is to be reset, as the manuals say."""
ANSWER_S: Final = 0.5
"""At 9600 baud an answer takes 10 ms; a module that decodes a picture answers after it."""


class Order(IntEnum):
    """Types of commands."""

    READ = 0x07
    WRITE = 0x08
    SAVE = 0x09
    HEARTBEAT = 0x0A


@dataclass(frozen=True, slots=True)
class Zone:
    """A setting of the module that is asserted.

    Attributes:
        address: Of the zone, 0 to 0xFFFF.
        mask: The bits that matter.
        value: What they are to be.
    """

    address: int
    mask: int
    value: int


LOCK: Final = Zone(0x0003, 0x03, 0x00)
"""Set-up codes are not obeyed, and their content is not sent: both bits of the zone, whichever of the two is which."""


def crc(body: bytes) -> bytes:
    """The check sum of a frame's bytes behind its first two: CRC-16/XMODEM, high byte first."""
    return binascii.crc_hqx(body, 0).to_bytes(2, "big")


def command(order: Order, address: int = 0, data: bytes = b"\x00") -> bytes:
    """A command's whole frame."""
    body = bytes((order, len(data))) + address.to_bytes(2, "big") + data
    return COMMAND + body + crc(body)


HEARTBEAT: Final = command(Order.HEARTBEAT)


def answer_of(frame: bytes) -> bytes | None:
    """The data in a whole answer; None when it tells a failure, is no answer, or is damaged."""
    if frame[:2] not in (REPLY, PULSE) or len(frame) < 6 or frame[-2:] not in (ANY_CRC, crc(frame[2:-2])):
        return None
    return frame[4:-2] if frame[2] == 0 else None


class GmKeeper:
    """Asserts the settings of a module on one open port, then asks it for a sign of life for ever.

    Args:
        send: Writes bytes to the module; raises OSError when the port is gone.
        zones: What is asserted, besides the lock.
        on_state: Called with whether the module answers and is locked, once a round.
        beat_s: Between two rounds, s.
        answer_s: How long one answer is waited for, s.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        zones: Sequence[Zone],
        on_state: Callable[[bool], None],
        *,
        beat_s: float = BEAT_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._send = send
        self._zones = (LOCK, *zones)
        self._on_state = on_state
        self._beat_s = beat_s
        self._answer_s = answer_s
        self._waiting: asyncio.Future[bytes] | None = None

    def heard(self, frame: bytes) -> None:
        """A whole control frame came; what nobody asked for is passed over."""
        data = answer_of(frame)
        if data is not None and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(data)

    async def keep(self) -> None:
        """Lock the module, then beat until it is silent for too long.

        Raises:
            OSError: It missed three heartbeats: the port is to be closed and opened anew, which asserts everything.
        """
        locked = await self._assert_all()
        self._on_state(locked)
        if not locked:
            _log.warning("the scanner cannot be locked: a set-up code could change it")
        misses = 0
        while True:
            await asyncio.sleep(self._beat_s)
            misses = misses + 1 if await self._ask(HEARTBEAT) is None else 0
            if misses >= MISSES:
                raise OSError(f"the scanner missed {MISSES} heartbeats")
            if not locked and not misses:
                locked = await self._assert_all()
            self._on_state(locked and not misses)

    async def _assert_all(self) -> bool:
        changed = False
        for zone in self._zones:
            found = await self._read(zone.address)
            if found is None:
                return False
            wanted = found & ~zone.mask | zone.value & zone.mask
            if found == wanted:
                continue
            await self._ask(command(Order.WRITE, zone.address, bytes((wanted,))))
            if await self._read(zone.address) != wanted:
                return False
            changed = True
        # Kept in the module's memory, so that it comes up locked; written only when something was another way.
        return not changed or await self._ask(command(Order.SAVE)) is not None

    async def _read(self, address: int) -> int | None:
        data = await self._ask(command(Order.READ, address, b"\x01"))
        return data[0] if data is not None and len(data) == 1 else None

    async def _ask(self, frame: bytes) -> bytes | None:
        self._waiting = asyncio.get_running_loop().create_future()
        self._send(frame)
        try:
            async with asyncio.timeout(self._answer_s):  # not `wait_for`, which may not hear that the port is given up
                return await self._waiting
        except TimeoutError:
            return None
        finally:
            self._waiting = None
