"""The control socket: how commands reach the process that holds the data folder.

One request a connection: a JSON object `{"command": ..., "arguments": {...}}` on a line; one reply line
`{"ok": true, "result": ...}` or `{"ok": false, "error": "a sentence"}`. The socket is `<data>/control.sock`, mode 0600.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from kiosk.system.sockets import short_path

log = logging.getLogger(__name__)

SOCKET_NAME = "control.sock"
MAX_LINE = 16 * 1024 * 1024
"""A catalogue to import travels in one request."""
ANSWER_WITHIN_S = 300.0


Arguments = Mapping[str, str | int | bool | None]
"""What a request says besides its command."""


class Request(msgspec.Struct, frozen=True):
    """What a command asks of the running station."""

    command: str
    arguments: dict[str, str | int | bool | None] = {}


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the running station answers."""

    ok: bool
    result: object = None
    error: str | None = None


class ControlError(Exception):
    """The running station refused or could not do it; the message is for the person at the command line."""


class NotRunningError(Exception):
    """No station is running on this data folder."""


Handler = Callable[[Request], Awaitable[object]]


class ControlServer:
    """Serves the control socket of one data folder.

    Args:
        data: the data folder, whose lock the caller holds.
        handle: does a request; raises `ControlError` with a sentence when it cannot.
    """

    def __init__(self, data: Path, handle: Handler) -> None:
        self._data = data
        self._handle = handle
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Bind the socket; one left by a killed process is replaced (the folder's lock is ours)."""
        (self._data / SOCKET_NAME).unlink(missing_ok=True)
        old = os.umask(0o177)
        try:
            with short_path(self._data, SOCKET_NAME) as path:
                sock = socket.socket(socket.AF_UNIX)
                sock.setblocking(False)
                sock.bind(path)
        finally:
            os.umask(old)
        self._server = await asyncio.start_unix_server(self._serve, sock=sock, limit=MAX_LINE)

    async def close(self) -> None:
        """Stop serving and remove the socket."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            (self._data / SOCKET_NAME).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line:
                writer.write(msgspec.json.encode(await self._answer(line)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            log.warning("a control connection broke off: %s", type(error).__name__)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, line: bytes) -> Reply:
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.DecodeError as error:
            return Reply(ok=False, error=f"not a request: {error}")
        try:
            return Reply(ok=True, result=await self._handle(request))
        except ControlError as error:
            return Reply(ok=False, error=str(error))


def call(data: Path, command: str, **arguments: str | int | bool | None) -> object:
    """Ask the running station to do a command.

    Raises:
        NotRunningError: no station runs on this data folder.
        ControlError: it refused; the message says why.
    """
    request = msgspec.json.encode(Request(command, arguments)) + b"\n"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(ANSWER_WITHIN_S)
        try:
            with short_path(data, SOCKET_NAME) as path:
                sock.connect(path)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            raise NotRunningError(f"No station is running on {data}.") from None
        sock.sendall(request)
        answer = b""
        while not answer.endswith(b"\n") and (part := sock.recv(65536)):
            answer += part
    if not answer:
        raise ControlError("The running station closed the connection without an answer; its log says why.")
    reply = msgspec.json.decode(answer, type=Reply)
    if not reply.ok:
        raise ControlError(reply.error or "refused")
    return reply.result


def text_of(arguments: Arguments, name: str) -> str:
    """A text argument.

    Raises:
        ControlError: it is missing or of another type.
    """
    value = arguments.get(name)
    if not isinstance(value, str):
        raise ControlError(f"{name}: found {value!r}; accepted is a text")
    return value


def number_of(arguments: Arguments, name: str) -> int:
    """A whole-number argument.

    Raises:
        ControlError: it is missing or of another type.
    """
    value = arguments.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(f"{name}: found {value!r}; accepted is a whole number")
    return value
