"""A program in a terminal between whose keyboard and itself a scanner types, as one does that is a keyboard by USB.

Whoever sits at the real terminal goes on using it: keys, touches and the picture pass through. Scans come over a socket
beside the rig's: one JSON object a line, `{"hex": ..., "end": ..., "fault": ...}`, answered by `{"ok": true}`.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import signal
import socket
import termios
import tty
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from devices.rig.control import short_path
from devices.rig.plan import RigError
from devices.rig.wedge import CR, Wedge, WedgeFault

SOCKET_NAME: Final = "keyboard.sock"
_STDIN, _STDOUT = 0, 1
_PIECE: Final = 65536
_WITHIN_S: Final = 60.0
"""A long code, typed slowly, takes half a minute."""


def socket_in(folder: Path) -> Path:
    """Where scans are asked for, in the folder of the rig's ports."""
    return folder / SOCKET_NAME


async def run(command: Sequence[str], socket_path: Path) -> int:
    """Run a program in a terminal of its own until it ends; its exit code.

    Raises:
        RigError: the program cannot be started.
        OSError: the socket cannot be made.
    """
    far, near = pty.openpty()
    _take_size(near)
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=near, stdout=near, stderr=near, start_new_session=True
        )
    except OSError as error:
        os.close(far)
        raise RigError(f"{command[0]} cannot be started: {error.strerror}.") from None
    finally:
        os.close(near)
    os.set_blocking(far, False)
    ending = (signal.SIGTERM, signal.SIGHUP)
    for number in ending:
        asyncio.get_running_loop().add_signal_handler(number, process.send_signal, signal.SIGTERM)
    try:
        with _socket(socket_path) as sock, _raw(), _passing(far, process):
            async with await _serve(sock, Wedge(far)):
                return await process.wait()
    finally:
        for number in ending:
            asyncio.get_running_loop().remove_signal_handler(number)
        if process.returncode is None:
            process.terminate()
            await process.wait()
        os.close(far)


async def scan(socket_path: Path, code: bytes, end: bytes = CR, fault: WedgeFault | None = None) -> None:
    """Let the scanner type a code into the program that `run` runs; back when it is typed.

    Raises:
        RigError: nothing runs there.
    """
    asked = {"hex": code.hex(), "end": end.hex(), "fault": None if fault is None else fault.value}
    try:
        with short_path(socket_path) as path:
            reader, writer = await asyncio.open_unix_connection(path)
        try:
            writer.write(json.dumps(asked).encode() + b"\n")
            async with asyncio.timeout(_WITHIN_S):
                answer = await reader.readline()
        finally:
            writer.close()
    except (OSError, TimeoutError):
        answer = b""
    if not answer:
        raise RigError(f"No program is run with `kiosk rig keyboard` at {socket_path}.")


async def _serve(sock: socket.socket, wedge: Wedge) -> asyncio.Server:
    one_at_a_time = asyncio.Lock()

    async def typed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ValueError, KeyError, OSError):
            asked = json.loads(await reader.readline())
            fault = None if asked["fault"] is None else WedgeFault(asked["fault"])
            async with one_at_a_time:
                await wedge.scan(bytes.fromhex(asked["hex"]), bytes.fromhex(asked["end"]), fault)
            writer.write(b'{"ok": true}\n')
        writer.close()

    return await asyncio.start_unix_server(typed, sock=sock)


@contextlib.contextmanager
def _socket(path: Path) -> Iterator[socket.socket]:
    """A socket for its owner alone; gone when the block ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    old = os.umask(0o177)
    try:
        sock = socket.socket(socket.AF_UNIX)
        sock.setblocking(False)
        with short_path(path) as short:
            sock.bind(short)
    finally:
        os.umask(old)
    try:
        yield sock
    finally:
        sock.close()
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    """Our own terminal hands every key on as it is."""
    if not os.isatty(_STDIN):
        yield
        return
    before = termios.tcgetattr(_STDIN)
    tty.setraw(_STDIN)
    try:
        yield
    finally:
        termios.tcsetattr(_STDIN, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _passing(far: int, process: asyncio.subprocess.Process) -> Iterator[None]:
    """Keys go in, the picture comes out, a change of size is told."""
    loop = asyncio.get_running_loop()

    def pass_on(source: int, target: int) -> bool:
        try:
            data = os.read(source, _PIECE)
        except OSError:  # the program has ended: nothing comes any more
            data = b""
        if not data:
            loop.remove_reader(source)
        else:
            os.write(target, data)
        return bool(data)

    def resized() -> None:
        _take_size(far)
        process.send_signal(signal.SIGWINCH)  # the terminal is nobody's controlling one, so it tells nobody

    loop.add_reader(far, pass_on, far, _STDOUT)
    if os.isatty(_STDIN):
        loop.add_reader(_STDIN, pass_on, _STDIN, far)
        loop.add_signal_handler(signal.SIGWINCH, resized)
    try:
        yield
    finally:
        while pass_on(far, _STDOUT):
            pass  # what the program wrote last
        if os.isatty(_STDIN):
            loop.remove_reader(_STDIN)
            loop.remove_signal_handler(signal.SIGWINCH)


def _take_size(terminal: int) -> None:
    """The size of our own terminal, when there is one."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, fcntl.ioctl(_STDOUT, termios.TIOCGWINSZ, bytes(8)))
