"""Where the station's log goes, and what it never holds.

On a station standard error is the screen that riders look at, so nothing is logged there: under systemd the log goes to
journald's own socket, elsewhere to a file in the data folder. What raised is logged as type and places only, because
messages and local variables can hold names and phone numbers.

journald's datagram is written out here: it is twenty lines, while the package that offers it is compiled per platform.
"""

import asyncio
import faulthandler
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from kiosk.system.tracebacks import describe

log = logging.getLogger(__name__)

JOURNALD = Path("/run/systemd/journal/socket")
"""journald's native protocol is spoken here (systemd's JOURNAL_NATIVE_PROTOCOL document)."""
FILE_BYTES: Final = 1_000_000
FILES: Final = 5
FAULT_BYTES: Final = 200_000
"""A faults file larger than this is begun anew at the next start."""
LONGEST: Final = 16_000
"""Characters of one message that reach journald; a datagram has to fit into the socket's buffer."""
ID_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Digits and letters that nobody mistakes for one another when read out over the telephone."""

_PRIORITIES: Final = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""Level and up -> syslog priority (syslog(3)); below all: 7, debug."""


def set_up_logs(
    data: Path, *, to_terminal: bool = False, level: int = logging.INFO, environ: Mapping[str, str] = os.environ
) -> None:
    """Send the log where it belongs; once, at start.

    Args:
        data: the data folder; `logs/` is made in it. A data folder that is not there is not made.
        to_terminal: log to standard error as well; never with a screen, which it would overwrite.
        level: the least severity that is kept.
        environ: NOTIFY_SOCKET in it says that systemd started this as a service. (JOURNAL_STREAM and INVOCATION_ID do
            not: a developer's desktop session carries them too.)
    """
    handlers = [_main_handler(data, environ)]
    if to_terminal:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].setFormatter(PlainFormatter())
    root = logging.getLogger()
    for old in list(root.handlers):
        if getattr(old, "kiosk", False):
            root.removeHandler(old)
            old.close()
    for handler in handlers:
        handler.kiosk = True  # type: ignore[attr-defined]  # how a second set-up knows its own
        root.addHandler(handler)
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "asyncio", "uvicorn.access", "peewee"):  # peewee tells what it stores
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("asyncio").addFilter(_first_line)
    # A handler that fails (a full disk) would otherwise print the record to standard error.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    if data.is_dir():
        _keep_faults(_log_folder(data) / "faults.log")
    _hook_uncaught()


def drop_old_logs(data: Path, days: int, now: datetime) -> None:
    """Delete log files in the data folder that nothing was added to for `days`; the one that is written stays.

    They are bounded in size besides. A station whose log goes to journald has none; there its own limits hold.
    """
    for file in (data / "logs").glob("kiosk.log.*"):
        if now.timestamp() - file.stat().st_mtime > days * 86_400:
            file.unlink()


def log_id() -> str:
    """A short random id, in the log and on the screen, that joins the two without telling anything."""
    return "".join(secrets.choice(ID_LETTERS) for _ in range(6))


def _first_line(record: logging.LogRecord) -> bool:
    """Keep a record, but only its first line: asyncio's later lines show tasks with what they raised and returned."""
    record.msg, record.args = record.getMessage().partition("\n")[0], ()
    return True


def log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """For `loop.set_exception_handler`: what went wrong in the loop, as type and places."""
    error = context.get("exception")
    log.error(
        "in the event loop: %s", context.get("message"), exc_info=error if isinstance(error, BaseException) else None
    )


class PlainFormatter(logging.Formatter):
    """Time in UTC, level, logger, message; an exception as type and places."""

    def __init__(self, *, stamped: bool = True) -> None:
        super().__init__()
        self._stamped = stamped

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        # logging's own format() keeps the formatted exception on the record, where another handler may have left it.
        lines = [record.getMessage()]
        if record.exc_info and record.exc_info[1] is not None:
            lines.append(describe(record.exc_info[1]))
        text = "\n".join(lines)
        if not self._stamped:
            return text
        return f"{_stamp(record.created)} {record.levelname} {record.name}: {text}"


class PrivateFile(RotatingFileHandler):
    """A log file that only its owner reads, of bounded size: the newest and four older ones."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8", delay=True)

    def _open(self) -> IO[str]:  # type: ignore[override]  # the base names the class that open() happens to return
        return open_private(Path(self.baseFilename))


class Journald(logging.Handler):
    """Sends records to journald's socket, Chinese and line ends included; drops them when it does not listen."""

    def __init__(self, path: Path = JOURNALD) -> None:
        super().__init__()
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.setFormatter(PlainFormatter(stamped=False))

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        try:
            self._socket.sendto(self._datagram(record), self._path)
        except (OSError, TypeError, ValueError):  # nobody listens, or the message and its arguments do not fit
            self.handleError(record)

    def _datagram(self, record: logging.LogRecord) -> bytes:
        fields = {
            "MESSAGE": self.format(record)[:LONGEST],
            "PRIORITY": str(next((number for level, number in _PRIORITIES if record.levelno >= level), 7)),
            "SYSLOG_IDENTIFIER": "kiosk",
            "LOGGER": record.name,
            "THREAD_NAME": str(record.threadName),
            "CODE_FUNC": record.funcName,
            "CODE_LINE": str(record.lineno),
        }
        return b"".join(journal_field(name, value) for name, value in fields.items())

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
        super().close()


def journal_field(name: str, value: str) -> bytes:
    """One field in journald's native form: NAME, line end, length (8 bytes, little endian), bytes, line end.

    The shorter NAME=value form cannot hold line ends; this one holds everything.
    """
    data = value.encode(errors="replace")
    return name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"


def open_private(path: Path) -> IO[str]:
    """Open a text file for appending that only its owner may read, from its first moment on."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "a", encoding="utf-8")


def _log_folder(data: Path) -> Path:
    folder = data / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _main_handler(data: Path, environ: Mapping[str, str]) -> logging.Handler:
    if environ.get("NOTIFY_SOCKET") and JOURNALD.exists():
        return Journald()
    if not data.is_dir():
        return logging.NullHandler()
    handler = PrivateFile(_log_folder(data) / "kiosk.log")
    handler.setFormatter(PlainFormatter())
    return handler


_faults: IO[str] | None = None
"""Held open for as long as the process lives: faulthandler writes to its descriptor when nothing else works."""


def _keep_faults(path: Path) -> None:
    """Where the interpreter writes its stacks (file, line and function only) when it dies or is asked.

    systemd's watchdog ends a hung service with SIGABRT, so the file then says where it hung; SIGUSR1 asks at any time.
    """
    global _faults
    if path.exists() and path.stat().st_size > FAULT_BYTES:
        path.unlink()
    before, _faults = _faults, open_private(path)
    faulthandler.enable(_faults)
    faulthandler.register(signal.SIGUSR1, _faults)
    if before is not None:
        before.close()


def _hook_uncaught() -> None:
    """Uncaught exceptions go to the log; Python's own hooks print their messages to standard error."""

    def uncaught(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        log.critical("uncaught", exc_info=error)

    def in_thread(arguments: threading.ExceptHookArgs) -> None:
        log.critical("uncaught in a thread", exc_info=arguments.exc_value)

    def unraisable(arguments: "sys.UnraisableHookArgs") -> None:
        log.error("raised where nothing can catch it", exc_info=arguments.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
