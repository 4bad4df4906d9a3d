"""The simulated module of the GM family: zones with settings, set-up codes, heartbeats."""

import binascii

_COMMAND, _REPLY, _PULSE, _ANY_CRC = b"\x7e\x00", b"\x02\x00", b"\x03\x00", b"\xab\xcd"
_READ, _WRITE, _SAVE, _HEARTBEAT = 7, 8, 9, 10
_SHORTEST = 9
"""Of a command: head, type, length, address (2), one byte, CRC (2)."""

SETUP_ZONE = 0x0003
TAIL_ZONE = 0x0060
_OBEYS = 0x01
_TAILS = {0x00: b"\r", 0x20: b"\r\n", 0x40: b"\t", 0x60: b""}
_TAIL_BITS = 0x60
_FRESH = {SETUP_ZONE: 0x03, TAIL_ZONE: 0x01}
"""As it leaves the factory: it obeys set-up codes, and ends a scan with CR."""


class GmModule:
    """What the module knows, and what it answers."""

    def __init__(self) -> None:
        self.zones = dict(_FRESH)
        """Settings in force, by address; those not named are 0."""
        self.saved = dict(_FRESH)
        """What it comes up with."""
        self._input = b""

    @property
    def tail(self) -> bytes:
        """What it ends a scan with."""
        return _TAILS[self.zones.get(TAIL_ZONE, 0) & _TAIL_BITS]

    @property
    def obeys(self) -> bool:
        """Whether it obeys set-up codes."""
        return bool(self.zones.get(SETUP_ZONE, 0) & _OBEYS)

    def show_setup_code(self, address: int, value: int) -> bool:
        """Somebody holds a set-up code up; whether the module obeys. What it takes over, it keeps."""
        if not self.obeys:
            return False
        self.zones[address] = self.saved[address] = value
        return True

    def power_cycle(self) -> None:
        """It comes up with what was saved."""
        self.zones = dict(self.saved)

    def received(self, data: bytes) -> bytes:
        """What it answers to these bytes, which may be parts of commands."""
        self._input += data
        answers = b""
        while (command := self._next()) is not None:
            answers += self._answer(command)
        return answers

    def _next(self) -> bytes | None:
        start = self._input.find(_COMMAND)
        self._input = self._input[max(start, 0) :] if start >= 0 else self._input[-1:]
        if len(self._input) < _SHORTEST or len(self._input) < (length := 8 + (self._input[3] or 256)):
            return None
        command, self._input = self._input[:length], self._input[length:]
        return command

    def _answer(self, frame: bytes) -> bytes:
        if frame[-2:] not in (_ANY_CRC, _crc(frame[2:-2])):
            return b""
        order, address, data = frame[2], int.from_bytes(frame[4:6], "big"), frame[6:-2]
        done = b"\x00"
        if order == _READ:
            done = bytes(self.zones.get(address + offset, 0) for offset in range(data[0] or 256))
        elif order == _WRITE:
            self.zones.update({address + offset: value for offset, value in enumerate(data)})
        elif order == _SAVE:
            self.saved = dict(self.zones)
        elif order != _HEARTBEAT:
            return b""
        return _framed(_PULSE if order == _HEARTBEAT else _REPLY, done)


def _framed(head: bytes, data: bytes) -> bytes:
    body = bytes((0, len(data) & 0xFF)) + data
    return head + body + _crc(body)


def _crc(body: bytes) -> bytes:
    return binascii.crc_hqx(body, 0).to_bytes(2, "big")
