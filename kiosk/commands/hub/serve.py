"""`kiosk hub`, without anything more: serve it."""

import argparse
import re

from kiosk.commands.common import WRONG_USE, say_error
from kiosk.commands.hub.wiring import DATABASE_HELP, default_database

DEFAULT_LISTEN = "127.0.0.1:8400"


def register(parser: argparse.ArgumentParser) -> None:
    """Options of serving, and of `kiosk hub` as a whole."""
    parser.add_argument("--database", default=default_database(), metavar="URL", help=DATABASE_HELP)
    parser.add_argument("--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help=f"({DEFAULT_LISTEN})")
    parser.set_defaults(handler=_serve)


def _serve(arguments: argparse.Namespace) -> int:
    from kiosk.hub import serve
    from kiosk.hub.store import HubDatabaseError

    found = re.fullmatch(r"\[?([^\[\]]+?)\]?:([0-9]{1,5})", arguments.listen)
    if found is None or int(found[2]) > 65535:
        say_error(f"--listen: found {arguments.listen!r}; accepted is HOST:PORT, such as {DEFAULT_LISTEN}")
        return WRONG_USE
    try:
        return serve(arguments.database, found[1], int(found[2]))
    except HubDatabaseError as error:
        return say_error(error)
    except OSError as error:
        return say_error(f"The hub cannot listen on {arguments.listen}: {error.strerror or error}.")
