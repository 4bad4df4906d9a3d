"""`kiosk run`: the station, with its screen or headless."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from kiosk.commands.common import COMMAND_ERRORS, DONE, FAILED, WRONG_USE, Subparsers, say_error, settings_of
from kiosk.facade import StationFacade
from kiosk.settings import Settings
from kiosk.station import Station
from kiosk.system import collector, notify
from kiosk.system.logs import log_loop_error, set_up_logs

log = logging.getLogger(__name__)

SCREEN_AGAIN_AFTER_S = 1.0
"""Pause before a crashed screen comes back."""
MOST_CRASHES = 20
"""A screen that crashed this often in a row, each time within `CRASH_WITHIN_S`, is left to systemd."""
CRASH_WITHIN_S = 30.0
TURNS_S = 0.001
"""How long one thread goes on while another waits for the interpreter; at Python's own 5 ms a finished frame waits for
the terminal's writer, and a scan for the database thread."""
SETTLES_AFTER_S = 1.0
"""From serving until the start is taken to be over, with the first frame drawn and the rooms behind it loaded."""


ShowScreen = Callable[[StationFacade, asyncio.Event], Awaitable[bool]]
"""Shows the station until the event is set or the screen ends by itself; False when it crashed."""


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser], *, screen: ShowScreen) -> None:
    """Add `kiosk run`."""
    parser = subparsers.add_parser("run", parents=parents, help="run the station")
    parser.add_argument("--headless", action="store_true", help="without a screen")
    parser.set_defaults(handler=partial(_run, screen=screen))


def _run(arguments: argparse.Namespace, *, screen: ShowScreen) -> int:
    settings = settings_of(arguments)
    if not arguments.headless and not (sys.stdin.isatty() and sys.stdout.isatty()):
        say_error("There is no terminal to show the screen on; run it in one, or with --headless.")
        return WRONG_USE
    return run_station(settings, None if arguments.headless else screen)


def run_station(settings: Settings, screen: ShowScreen | None) -> int:
    """Run the station until it is asked to end; the exit code."""
    sys.setswitchinterval(TURNS_S)
    set_up_logs(Path(settings.station.data), to_terminal=screen is None)
    try:
        return asyncio.run(_serve(settings, screen))
    except COMMAND_ERRORS:
        raise
    except Exception as error:
        log.critical("the station ended with an error: %s", type(error).__name__, exc_info=error)
        return say_error("The station ended with an error; its log says where. Slots switch off by themselves.")


async def _serve(settings: Settings, screen: ShowScreen | None) -> int:
    stop = asyncio.Event()
    broken = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_error)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)

    def give_up() -> None:
        broken.set()
        stop.set()

    station = Station(settings, on_broken=give_up, on_idle=stop.set)
    await station.open()
    try:
        loop.call_later(SETTLES_AFTER_S, collector.settle)
        notify.ready()
        code = await (_headless(stop) if screen is None else _with_screen(station, screen, stop))
        return FAILED if broken.is_set() else code
    finally:
        notify.stopping()
        await station.close()


async def _headless(stop: asyncio.Event) -> int:
    period = notify.watchdog_period_s()
    while not stop.is_set():
        notify.watchdog()
        try:
            async with asyncio.timeout(period):
                await stop.wait()
        except TimeoutError:
            continue
    return DONE


async def _with_screen(station: Station, screen: ShowScreen, stop: asyncio.Event) -> int:
    """Show the screen again whenever it crashes; the charging goes on meanwhile."""
    crashes = 0
    loop = asyncio.get_running_loop()
    while crashes < MOST_CRASHES:
        began = loop.time()
        if await screen(station, stop) or stop.is_set():
            return DONE
        station.leave()
        crashes = crashes + 1 if loop.time() - began < CRASH_WITHIN_S else 1
        await asyncio.sleep(SCREEN_AGAIN_AFTER_S)
    return FAILED
