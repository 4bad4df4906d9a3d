"""The simulated ESC/POS receipt printer: says how it stands, and keeps what it was given."""

from pathlib import Path

from devices.rig.port import RigPort

_QUESTION = b"\x10\x04"
_WELL = 0x12
_NO_PAPER = 0x72
_OPEN = 0x1A


class ReceiptPrinter:
    """A printer on a pseudo-terminal; needs a running loop.

    Args:
        path: Where its port appears.
    """

    def __init__(self, path: Path) -> None:
        self.printed = b""
        """Everything but questions, in its order."""
        self.paper = True
        """Whether there is some."""
        self.closed = True
        """Whether its cover is."""
        self.answers = True
        """Whether it is switched on."""
        self._port = RigPort(path, self._received)
        self._port.plug()

    def close(self) -> None:
        """Pull its plug."""
        self._port.unplug()

    def _received(self, data: bytes) -> None:
        # A question comes alone, or behind the end of a slip.
        while (at := data.find(_QUESTION)) >= 0 and len(data) >= at + 3 and data[at + 2] in (1, 4):
            if self.answers:
                self._port.send(bytes((self._status(data[at + 2]),)))
            data = data[:at] + data[at + 3 :]
        self.printed += data

    def _status(self, of: int) -> int:
        if of == 4:
            return _WELL if self.paper else _NO_PAPER
        return _WELL if self.closed else _OPEN
