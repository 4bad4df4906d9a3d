"""The simulated QR scanner: puts a code's bytes on its port, as a serial scanner does."""

import asyncio

from devices.rig.faults import SCANNER, FaultKind, Faults
from devices.rig.gm import GmModule
from devices.rig.plan import RigError
from devices.rig.port import RigPort
from devices.rig.wire import mangled

CR = b"\r"
_PAUSE_S = 0.02


class QrScanner:
    """Sends scans to the station; a module of the GM family answers it, any other does not.

    Args:
        port: Where the bytes go out.
        faults: What is wrong at the moment.
        module: The module, for a scanner that has one.
    """

    def __init__(self, port: RigPort, faults: Faults, module: GmModule | None = None) -> None:
        self._port = port
        self._faults = faults
        self._module = module

    def received(self, data: bytes) -> None:
        """The station sent something."""
        if self._module is None:
            return
        reply = self._module.received(data)
        if reply and not self._faults.has(FaultKind.SILENT, SCANNER):
            self._port.send(reply)

    async def scan(self, code: bytes, terminator: bytes | None = None, *, pieces: int = 1) -> None:
        """Send `code` and `terminator`, in so many pieces with a short pause between them.

        Without a terminator given, the one that the module is set up for, or CR.

        Raises:
            RigError: The scanner is unplugged.
        """
        if not self._port.plugged:
            raise RigError("The scanner is unplugged.")
        tail = terminator if terminator is not None else CR if self._module is None else self._module.tail
        sending = mangled(self._faults, code + tail, SCANNER)
        if sending is None:
            return
        size = max(1, -(-len(sending.data) // max(1, pieces)))
        for start in range(0, len(sending.data), size):
            if start:
                await asyncio.sleep(_PAUSE_S)
            self._port.send(sending.data[start : start + size], sending.after_s)
