"""Watches what is behind the contactor, and drops it when something there cannot be trusted."""

import asyncio
from collections.abc import Sequence

from kiosk.charging.contactor import Contactor
from kiosk.charging.slot import Slot

_EVERY_S = 0.5


class ContactorWatch:
    """Tells the contactor whether the slots behind it are sound.

    Args:
        contactor: the contactor, if there is one.
        slots: those behind it.
    """

    def __init__(self, contactor: Contactor | None, slots: Sequence[Slot]) -> None:
        self._contactor = contactor
        self._slots = slots
        if contactor is not None:
            contactor.sound = self._sound

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            if self._contactor is not None and self._contactor.held and not self._sound():
                await self._contactor.drop()
            await asyncio.sleep(_EVERY_S)

    def _sound(self) -> bool:
        return not any(slot.welded or slot.power.off_failed for slot in self._slots)
