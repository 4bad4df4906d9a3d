"""`kiosk rig`: simulated hardware for the ports that the settings name, and commands to a rig that runs."""

import argparse
import asyncio
import json
import math
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.common import DONE, WRONG_USE, Subparsers, say, say_error, settings_of
from kiosk.settings import Settings

if TYPE_CHECKING:
    from devices.rig import Rig, RigClient, RigPlan

_Errand = Callable[["RigClient", argparse.Namespace], Awaitable[None]]
"""What a command asks of a rig that runs."""

_TYPING = ("slow", "lost-end", "half")
"""The values of `devices.rig.wedge.WedgeFault`, which is not loaded for the help alone."""

_FAULTS = """\
on a unit's number, the whole bus (the default) or the scanner:
  silent                 nothing is answered
  slow S, late S         every reply, the next reply alone, starts S seconds late
  noise-before N, noise-in N, noise-after N
                         N stray bytes before, in, after each reply
  bad-crc, wrong-id      replies with a wrong check sum, of another unit (not the scanner)
on bus or scanner:
  unplugged              the adapter is pulled out
on a slot's name:
  welded                 its relay conducts whatever it is told
  overload W, voltage V  W watts are drawn; the meter sees V volts
  frozen                 the meter repeats itself
  backwards WH, wrap WH  the counter loses WH; stands WH before its wrap-around (both once)
on a unit's number:
  twice S                a second device answers, too, S seconds later (0: into the first's reply)
  power-cycle            a relay board's supply goes and comes again (once)
on an alarm's name:
  alarm                  its contact leaves its rest
  heat C                 its probe tells C degrees"""


class _NotHexError(Exception):
    """`--hex` was given with something else; wrong use."""


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add the command and its own commands."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "rig", parents=parents, help="simulate the station's hardware on pseudo-terminals"
    )
    parser.add_argument(
        "--time-factor",
        type=_above_zero,
        default=1.0,
        metavar="N",
        help="batteries fill and energy counts N times faster",
    )
    parser.add_argument("--baud-timing", action="store_true", help="bytes take the time that the baud rate gives them")
    parser.add_argument(
        "--as-real", action="store_true", help="boards tell a maker's version, so that they have to be commissioned"
    )
    parser.set_defaults(handler=serve)
    # Given to both levels, or the inner parser's default would undo what the outer one read.
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument("--config", default=argparse.SUPPRESS, metavar="FILE", help="the settings (kiosk.toml)")
    commands = parser.add_subparsers(metavar="COMMAND", help="without one: serve in the foreground")

    def add(name: str, handler: "_Errand", help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[config], help=help_text)
        added.set_defaults(handler=lambda arguments: _errand(arguments, handler))
        return added

    scan = add("scan", _scan, "let the scanner read a code")
    scan.add_argument("text", metavar="TEXT")
    scan.add_argument("--hex", action="store_true", help="TEXT is pairs of hexadecimal digits")
    scan.add_argument("--raw", action="store_true", help="send no CR behind it")
    scan.add_argument("--pieces", type=int, default=1, metavar="N", help="in N pieces, with pauses between them")
    scan.add_argument("--wedge", action="store_true", help="typed into the program that `kiosk rig keyboard` runs")
    scan.add_argument("--fault", choices=_TYPING, help="of one that types: slowly, without the end, half the code")
    keyboard = commands.add_parser(
        "keyboard", parents=[config], help="run the station's screen here with a scanner that types into it"
    )
    keyboard.add_argument("program", metavar="PROGRAM", nargs="*", help="another one than `kiosk run`")
    keyboard.set_defaults(handler=_keyboard)
    setup = add("setup-code", _setup_code, "hold a set-up code before a gm scanner, as a passer-by may")
    setup.add_argument("zone", metavar="ZONE", help="4 hex digits, such as 0060")
    setup.add_argument("value", metavar="VALUE", help="2 hex digits, such as 60")
    plug = add("plug", _plug, "plug a bike in")
    plug.add_argument("slot", metavar="SLOT")
    plug.add_argument("--watts", type=_above_zero, default=240.0, metavar="W", help="the charger's most (240)")
    plug.add_argument(
        "--full-after-wh", type=_above_zero, default=380.0, metavar="WH", help="what is missing until it is full (380)"
    )
    add("unplug", _unplug, "pull the bike's plug").add_argument("slot", metavar="SLOT")
    fault = add("fault", _fault, "have a fault")
    fault.formatter_class = argparse.RawDescriptionHelpFormatter
    fault.epilog = _FAULTS
    fault.add_argument("kind", metavar="KIND", help="one of the list below")
    fault.add_argument("target", metavar="TARGET", nargs="?", help="a unit's number, a slot's name, bus or scanner")
    fault.add_argument("value", metavar="VALUE", nargs="?", type=float, help="seconds, bytes, W, V or Wh")
    add("clear", _clear, "end all faults and plug the adapters in")
    add("status", _status, "print how everything stands, as JSON")


