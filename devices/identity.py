"""What a device says of itself when it is asked who it is."""

from dataclasses import dataclass

from devices.modbus import BadReply, ModbusException, TwoReplies

SIMULATED = "simulated"
"""The version that only simulated hardware tells; no maker's board does."""


class NotAsExpected(Exception):  # noqa: N818 - named for what happened
    """A device answered, but not as its driver expects; the message is a sentence for an electrician."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A device that answers as its driver expects.

    Attributes:
        model: What it is, as far as it can be told.
        firmware: Its version; empty when it cannot be read.
    """

    model: str
    firmware: str = ""

    @property
    def simulated(self) -> bool:
        """Whether it is a rig's own device and switches nothing real."""
        return self.firmware == SIMULATED


def misfit(what: str, unit: int, error: BadReply | ModbusException) -> NotAsExpected:
    """Return what an electrician should hear of an answer that no such device gives.

    Args:
        what: The device that the settings expect, such as "a Waveshare relay board".
        unit: Its address.
        error: How the answer failed.
    """
    if isinstance(error, TwoReplies):
        return NotAsExpected(
            f"Two devices answer at address {unit}, where {what} is expected: disconnect all but one and give each an "
            "address of its own."
        )
    if isinstance(error, ModbusException):
        return NotAsExpected(
            f"The device at address {unit} answers, but does not understand what {what} does (exception {error.code}): "
            "another device is wired to this address, or the driver in the settings is wrong."
        )
    return NotAsExpected(
        f"What comes from address {unit} makes no sense, where {what} is expected: two devices may have this address, "
        "the baud rate may be wrong, or wires A and B may be swapped or loose."
    )
