"""`kiosk doctor --commission` and `--accept`: prove on the real boards what charging relies on, or vouch for it."""

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path

from devices.bus import Bus
from devices.health import Health
from devices.identity import Identity, NotAsExpected
from devices.modbus import BusError
from devices.relays import BoardKind, RelayBoard, make_board
from kiosk.charging.commissioning import BoardRecord, CommissioningError, forget_record, write_record
from kiosk.charging.measure import Hand, NotProvenError, measure
from kiosk.commands.common import DONE, say, say_error
from kiosk.folder import DataFolder
from kiosk.settings import ChargingSettings, RelaySettings, Settings
from kiosk.system.clock import SystemClock, iso
from kiosk.system.lock import FolderLock

PORT_WITHIN_S = 3.0
LEASE_S, WATCHDOG_LEASE_S = 3.0, 12.0
"""What is measured with, s."""


class PortMissingError(Exception):
    """The charging bus cannot be opened; the message says so."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to `kiosk doctor`."""
    parser.add_argument("--commission", action="store_true", help="measure every relay board (sockets unplugged!)")
    parser.add_argument(
        "--sockets", action="store_true", help="switch one relay after the other: a lamp in every socket beforehand"
    )
    parser.add_argument("--accept", metavar="NAME", help="the electrician NAME accepts every relay board unmeasured")
    parser.add_argument("--by", metavar="NAME", help="with --commission: the electrician's name")
    parser.add_argument("--yes", action="store_true", help="with --commission: ask nothing; cycle the supply yourself")
    parser.add_argument("--seconds", type=float, metavar="S", help="with --commission: the time to measure with")


def commission(settings: Settings, arguments: argparse.Namespace) -> int:
    """Measure every board; the station must not be running."""
    folder = DataFolder.of(settings)
    folder.check()
    if arguments.seconds is not None and not 0.5 <= arguments.seconds <= 60:
        say_error(f"--seconds: found {arguments.seconds:g}; accepted are 0.5 to 60")
        return 2
    if not arguments.yes and not sys.stdin.isatty():
        say_error("There is no terminal to ask on; run it in one, or with --yes.")
        return 2
    with FolderLock(folder.path, "`kiosk doctor --commission`"):
        return _guarded(_commission(settings, arguments, folder.path))


def accept(settings: Settings, name: str) -> int:
    """Record an electrician's acceptance of every board as it answers now; the station must not be running."""
    folder = DataFolder.of(settings)
    folder.check()
    if not name.strip():
        say_error("--accept: found no name; accepted is the electrician's")
        return 2
    with FolderLock(folder.path, "`kiosk doctor --accept`"):
        return _guarded(_accept(settings, name.strip(), folder.path))


def _guarded(work: Coroutine[object, object, int]) -> int:
    try:
        return asyncio.run(work)
    except (PortMissingError, CommissioningError) as error:
        return say_error(error)


async def _accept(settings: Settings, name: str, folder: Path) -> int:
    code = DONE
    async with OpenBus(settings.charging) as bus:
        for relay, board in boards_of(settings.charging, bus):
            try:
                identity = await board.identify(settings.charging.lease_s)
            except (BusError, NotAsExpected) as error:
                code = say_error(f"board {relay.unit}: not accepted. {error}")
                continue
            _record(folder, relay, identity, by=name, figures=None)
            say(f"board {relay.unit} ({relay.driver} {identity.firmware}): accepted by {name}, unmeasured")
    return code


async def _commission(settings: Settings, arguments: argparse.Namespace, folder: Path) -> int:
    name = arguments.by or ("not named" if arguments.yes else await _asked("The electrician's name: ")) or "not named"
    if not arguments.yes:
        await _asked("Unplug everything from all sockets, then press Enter. ")
    code = DONE
    async with OpenBus(settings.charging) as bus:
        for relay, board in boards_of(settings.charging, bus):
            say(f"board {relay.unit} ({relay.driver}): measured with relay {relay.channel} ...")
            seconds = arguments.seconds or (WATCHDOG_LEASE_S if board.kind is BoardKind.WATCHDOG else LEASE_S)
            try:
                figures = await measure(board, relay.channel, seconds, _hand(relay, asks=not arguments.yes))
                identity = await board.identify(seconds)
            except (BusError, NotAsExpected, NotProvenError, ValueError) as error:
                forget_record(folder, relay.unit)
                code = say_error(f"board {relay.unit}: NOT proven. {error}")
                continue
            _record(folder, relay, identity, by=name, figures=figures)
            told = ", ".join(f"{key} {value:g}" for key, value in figures.items()) or "off at power-up"
            say(f"board {relay.unit} ({relay.driver} {identity.firmware}): proven. {told}")
    return code


def _record(
    folder: Path, relay: RelaySettings, identity: Identity, *, by: str, figures: dict[str, float] | None
) -> None:
    record = BoardRecord(
        driver=relay.driver,
        firmware=identity.firmware,
        proven=figures is not None,
        by=by,
        at=iso(SystemClock().now()),
        figures=figures or {},
    )
    write_record(folder, relay.unit, record)


def _hand(relay: RelaySettings, *, asks: bool) -> Hand:
    async def clicked() -> bool:
        if not asks:
            return False
        answer = await _asked("Did the relay click in the middle, when its time was renewed? [y/N] ")
        return answer.strip().lower().startswith("y")

    async def cycle() -> None:
        line = f"Switch the supply of board {relay.unit} off and on again"
        if asks:
            await _asked(f"{line}, then press Enter. ")
        else:
            say(f"{line} now.")

    return Hand(clicked, cycle, cycled_within_s=15.0 if asks else 30.0)


async def _asked(question: str) -> str:
    return await asyncio.to_thread(input, question)


def boards_of(numbers: ChargingSettings, bus: Bus) -> list[tuple[RelaySettings, RelayBoard]]:
    """Each relay board once, with the relay to measure it with."""
    relays = [slot.relay for slot in numbers.slots]
    relays += [section.relay for section in (numbers.siren, numbers.contactor) if section is not None]
    first: dict[int, RelaySettings] = {}
    channels: dict[int, int] = {}
    for relay in relays:
        first.setdefault(relay.unit, relay)
        channels[relay.unit] = max(channels.get(relay.unit, 0), relay.channel + 1)
    return [
        (relay, make_board(relay.driver, bus, relay.unit, channels=channels[relay.unit])) for relay in first.values()
    ]


class OpenBus:
    """The charging bus for a command, while the station does not run.

    Args:
        numbers: the settings.
    """

    def __init__(self, numbers: ChargingSettings) -> None:
        self._numbers = numbers
        self._opened = asyncio.Event()
        self._bus = Bus(numbers.port, numbers.baudrate, self._health)

    def _health(self, health: Health) -> None:
        if health is Health.CONNECTED:
            self._opened.set()

    async def __aenter__(self) -> Bus:
        """Open it.

        Raises:
            PortMissingError: that does not succeed.
        """
        self._bus.start()
        try:
            async with asyncio.timeout(PORT_WITHIN_S):
                await self._opened.wait()
        except TimeoutError:
            await self._bus.close()
            raise PortMissingError(f"The charging bus {self._numbers.port} cannot be opened.") from None
        return self._bus

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self._bus.close()
