"""Modbus RTU requests: each knows its frame, its exact reply length, and which reply answers it.

Source: MODBUS Application Protocol v1.1b3 §6 and MODBUS over Serial Line v1.02. An RTU reply carries no transaction
number, so everything it does carry is compared: unit, function, byte count or echo, and CRC.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from devices.crc import crc_is_good, with_crc

EXCEPTION_LENGTH = 5
"""Bytes of an exception reply: unit, function + 0x80, code, CRC (2)."""
_HEADER_AND_CRC = 5
"""Bytes of a read's reply around its data: unit, function, byte count, CRC (2)."""

T_co = TypeVar("T_co", covariant=True)


class BusError(Exception):
    """A request on the bus came to nothing; what the device did about it is not known."""


class NoReply(BusError):  # noqa: N818 - named for what happened
    """The device said nothing in time."""


class BadReply(BusError):  # noqa: N818 - named for what happened
    """Something arrived, but no whole reply to this request with a good CRC."""


class TwoReplies(BadReply):
    """A good reply came, and more behind it: two devices have one id."""


class PortLost(BusError):  # noqa: N818 - named for what happened
    """The serial port is missing, was unplugged, or the bus is closed."""


class Overtaken(BusError):  # noqa: N818 - named for what happened
    """The request was dropped before it was sent: an OFF for the same output came, or it waited too long."""


class ModbusException(BusError):  # noqa: N818 - named for what happened
    """The device understood and refused.

    Attributes:
        code: The exception code, such as 2 for an illegal address (v1.1b3 §7).
    """

    def __init__(self, unit: int, function: int, code: int) -> None:
        super().__init__(f"unit {unit} refused function {function} with exception {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Request(ABC, Generic[T_co]):
    """One request to one unit (1..247); broadcasts are never sent, because nobody confirms them.

    Subclasses that add no field are no data classes of their own: each takes half a millisecond of every start to make.
    """

    function: ClassVar[int]
    unit: int

    @abstractmethod
    def _data(self) -> bytes:
        """Return the bytes between function and CRC."""

    @property
    @abstractmethod
    def reply_length(self) -> int:
        """Bytes of the whole normal reply, CRC included."""

    @abstractmethod
    def answered_by(self, reply: bytes) -> bool:
        """Tell whether a reply of the right unit, function, length and CRC fits this very request."""

    @abstractmethod
    def decode(self, reply: bytes) -> T_co:
        """Return what a reply that `answered_by` accepted says."""

    def frame(self) -> bytes:
        """Return the bytes for the wire."""
        return with_crc(bytes((self.unit, self.function)) + self._data())


@dataclass(frozen=True, slots=True)
class _Read(Request[T_co]):
    address: int
    count: int

    def _data(self) -> bytes:
        return self.address.to_bytes(2) + self.count.to_bytes(2)

    @property
    @abstractmethod
    def _byte_count(self) -> int: ...

    @property
    def reply_length(self) -> int:
        return _HEADER_AND_CRC + self._byte_count

    def answered_by(self, reply: bytes) -> bool:
        return reply[2] == self._byte_count


class ReadCoils(_Read[tuple[bool, ...]]):
    """FC 01: the state of `count` coils from `address`."""

    __slots__ = ()
    function: ClassVar[int] = 0x01

    @property
    def _byte_count(self) -> int:
        return (self.count + 7) // 8

    def decode(self, reply: bytes) -> tuple[bool, ...]:
        """Return one bool per coil, lowest address first."""
        bits = int.from_bytes(reply[3:-2], "little")
        return tuple(bool(bits >> index & 1) for index in range(self.count))


class ReadDiscreteInputs(ReadCoils):
    """FC 02: the state of `count` discrete inputs from `address`."""

    __slots__ = ()
    function: ClassVar[int] = 0x02


class _ReadRegisters(_Read[tuple[int, ...]]):
    __slots__ = ()

    @property
    def _byte_count(self) -> int:
        return 2 * self.count

    def decode(self, reply: bytes) -> tuple[int, ...]:
        """Return one unsigned 16-bit number per register, lowest address first."""
        return tuple(int.from_bytes(reply[at : at + 2]) for at in range(3, len(reply) - 2, 2))


class ReadHoldingRegisters(_ReadRegisters):
    """FC 03: `count` holding registers from `address`."""

    __slots__ = ()
    function: ClassVar[int] = 0x03


class ReadInputRegisters(_ReadRegisters):
    """FC 04: `count` input registers from `address`."""

    __slots__ = ()
    function: ClassVar[int] = 0x04


@dataclass(frozen=True, slots=True)
class _Write(Request[None]):
    address: int
    value: int

    def _data(self) -> bytes:
        return self.address.to_bytes(2) + self.value.to_bytes(2)

    @property
    def reply_length(self) -> int:
        return 8

    def answered_by(self, reply: bytes) -> bool:
        return reply == self.frame()

    def decode(self, reply: bytes) -> None:
        """Return nothing: the echo says all."""


class WriteCoil(_Write):
    """FC 05: any 16-bit value, since relay boards give values other than FF00 and 0000 a meaning."""

    __slots__ = ()
    function: ClassVar[int] = 0x05


class WriteRegister(_Write):
    """FC 06: one holding register."""

    __slots__ = ()
    function: ClassVar[int] = 0x06


def find_reply(request: Request[object], received: bytes) -> bytes | None:
    """Hunt through `received`, noise included, for the whole reply to `request`; None when it is not there (yet).

    Noise before a reply costs nothing this way. That noise looks like a reply has a chance below 2 in 10^7 for each
    place it could start at (unit, function and CRC must all fit), and less for an echo.

    Raises:
        ModbusException: The device refused.
    """
    for start in range(len(received) - EXCEPTION_LENGTH + 1):
        if received[start] != request.unit:
            continue
        function = received[start + 1]
        if function == request.function:
            reply = received[start : start + request.reply_length]
            if len(reply) == request.reply_length and crc_is_good(reply) and request.answered_by(reply):
                return reply
        elif function == request.function | 0x80:
            refusal = received[start : start + EXCEPTION_LENGTH]
            if crc_is_good(refusal):
                raise ModbusException(request.unit, request.function, refusal[2])
    return None
