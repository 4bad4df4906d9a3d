"""Telling systemd how the service is: ready, a line of status, alive, ending (sd_notify(3)).

Written out here rather than taken from a package: it is one datagram, and the well-known package drops Chinese texts.
"""

import logging
import os
import socket
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

log = logging.getLogger(__name__)

STATUS_BYTES: Final = 1024
"""Longest status sent; systemd refuses datagrams above 4096 bytes as a whole (NOTIFY_BUFFER_MAX in its manager.h)."""


class Notifier:
    """Speaks to the service manager, or to nobody when none listens.

    Nothing here raises or blocks: a manager that does not read must not stop a station.

    Args:
        address: what systemd put into NOTIFY_SOCKET; a path, or a name that begins with `@` for an abstract socket.
        watchdog_s: how long systemd waits for a sign of life, s.
    """

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        self._address: Final = _socket_address(address)
        self._watchdog_s: Final = watchdog_s
        self._said = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Notifier":
        """The notifier that this process's environment asks for.

        WATCHDOG_PID is not read on purpose: it names the process that systemd started, which is the compositor; the
        screen is its grandchild, and it is the screen whose life the watchdog is about.
        """
        return cls(environ.get("NOTIFY_SOCKET"), _seconds(environ.get("WATCHDOG_USEC")))

    @property
    def active(self) -> bool:
        """Whether somebody listens."""
        return self._address is not None

    @property
    def ping_every_s(self) -> float | None:
        """How often `alive` is due, s: half of what systemd waits, as sd_watchdog_enabled(3) advises; None: never."""
        return None if self._address is None or self._watchdog_s is None else self._watchdog_s / 2

    def ready(self, status: str = "") -> None:
        """The service serves."""
        self._send("READY=1", status)

    def status(self, text: str) -> None:
        """One line for `systemctl status`; any language."""
        self._send("", text)

    def alive(self) -> None:
        """A sign of life for the watchdog; to be sent from the loop that draws the screen."""
        self._send("WATCHDOG=1", "")

    def stopping(self, status: str = "") -> None:
        """The service begins to end."""
        self._send("STOPPING=1", status)

    def _send(self, state: str, status: str) -> None:
        if self._address is None:
            return
        lines = [state] if state else []
        if status:
            lines.append(f"STATUS={_one_line(status)}")
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            if not self._said:
                self._said = True
                log.warning("systemd cannot be told how the service is: error %s", error.errno)


def _socket_address(text: str | None) -> str | bytes | None:
    if not text:
        return None
    if text.startswith("@"):
        return b"\0" + text[1:].encode()
    if text.startswith("/"):
        return text
    # sd_notify(3) also knows vsock addresses, for virtual machines; a station is none.
    log.warning("NOTIFY_SOCKET has a form that is not spoken here; systemd is told nothing")
    return None


def _seconds(microseconds: str | None) -> float | None:
    if microseconds is None or not (microseconds.isascii() and microseconds.isdigit()) or int(microseconds) == 0:
        return None
    return int(microseconds) / 1_000_000


def _one_line(text: str) -> str:
    """The text without line ends, which would begin another variable, and cut between two characters."""
    flat = " ".join(text.split())
    return flat.encode()[:STATUS_BYTES].decode(errors="ignore")


@lru_cache(maxsize=1)
def _own() -> Notifier:
    return Notifier.from_environment()


def ready(text: str = "") -> None:
    """This process serves."""
    _own().ready(text)


def status(text: str) -> None:
    """One line for `systemctl status`; any language."""
    _own().status(text)


def watchdog() -> None:
    """This process lives; to be said from the loop that draws the screen, every `watchdog_period_s`."""
    _own().alive()


def watchdog_period_s() -> float | None:
    """How often `watchdog` is due, s; None when nobody waits for it."""
    return _own().ping_every_s


def stopping(text: str = "") -> None:
    """This process begins to end."""
    _own().stopping(text)
