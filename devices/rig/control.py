"""The rig's control socket: one JSON object a line in, one a line out, any number on a connection.

A request is `{"command": ..., ...}`; the answer is `{"ok": true, "result": ...}` or `{"ok": false, "error": "a
sentence"}`. Commands and their members: `scan` (`text` or `hex`; `terminator`, hex, the scanner's own if not
given; `pieces`), `setup` (`zone`, `value`: a set-up code of a GM module; the result is whether it obeyed),
`plug` (`slot`; `watts`, `wh`, `soc`), `unplug` (`slot`), `fault` (`kind`; `target`, `value`), `clear`, `status`.
"""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from devices.rig.faults import Fault
from devices.rig.plan import RigError
from devices.rig.status import RigStatus

_MOST_LINE = 1 << 20

Json = Mapping[str, object]


class Controlled(Protocol):
    """What the socket drives: see `devices.rig.rig.Rig`."""

    async def scan(self, code: bytes, terminator: bytes | None = ..., *, pieces: int = ...) -> None:
        """Let the scanner read a code."""

    def setup_code(self, zone: int, value: int) -> bool:
        """Hold a set-up code before the scanner."""

    def plug(self, slot: str, watts: float = ..., wh: float = ..., soc: float = ...) -> None:
        """Plug a bike in."""

    def unplug(self, slot: str) -> None:
        """Pull a bike's plug."""

    def fault(self, kind: str, target: str | None = ..., value: float | None = ...) -> Fault:
        """Have a fault."""

    def clear(self) -> None:
        """End all faults."""

    def status(self) -> RigStatus:
        """Return how everything stands."""


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A short name for a socket, good within the block: a socket's address holds 108 bytes (unix(7)), a path more.

    Raises:
        OSError: The folder cannot be opened.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class ControlServer:
    """Serves the control socket, for its owner alone (mode 0600).

    Args:
        path: Where the socket is.
        rig: What it drives.
    """

    def __init__(self, path: Path, rig: Controlled) -> None:
        self._path = path
        self._rig = rig
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Serve; a socket that a killed rig left is replaced.

        Raises:
            RigError: Another rig serves there.
            OSError: The socket cannot be made.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with short_path(self._path) as short:
            if _answers(short):
                raise RigError(f"A rig serves {self._path.parent} already.")
            self._path.unlink(missing_ok=True)
            old = os.umask(0o177)
            try:
                sock = socket.socket(socket.AF_UNIX)
                sock.setblocking(False)
                sock.bind(short)
            finally:
                os.umask(old)
        self._server = await asyncio.start_unix_server(self._serve, sock=sock, limit=_MOST_LINE)

    async def close(self) -> None:
        """Stop serving and remove the socket."""
        if self._server is None:
            return
        self._server.close()
        for writer in tuple(self._connections):
            writer.close()
        await self._server.wait_closed()
        self._server = None
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # whoever asked is gone, or sent a line beyond all measure: only that connection ends
        finally:
            self._connections.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, line: bytes) -> dict[str, object]:
        try:
            return {"ok": True, "result": await self._do(line)}
        except RigError as error:
            return {"ok": False, "error": str(error)}
        except OSError as error:
            return {"ok": False, "error": f"The rig could not do it: {error}."}

    async def _do(self, line: bytes) -> object:
        request = _Members(line)
        command = request.text("command")
        if command == "scan":
            await self._scan(request)
            return None
        commands: Mapping[str, Callable[[_Members], object]] = {
            "plug": self._plug,
            "setup": lambda members: self._rig.setup_code(
                int(members.number("zone", -1)), int(members.number("value", -1))
            ),
            "unplug": lambda members: self._rig.unplug(members.text("slot")),
            "fault": self._fault,
            "clear": lambda _: self._rig.clear(),
            "status": lambda _: self._rig.status(),
        }
        if command not in commands:
            raise RigError(f"There is no command {command!r}; there are scan, {', '.join(commands)}.")
        return commands[command](request)

    async def _scan(self, members: "_Members") -> None:
        text = members.optional_text("text")
        code = members.hexadecimal("hex", b"") if text is None else text.encode()
        terminator = members.hexadecimal("terminator", b"") if members.given("terminator") else None
        await self._rig.scan(code, terminator, pieces=int(members.number("pieces", 1)))

    def _plug(self, members: "_Members") -> None:
        self._rig.plug(
            members.text("slot"), members.number("watts", 240), members.number("wh", 480), members.number("soc", 0.2)
        )

    def _fault(self, members: "_Members") -> None:
        value = members.number("value", -1) if members.given("value") else None
        self._rig.fault(members.text("kind"), members.optional_text("target"), value)


class _Members:
    """A request's members, checked as they are taken; null counts as not given."""

    def __init__(self, line: bytes) -> None:
        try:
            request: object = json.loads(line)
        except ValueError:
            raise RigError("The request is not JSON.") from None
        if not isinstance(request, dict):
            raise RigError("The request is not a JSON object.")
        self._request: Json = request

    def given(self, name: str) -> bool:
        return self._request.get(name) is not None

    def optional_text(self, name: str) -> str | None:
        value = self._request.get(name)
        if value is not None and not isinstance(value, str):
            raise RigError(f"{name!r} is to be a text, found {value!r}.")
        return value

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if value is None:
            raise RigError(f"The request lacks {name!r}.")
        return value

    def number(self, name: str, otherwise: float) -> float:
        value = self._request.get(name)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RigError(f"{name!r} is to be a number, found {value!r}.")
        return value

    def hexadecimal(self, name: str, otherwise: bytes) -> bytes:
        digits = self.optional_text(name)
        if digits is None:
            return otherwise
        try:
            return bytes.fromhex(digits)
        except ValueError:
            raise RigError(f"{name!r} is to be pairs of hexadecimal digits, found {digits!r}.") from None


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(1.0)
        try:
            sock.connect(path)
        except OSError:
            return False
    return True
