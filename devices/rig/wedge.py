"""The simulated keyboard-wedge scanner: types a code into a terminal, key by key, as a cheap USB scanner does."""

import asyncio
import os

CR = b"\r"


class Wedge:
    """Types on the far end of a terminal.

    Args:
        descriptor: Where keys go in, such as a pseudo-terminal's far end; non-blocking.
        key_s: Between two keys, s; USB keyboards of low speed manage one in 8 to 16 ms, by radio up to 30.
    """

    def __init__(self, descriptor: int, key_s: float = 0.008) -> None:
        self._descriptor = descriptor
        self._key_s = key_s

    async def scan(self, code: bytes, end: bytes = CR) -> None:
        """Type a code and what it ends with; nothing, for a scanner set up without."""
        for key in code + end:
            os.write(self._descriptor, bytes((key,)))
            await asyncio.sleep(self._key_s)
