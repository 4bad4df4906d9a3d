"""A dry contact on a Modbus module with discrete inputs from address 0 (FC 02)."""

from devices.bus import Bus
from devices.jobs import Priority
from devices.modbus import ReadDiscreteInputs

ALARM_WITHIN_S = 3.0
"""Power hangs on alarms, so they go before readings; and one that cannot be asked within this time is not known."""


class ContactInput:
    """One contact.

    Args:
        bus: The bus.
        unit: The module's id.
        channel: The input's number, from 0.
        normally_closed: It opens for an alarm, so that a cut wire is an alarm, too.
    """

    def __init__(self, bus: Bus, unit: int, channel: int, *, normally_closed: bool) -> None:
        self._bus = bus
        self._request = ReadDiscreteInputs(unit, channel, 1)
        self._rest = normally_closed

    async def read(self) -> bool:
        """Return whether the contact has left its rest."""
        (closed,) = await self._bus.transact(self._request, Priority.LEASE, within_s=ALARM_WITHIN_S)
        return closed != self._rest
