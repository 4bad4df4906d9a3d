"""The simulated QR scanner: puts a code's bytes on its port, as a serial scanner does."""

import asyncio

from devices.rig.faults import SCANNER, Faults
from devices.rig.plan import RigError
from devices.rig.port import RigPort
from devices.rig.wire import mangled

CR = b"\r"
_PAUSE_S = 0.02


class QrScanner:
    """Sends scans to the station; what the station sends is not answered.

    Args:
        port: Where the bytes go out.
        faults: What is wrong at the moment.
    """

    def __init__(self, port: RigPort, faults: Faults) -> None:
        self._port = port
        self._faults = faults

    async def scan(self, code: bytes, terminator: bytes = CR, *, pieces: int = 1) -> None:
        """Send `code` and `terminator`, in so many pieces with a short pause between them.

        Raises:
            RigError: The scanner is unplugged.
        """
        if not self._port.plugged:
            raise RigError("The scanner is unplugged.")
        sending = mangled(self._faults, code + terminator, SCANNER)
        if sending is None:
            return
        size = max(1, -(-len(sending.data) // max(1, pieces)))
        for start in range(0, len(sending.data), size):
            if start:
                await asyncio.sleep(_PAUSE_S)
            self._port.send(sending.data[start : start + size], sending.after_s)
