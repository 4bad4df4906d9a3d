"""`kiosk hub`, without anything more: serve it."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.common import WRONG_USE, say_error
from kiosk.commands.hub.wiring import DATABASE_HELP, default_database

if TYPE_CHECKING:
    from kiosk.hub.options import Options

DEFAULT_LISTEN = "127.0.0.1:8400"
SHORTEST_TOKEN = 16


def register(parser: argparse.ArgumentParser) -> None:
    """Options of serving, and of `kiosk hub` as a whole."""
    parser.add_argument("--database", default=default_database(), metavar="URL", help=DATABASE_HELP)
    parser.add_argument("--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help=f"({DEFAULT_LISTEN})")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="that serve from the one address (1)")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="HTTPS: the certificate and its chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="HTTPS: the certificate's key, PEM")
    parser.add_argument("--behind-proxy", action="store_true", help="a proxy in front of the hub speaks HTTPS")
    parser.add_argument(
        "--metrics-open", action="store_true", help="everybody may read /metrics, not this machine alone"
    )
    parser.add_argument("--metrics-token", type=Path, metavar="FILE", help="/metrics is for whoever shows this token")
    parser.set_defaults(handler=_serve)


def _serve(arguments: argparse.Namespace) -> int:
    from kiosk.hub import serve
    from kiosk.hub.options import OptionsError
    from kiosk.hub.store import HubDatabaseError

    found = re.fullmatch(r"\[?([^\[\]]+?)\]?:([0-9]{1,5})", arguments.listen)
    if found is None or int(found[2]) > 65535:
        say_error(f"--listen: found {arguments.listen!r}; accepted is HOST:PORT, such as {DEFAULT_LISTEN}")
        return WRONG_USE
    try:
        return serve(arguments.database, found[1], int(found[2]), _options(arguments))
    except OptionsError as error:
        say_error(error)
        return WRONG_USE
    except HubDatabaseError as error:
        return say_error(error)
    except OSError as error:
        return say_error(f"The hub cannot listen on {arguments.listen}: {error.strerror or error}.")


def _options(arguments: argparse.Namespace) -> "Options":
    """Raises `OptionsError`."""
    from kiosk.hub.options import Options, OptionsError, Tls

    certificate, key = arguments.tls_cert, arguments.tls_key
    if (certificate is None) != (key is None):
        raise OptionsError("--tls-cert and --tls-key: found one of them; accepted are both or neither.")
    return Options(
        processes=arguments.processes,
        tls=None if certificate is None else Tls(certificate, key),
        behind_proxy=arguments.behind_proxy,
        metrics_open=arguments.metrics_open,
        metrics_token=None if arguments.metrics_token is None else _token(arguments.metrics_token),
    )


def _token(file: Path) -> str:
    """The token in a file; as an option it would stand in the list of processes."""
    from kiosk.hub.options import OptionsError

    try:
        token = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise OptionsError(f"--metrics-token: {file} cannot be read ({error.strerror or error}).") from None
    except UnicodeDecodeError:
        raise OptionsError(f"--metrics-token: found other characters than ASCII in {file}.") from None
    if len(token) < SHORTEST_TOKEN:
        raise OptionsError(
            f"--metrics-token: found {len(token)} characters in {file}; accepted are at least {SHORTEST_TOKEN}."
        )
    return token
