"""How long the bus waits for what."""

from dataclasses import dataclass

_BITS_PER_CHARACTER = 11
_LEAST_GAP_S = 0.005


@dataclass(frozen=True, slots=True)
class Timing:
    """Waits of the bus master, all in seconds.

    What keeps a late reply from being taken for the reply to a later request: RTU replies carry no transaction number,
    so requests of one shape (same unit, function and count) can only be told apart by time. After a request without a
    good reply its unit is left alone for `quarantine_s`, doubled with every further miss in a row up to
    `quarantine_most_s`; only OFF passes (see `devices.quarantine` for why that is safe). A reply is therefore never
    taken for another request's as long as no device or adapter holds a reply back longer than `timeout_s` +
    `silence_s` + `quarantine_s` after it was asked (2.75 s by default; PZEM meters and Waveshare boards answer within
    0.1 s). Nothing on this wire can promise more than that. Beyond it one net is left: a reply of such a unit with more
    bytes right behind it, as a stalled adapter delivers them, is not believed.

    Attributes:
        timeout_s: From the end of a request to the start of its reply.
        silence_s: Kept on the whole line after any error; what arrives in it is thrown away.
        silence_most_s: Bound for the wait for silence, so that a babbling device cannot hold an OFF back.
        quarantine_s: For how long a unit that owes a reply is not asked again.
        quarantine_most_s: Bound of the doubling.
        write_timeout_s: For how long the adapter may refuse to take bytes before the port counts as lost.
    """

    timeout_s: float = 0.5
    silence_s: float = 0.25
    silence_most_s: float = 1.0
    quarantine_s: float = 2.0
    quarantine_most_s: float = 8.0
    write_timeout_s: float = 1.0


def character_s(baudrate: int) -> float:
    """Return the time of one character, s: 11 bits (MODBUS over Serial Line v1.02 §2.5.1), one to spare with 8N1."""
    return _BITS_PER_CHARACTER / baudrate


def gap_s(baudrate: int) -> float:
    """Return the silence before each request, s: 3.5 characters (ibid. §2.5.1.1), but never below 5 ms.

    Waveshare boards lost every request that followed a reply at once, and none after 5 ms.
    """
    return max(_LEAST_GAP_S, 3.5 * character_s(baudrate))
