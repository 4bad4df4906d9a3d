"""The control socket: one request a connection, a sentence for every refusal, whatever arrives."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.control import SOCKET_NAME, ControlError, ControlServer, NotRunningError, Request, call
from kiosk.system.sockets import short_path


async def answer(request: Request) -> object:
    """What the test's station does."""
    if request.command == "refuse":
        raise ControlError("not today")
    return {"asked": request.command, "with": request.arguments}


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """A data folder, of a very long name, whose station answers."""
    long = tmp_path / ("a" * 120)
    long.mkdir()
    server = ControlServer(long, answer)
    await server.start()
    yield long
    await server.close()


async def ask(folder: Path, line: bytes) -> bytes:
    """Send bytes and return the whole answer."""

    def exchange() -> bytes:
        with socket.socket(socket.AF_UNIX) as sock, short_path(folder, SOCKET_NAME) as path:
            sock.connect(path)
            sock.sendall(line)
            sock.shutdown(socket.SHUT_WR)
            return sock.makefile("rb").read()

    return await asyncio.to_thread(exchange)


async def test_a_request_is_answered_even_in_a_folder_of_a_long_name(folder: Path) -> None:
    assert await asyncio.to_thread(call, folder, "card", rider=3) == {"asked": "card", "with": {"rider": 3}}


async def test_nobody_else_may_open_the_socket(folder: Path) -> None:
    assert stat.S_IMODE((folder / SOCKET_NAME).stat().st_mode) == 0o600


async def test_a_refusal_is_the_stations_own_sentence(folder: Path) -> None:
    with pytest.raises(ControlError, match="not today"):
        await asyncio.to_thread(call, folder, "refuse")


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b'{"command": 7}\n'])
async def test_what_is_no_request_is_told_so_and_the_next_is_served(folder: Path, line: bytes) -> None:
    assert b'"ok":false' in await ask(folder, line)
    assert await asyncio.to_thread(call, folder, "status") is not None


async def test_a_connection_that_says_nothing_gets_nothing(folder: Path) -> None:
    assert await ask(folder, b"") == b""
    assert await asyncio.to_thread(call, folder, "status") is not None


def test_without_a_station_the_caller_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError):
        call(tmp_path, "status")
    (tmp_path / SOCKET_NAME).touch()
    with pytest.raises(NotRunningError):
        call(tmp_path, "status")
    with pytest.raises(NotRunningError):
        call(tmp_path / "nowhere", "status")