def plan_of(
    settings: Settings, *, time_factor: float = 1.0, baud_timing: bool = False, as_real: bool = False
) -> "RigPlan":
    """The rig that stands in for the hardware of these settings: its ports appear where they say.

    Raises:
        RigError: the rig has no such hardware.
    """
    from devices.rig import RigPlan, SlotPlan
    from devices.rig.plan import AlarmPlan, ContactorPlan

    charging = settings.charging
    slots = charging.slots
    relays = [slot.relay for slot in slots]
    relays += [section.relay for section in (charging.siren, charging.contactor) if section is not None]
    above = charging.contactor
    return RigPlan(
        scanner_path=Path(settings.scanner.port or Path(settings.charging.port).with_name("scanner")),
        scanner_kind=settings.scanner.model,
        bus_path=Path(settings.charging.port),
        boards={relay.unit: relay.driver for relay in relays},
        meters={slot.meter.unit: (slot.relay.unit, slot.relay.channel) for slot in slots},
        slots={slot.name: SlotPlan(slot.relay.unit, slot.relay.channel, slot.meter.unit) for slot in slots},
        baud_timing=baud_timing,
        time_factor=time_factor,
        meter_kinds={slot.meter.unit: slot.meter.driver for slot in slots},
        alarms={
            alarm.name: AlarmPlan(alarm.unit, alarm.channel, alarm.normally_closed, alarm.driver == "celsius")
            for alarm in charging.alarms
        },
        contactor=None if above is None else ContactorPlan(above.relay.unit, above.relay.channel, tuple(above.slots)),
        as_real=as_real,
    )


def client_of(settings: Settings) -> "RigClient":
    """Speaks to the rig that serves these settings."""
    from devices.rig import RigClient
    from devices.rig.plan import socket_beside

    return RigClient(socket_beside(Path(settings.charging.port)))


def serve(arguments: argparse.Namespace) -> int:
    """Serve in the foreground until SIGTERM or SIGINT; says "ready" once the ports are there."""
    from devices.rig import Rig, RigError

    settings = settings_of(arguments)
    try:
        plan = plan_of(
            settings,
            time_factor=arguments.time_factor,
            baud_timing=arguments.baud_timing,
            as_real=arguments.as_real,
        )
        asyncio.run(_serve(Rig(plan)))
    except RigError as error:
        return say_error(error)
    except OSError as error:
        return say_error(f"The rig cannot make its ports: {error}.")
    return DONE


async def _serve(rig: "Rig") -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await rig.start()
    try:
        say("ready")
        await ended.wait()
    finally:
        await rig.close()


def _errand(arguments: argparse.Namespace, errand: _Errand) -> int:
    from devices.rig import RigError

    client = client_of(settings_of(arguments))

    async def go() -> None:
        await errand(client, arguments)

    try:
        asyncio.run(go())
    except RigError as error:
        return say_error(error)
    except _NotHexError as error:
        say_error(error)
        return WRONG_USE
    return DONE


async def _scan(client: "RigClient", arguments: argparse.Namespace) -> None:
    text: str = arguments.text
    try:
        code = bytes.fromhex(text) if arguments.hex else text.encode()
    except ValueError:
        raise _NotHexError(f"With --hex a code is pairs of hexadecimal digits; found {text!r}.") from None
    if arguments.wedge:
        from devices.rig import keyboard
        from devices.rig.wedge import CR, WedgeFault

        fault = None if arguments.fault is None else WedgeFault(arguments.fault)
        await keyboard.scan(_keyboard_of(settings_of(arguments)), code, b"" if arguments.raw else CR, fault)
        return
    await client.scan(code, b"" if arguments.raw else None, pieces=arguments.pieces)


def _keyboard_of(settings: Settings) -> Path:
    from devices.rig.keyboard import socket_in

    return socket_in(Path(settings.charging.port).parent)


def _keyboard(arguments: argparse.Namespace) -> int:
    from devices.rig import RigError, keyboard

    socket_path = _keyboard_of(settings_of(arguments))
    program = arguments.program or [sys.executable, "-m", "kiosk.cli", "run", "--config", arguments.config]
    try:
        return asyncio.run(keyboard.run(program, socket_path))
    except RigError as error:
        return say_error(error)


async def _setup_code(client: "RigClient", arguments: argparse.Namespace) -> None:
    try:
        zone, value = int(arguments.zone, 16), int(arguments.value, 16)
    except ValueError:
        raise _NotHexError(f"ZONE and VALUE are hexadecimal; found {arguments.zone} {arguments.value}.") from None
    say("The scanner obeyed." if await client.setup_code(zone, value) else "The scanner is locked; nothing changed.")


async def _plug(client: "RigClient", arguments: argparse.Namespace) -> None:
    await client.plug(arguments.slot, watts=arguments.watts, wh=arguments.full_after_wh, soc=0.0)


async def _unplug(client: "RigClient", arguments: argparse.Namespace) -> None:
    await client.unplug(arguments.slot)


async def _fault(client: "RigClient", arguments: argparse.Namespace) -> None:
    await client.fault(arguments.kind, arguments.target, arguments.value)


async def _clear(client: "RigClient", _: argparse.Namespace) -> None:
    await client.clear()


async def _status(client: "RigClient", _: argparse.Namespace) -> None:
    say(json.dumps(await client.status(), ensure_ascii=False))


def _above_zero(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"found {text!r}; accepted is a number above 0")
    return value
