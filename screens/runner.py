"""Runs the app inside the station's loop: ends it when asked, and lets the watchdog hear of it while it lives."""

import asyncio
import logging
import select
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.facade import StationFacade
from kiosk.system import notify
from screens.app import KioskApp
from screens.errors import ScreenEnd

if TYPE_CHECKING:
    from kiosk.commands.demo import DemoKeys

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 1.0
"""How often the terminal is asked whether it is still there."""
CLOSES_WITHIN_S = 3.0
"""A screen that does not end in this time is abandoned; the station switches its slots off all the same."""


async def show_station(station: StationFacade, stop: asyncio.Event) -> bool:
    """Show the station until `stop` is set; False when the screen crashed."""
    return await show(KioskApp(station), stop)


async def show_demonstration(station: StationFacade, stop: asyncio.Event, keys: "DemoKeys") -> bool:
    """Show the station with the demonstration's keys at its foot; False when the screen crashed."""
    from screens.demo import DemoApp  # noqa: PLC0415 - the station itself never loads it

    return await show(DemoApp(station, keys), stop)


async def show(app: KioskApp, stop: asyncio.Event) -> bool:
    """Run an app until it ends or `stop` is set; False when it crashed."""
    running = asyncio.create_task(app.run_async(), name="screen")
    hung_up = asyncio.create_task(_terminal_is_gone(sys.__stdin__.fileno() if sys.__stdin__ else 0), name="terminal")
    pulse = asyncio.create_task(_pulse(app.call_later), name="pulse")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait((running, stopping, hung_up), return_when=asyncio.FIRST_COMPLETED)
        if hung_up.done():
            log.error("the terminal is gone; the station ends, for whoever started it to start it anew")
            stop.set()
        if not running.done():
            app.close()
            await asyncio.wait((running,), timeout=CLOSES_WITHIN_S)
    finally:
        for task in (running, pulse, stopping, hung_up):
            task.cancel()
        results = await asyncio.gather(running, pulse, stopping, hung_up, return_exceptions=True)
    return results[0] is ScreenEnd.CLOSED or stop.is_set()


async def _pulse(call_later: Callable[[Callable[[], None]], object]) -> None:
    """Ping the watchdog from the app's own message pump: a hung screen is what must be restarted."""
    period = notify.watchdog_period_s()
    while period is not None:
        call_later(notify.watchdog)
        await asyncio.sleep(period)


async def _terminal_is_gone(descriptor: int) -> None:
    """Return once the terminal has hung up.

    Textual writes from a thread that dies then, and whoever waits for it would hold up the whole loop, leases and all.
    """
    poll = select.poll()
    poll.register(descriptor, 0)  # a hang-up is reported all the same
    while not poll.poll(0):  # noqa: ASYNC110 - nothing sets an event when a terminal goes
        await asyncio.sleep(LOOKS_EVERY_S)
