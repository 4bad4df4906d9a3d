"""What boards with plain coils have in common: FC 01 and FC 05, and relays that move when told."""

from collections.abc import Callable

from devices.rig.board import Relay
from devices.rig.wire import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refusal

_ON, _OFF = 0xFF00, 0x0000


def read_bits(states: list[bool], address: int, count: int) -> bytes:
    """Return the reply to FC 01 or 02 for bits from address 0.

    Raises:
        Refusal: There are no such bits.
    """
    if not 1 <= count <= 2000:
        raise Refusal(ILLEGAL_VALUE)
    if address < 0 or address + count > len(states):
        raise Refusal(ILLEGAL_ADDRESS)
    wanted = states[address : address + count]
    bits = sum(state << index for index, state in enumerate(wanted))
    return bytes(((count + 7) // 8,)) + bits.to_bytes((count + 7) // 8, "little")


def read_words(words: dict[int, int], address: int, count: int) -> bytes:
    """Return the reply to FC 03 or 04 for registers that are there one by one.

    Raises:
        Refusal: There are no such registers.
    """
    if not 1 <= count <= 125:
        raise Refusal(ILLEGAL_VALUE)
    if any(register not in words for register in range(address, address + count)):
        raise Refusal(ILLEGAL_ADDRESS)
    return bytes((2 * count,)) + b"".join(words[register].to_bytes(2) for register in range(address, address + count))


def write_coil(relays: tuple[Relay, ...], address: int, value: int, now: float, before: Callable[[], None]) -> None:
    """Carry FC 05 out.

    Raises:
        Refusal: There is no such coil or value.
    """
    if address >= len(relays):
        raise Refusal(ILLEGAL_ADDRESS)
    if value not in (_ON, _OFF):
        raise Refusal(ILLEGAL_VALUE)
    before()
    relays[address].set(value == _ON, now)
