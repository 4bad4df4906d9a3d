"""`kiosk doctor --sockets`: each relay alone, with a lamp in every socket: does its own meter show it, and no other?

Nothing else notices in time that relay and meter of a slot do not belong together. Its rules would watch another
socket's charger, and what is drawn here would be nobody's.
"""

import asyncio
from collections.abc import Mapping

from devices.bus import Bus
from devices.identity import NotAsExpected
from devices.meters import ImplausibleReading, Meter, make_meter
from devices.modbus import BusError
from devices.relays import RelayBoard
from kiosk.commands.commission import OpenBus, PortMissingError, boards_of
from kiosk.commands.common import DONE, FAILED, say, say_error
from kiosk.folder import DataFolder
from kiosk.settings import ChargingSettings, RelaySettings, Settings, SlotSettings
from kiosk.system.lock import FolderLock

LEAST_W = 10.0
"""Less is no lamp."""
LEASE_S = 30.0
"""For so long each relay is switched on at most; no watchdog acts before its meter was read."""
SETTLE_S = 2.5
"""A PZEM measures once a second."""


def sockets(settings: Settings) -> int:
    """Try every slot; the station must not be running."""
    folder = DataFolder.of(settings)
    folder.check()
    with FolderLock(folder.path, "`kiosk doctor --sockets`"):
        try:
            return asyncio.run(_sockets(settings.charging))
        except PortMissingError as error:
            return say_error(error)


async def _sockets(numbers: ChargingSettings) -> int:
    async with OpenBus(numbers) as bus:
        pairs = Pairs(numbers, bus)
        try:
            await pairs.begin()
            mistakes = [await _told(pairs, slot) for slot in numbers.slots]
        except (BusError, NotAsExpected, ImplausibleReading) as error:
            return say_error(error)
        finally:
            await pairs.end()
    return FAILED if any(mistakes) else DONE


async def _told(pairs: "Pairs", slot: SlotSettings) -> bool:
    mistake = await pairs.mistake(slot)
    say(f"slot {slot.name}: {mistake or 'relay and meter belong together'}")
    return mistake is not None


class Pairs:
    """Tries one relay after the other.

    Args:
        numbers: the settings.
        bus: the bus.
    """

    def __init__(self, numbers: ChargingSettings, bus: Bus) -> None:
        self._numbers = numbers
        self._boards: Mapping[int, RelayBoard] = {relay.unit: board for relay, board in boards_of(numbers, bus)}
        self._meters: Mapping[str, Meter] = {
            slot.name: make_meter(slot.meter.driver, bus, slot.meter.unit) for slot in numbers.slots
        }

    async def begin(self) -> None:
        """Everything off, and all boards ready.

        Raises:
            BusError: a board does not answer.
            NotAsExpected: it is another.
        """
        for board in self._boards.values():
            await board.all_off()
            await board.identify(LEASE_S)

    async def end(self) -> None:
        """Everything off, as far as boards answer."""
        await asyncio.gather(*(board.all_off() for board in self._boards.values()), return_exceptions=True)

    async def mistake(self, slot: SlotSettings) -> str | None:
        """What is wrong with a slot's wiring, as a sentence; None when nothing is.

        Raises:
            BusError: a board or meter does not answer.
            ImplausibleReading: what a meter says cannot be.
        """
        before = await self._lit(slot)
        if before:
            return f"power flows although every relay is off, by the meter of slot {', '.join(before)}"
        await self._switch_on(slot.relay)
        await asyncio.sleep(SETTLE_S)
        lit = await self._lit(slot)
        await self._boards[slot.relay.unit].switch_off(slot.relay.channel)
        await self._let_go(slot.relay)
        await asyncio.sleep(SETTLE_S)
        if lit == [slot.name]:
            return None
        if not lit:
            return "no meter shows its lamp: is there one, and does the coil of a meter go round its phase?"
        return f"its lamp shows on the meter of slot {', '.join(lit)}"

    async def _lit(self, first: SlotSettings) -> list[str]:
        """The slots whose meters show a lamp; the tried one is asked first, while its relay is surely on."""
        names = [first.name, *(name for name in self._meters if name != first.name)]
        return [name for name in names if (await self._meters[name].read()).watts >= LEAST_W]

    async def _switch_on(self, relay: RelaySettings) -> None:
        contactor = self._numbers.contactor
        if contactor is not None:
            await self._boards[contactor.relay.unit].switch_on_for(contactor.relay.channel, LEASE_S)
        await self._boards[relay.unit].switch_on_for(relay.channel, LEASE_S)

    async def _let_go(self, relay: RelaySettings) -> None:
        contactor = self._numbers.contactor
        if contactor is not None and contactor.relay != relay:
            await self._boards[contactor.relay.unit].switch_off(contactor.relay.channel)
