"""The simulated keyboard-wedge scanner: types a code into a terminal, key by key, as a cheap USB scanner does."""

import asyncio
import os
from enum import StrEnum
from typing import Final

CR = b"\r"
SLOW_KEY_S: Final = 0.12
"""Between two keys of a slow scanner, s: above the longest gap that a station can be set to (`scanner.key_gap_ms`)."""


class WedgeFault(StrEnum):
    """What goes wrong with one scan."""

    SLOW = "slow"
    """Each key comes alone, as from a person: a keyboard that is overloaded, or a radio that is weak."""
    LOST_END = "lost-end"
    """The code without the key that ends it: the scanner was set up without, or lost it."""
    HALF = "half"
    """The first half of the code and no end: the cable was pulled."""


class Wedge:
    """Types on the far end of a terminal.

    Args:
        descriptor: Where keys go in, such as a pseudo-terminal's far end; non-blocking.
        key_s: Between two keys, s; USB keyboards of low speed manage one in 8 to 16 ms, by radio up to 30.
    """

    def __init__(self, descriptor: int, key_s: float = 0.008) -> None:
        self._descriptor = descriptor
        self._key_s = key_s

    async def scan(self, code: bytes, end: bytes = CR, fault: WedgeFault | None = None) -> None:
        """Type a code and what it ends with; nothing, for a scanner set up without."""
        keys = code[: (len(code) + 1) // 2] if fault is WedgeFault.HALF else code
        if fault not in (WedgeFault.HALF, WedgeFault.LOST_END):
            keys += end
        for key in keys:
            os.write(self._descriptor, bytes((key,)))
            await asyncio.sleep(SLOW_KEY_S if fault is WedgeFault.SLOW else self._key_s)
