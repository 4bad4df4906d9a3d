"""`kiosk demo`: the product against simulated hardware and a hub of its own, on this machine alone."""

import argparse
import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kiosk.commands.common import WRONG_USE, Subparsers, say, say_error
from kiosk.commands.rig import client_of
from kiosk.commands.run import run_station
from kiosk.control import call
from kiosk.demo.seed import KEEPER_PIN, RIDER_PIN, RIDERS, DemoFolder, SeedError, command, free_port, seed
from kiosk.facade import StationFacade
from kiosk.settings import Settings, load_settings
from kiosk.views import SlotState

DEFAULT_FOLDER = ".demo"
TIME_FACTOR = 30
"""Batteries of the demonstration fill this many times faster, so that a whole charge fits into a visit."""
ENDS_WITHIN_S = 5.0
RIDER_KEYS = 3
COPIES = 80


@dataclass(frozen=True, slots=True)
class DemoKey:
    """One key at the foot of the demonstration's screen."""

    key: str
    label: str
    act: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """What the demonstration's keys do, and what stands at the foot beside them."""

    keys: tuple[DemoKey, ...]
    note: str


ShowDemo = Callable[[StationFacade, asyncio.Event, DemoKeys], Awaitable[bool]]


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser], *, screen: ShowDemo) -> None:
    """Add `kiosk demo`."""
    parser = subparsers.add_parser("demo", parents=parents, help="try the station with simulated hardware")
    parser.add_argument("--folder", type=Path, default=Path(DEFAULT_FOLDER), help=f"its data ({DEFAULT_FOLDER})")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier demonstration kept")
    parser.set_defaults(handler=partial(_demo, screen=screen))


def _demo(arguments: argparse.Namespace, *, screen: ShowDemo) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say_error("There is no terminal to show the demonstration on; run it in one of at least 80x24.")
        return WRONG_USE
    folder = DemoFolder(arguments.folder.absolute())
    if arguments.fresh or not folder.keeper_card.exists():
        folder.clear()
    port = free_port()
    folder.write_settings(port)
    settings = load_settings(folder.settings)
    try:
        with contextlib.ExitStack() as running:
            running.enter_context(_served(folder, "rig", "rig", "--time-factor", str(TIME_FACTOR)))
            address = f"127.0.0.1:{port}"
            running.enter_context(_served(folder, "hub", "hub", "--database", folder.hub_database, "--listen", address))
            if not folder.keeper_card.exists():
                say(f"Setting up a station with {RIDERS} riders and 60 titles ...")
                seed(folder)
            return run_station(settings, partial(_show, screen, settings, folder))
    except SeedError as error:
        return say_error(error)


@contextlib.contextmanager
def _served(folder: DemoFolder, name: str, *arguments: str) -> Iterator[None]:
    """A process of the product in the background, ready, until the block ends."""
    with (folder.logs / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command(*arguments, "--config", str(folder.settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # a Ctrl+C in the terminal is the station's to handle
        )
        try:
            _await_ready(process, name, folder)
            yield
        finally:
            process.terminate()
            try:
                process.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _await_ready(process: "subprocess.Popen[bytes]", name: str, folder: DemoFolder) -> None:
    if process.stdout is None or not process.stdout.readline().startswith(b"ready"):
        raise SeedError(f"The {name} did not start; {folder.logs / name}.log says why.")


async def _show(
    screen: ShowDemo, settings: Settings, folder: DemoFolder, station: StationFacade, stop: asyncio.Event
) -> bool:
    return await screen(station, stop, _keys(settings, folder, station))


def _keys(settings: Settings, folder: DemoFolder, station: StationFacade) -> DemoKeys:
    rig = client_of(settings)
    data = Path(settings.station.data)
    copies = itertools.cycle(range(1, COPIES + 1))
    keeper = folder.keeper_card.read_text(encoding="ascii")

    async def scan_rider(number: int) -> None:
        await rig.scan(str(await asyncio.to_thread(call, data, "card", rider=number)))

    async def scan_next_copy() -> None:
        await rig.scan(f"{settings.station.code}-{next(copies):04}")

    async def scan_last_copy() -> None:
        loans = await station.reading.loans()
        label = loans[-1].label if loans else f"{settings.station.code}-0001"
        await rig.scan(label)

    async def plug() -> None:
        await rig.plug(_slot_at_hand(station), watts=320, wh=900, soc=0.2)

    async def unplug() -> None:
        await rig.unplug(_slot_at_hand(station))

    async def scan_junk() -> None:
        await rig.scan(os.urandom(6).hex().upper())

    riders = tuple(DemoKey(str(number), "骑手", partial(scan_rider, number)) for number in range(1, RIDER_KEYS + 1))
    return DemoKeys(
        keys=(
            *riders,
            DemoKey("b", "扫书", scan_next_copy),
            DemoKey("r", "再扫", scan_last_copy),
            DemoKey("p", "插电", plug),
            DemoKey("u", "拔电", unplug),
            DemoKey("x", "坏码", scan_junk),
            DemoKey("k", "站长", partial(rig.scan, keeper)),
        ),
        note=f"PIN 骑手 {RIDER_PIN} 站长 {KEEPER_PIN}",
    )


def _slot_at_hand(station: StationFacade) -> str:
    """The visitor's own slot, else the first that is in use, else the first."""
    session, hold = station.charging.own_session(), station.charging.own_hold()
    if session is not None:
        return session.slot
    if hold is not None and hold.slot is not None:
        return hold.slot
    slots = station.charging.slots()
    busy = [slot.name for slot in slots if slot.state not in (SlotState.AVAILABLE, SlotState.UNAVAILABLE)]
    return busy[0] if busy else slots[0].name
