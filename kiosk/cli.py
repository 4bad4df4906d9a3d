"""The command line: `kiosk COMMAND`. The only module of the station that opens screens, inside `run` and `demo`."""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from kiosk import __version__
from kiosk.system import collector

if TYPE_CHECKING:
    from kiosk.commands.common import Handler, Subparsers
    from kiosk.commands.demo import DemoKeys
    from kiosk.facade import StationFacade

COMMANDS = {
    "run": "run",
    "demo": "demo",
    "hub": "hub",
    "init": "init",
    "doctor": "doctor",
    "status": "status",
    "card": "card",
    "rider": "rider",
    "import": "imports",
    "export": "export",
    "label": "label",
    "catalogue": "catalogue",
    "slot": "slot",
    "volunteer": "volunteer",
    "sync": "sync",
    "restart": "restart",
    "verify": "verify",
    "backup": "backup",
    "restore": "restore",
    "rig": "rig",
}
"""Each command and its module in `kiosk.commands`; only the one that is wanted is loaded, so that a start is quick."""

SCREENS = ("run", "demo")
"""Commands that open a screen; somebody waits for its first frame."""


class _Register(Protocol):
    def __call__(self, subparsers: "Subparsers", parents: list[argparse.ArgumentParser]) -> None: ...


def build_parser(wanted: Sequence[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The parser with the wanted commands."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", default="kiosk.toml", metavar="FILE", help="the settings (kiosk.toml)")
    parser = argparse.ArgumentParser(prog="kiosk", description="The terminal of a rest stop for delivery riders.")
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in wanted:
        _register_of(name)(subparsers, [shared])
    return parser


def _register_of(name: str) -> _Register:
    """What adds a command; the two that open a screen are told how."""
    if name == "run":
        from kiosk.commands import run

        return partial(run.register, screen=_run_screen)
    if name == "demo":
        from kiosk.commands import demo

        return partial(demo.register, screen=_run_demo_screen)
    register: _Register = importlib.import_module(f"kiosk.commands.{COMMANDS[name]}").register
    return register


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 failed, 2 wrong use or settings.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    wanted = [word for word in words[:1] if word in COMMANDS]
    if words[:1] and words[0] in SCREENS:
        collector.hold()
        _spare_drivers()
    arguments = build_parser(wanted or tuple(COMMANDS)).parse_args(words)
    handler: Handler = arguments.handler
    from kiosk.commands.common import COMMAND_ERRORS, FAILED, WRONG_USE, UntoldError, say_error
    from kiosk.settings import SettingsError

    try:
        return handler(arguments)
    except SettingsError as error:
        say_error(error)
        return WRONG_USE
    except COMMAND_ERRORS as error:
        return say_error(error)
    except UntoldError as error:
        return FAILED if error.reader_left else say_error(error)
    except KeyboardInterrupt:
        return say_error("interrupted")


def _spare_drivers() -> None:
    """Let peewee not load psycopg, a hub's driver: where it is installed, a tenth of the way to the first frame."""
    sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]  # Python's own mark for what is not there


async def _run_screen(station: "StationFacade", stop: asyncio.Event) -> bool:
    from screens.runner import show_station

    return await show_station(station, stop)


async def _run_demo_screen(station: "StationFacade", stop: asyncio.Event, keys: "DemoKeys") -> bool:
    from screens.runner import show_demonstration

    return await show_demonstration(station, stop, keys)


if __name__ == "__main__":
    sys.exit(main())
