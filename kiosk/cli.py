"""The command line: `kiosk COMMAND`. The only module of the station that opens screens, inside `run` and `demo`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from kiosk import __version__
from kiosk.commands import card, demo, doctor, hub, imports, init, rig, run, slot, status, verify
from kiosk.commands.common import COMMAND_ERRORS, WRONG_USE, Handler, say_error
from kiosk.facade import StationFacade
from kiosk.settings import SettingsError


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", default="kiosk.toml", metavar="FILE", help="the settings (kiosk.toml)")
    parser = argparse.ArgumentParser(prog="kiosk", description="The terminal of a rest stop for delivery riders.")
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    run.register(subparsers, [shared], screen=_run_screen)
    demo.register(subparsers, [shared], screen=_run_demo_screen)
    for module in (hub, init, doctor, status, card, imports, slot, verify, rig):
        module.register(subparsers, [shared])
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 failed, 2 wrong use or settings.
    """
    arguments = build_parser().parse_args(argv)
    handler: Handler = arguments.handler
    try:
        return handler(arguments)
    except SettingsError as error:
        say_error(error)
        return WRONG_USE
    except COMMAND_ERRORS as error:
        return say_error(error)
    except KeyboardInterrupt:
        return say_error("interrupted")


async def _run_screen(station: StationFacade, stop: asyncio.Event) -> bool:
    from screens.runner import show_station

    return await show_station(station, stop)


async def _run_demo_screen(station: StationFacade, stop: asyncio.Event, keys: demo.DemoKeys) -> bool:
    from screens.runner import show_demonstration

    return await show_demonstration(station, stop, keys)


if __name__ == "__main__":
    sys.exit(main())
