"""TLS to the hub: a pinned CA counts whatever the clock says, its dates once the clock can be believed."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kiosk.settings import HubSettings
from kiosk.sync.client import SyncClient
from kiosk.sync.tls import verification
from tests.helpers.box import make_box, make_settings
from tests.helpers.hub import Inline, Pauses

FILES = Path(__file__).parent / "tls"
"""A CA, its certificate for 127.0.0.1, both of January 2020, and another CA; made for these tests alone."""


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where a server with the certificate of January 2020 answers 503 to everything."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FILES / "hub.pem", FILES / "hub-key.pem")
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    yield int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()


async def asked(port: int, ca: str, host: str = "127.0.0.1", *, trusted: bool) -> int | str:
    """The status, or why there was none."""
    hub = HubSettings(url="https://hub", ca=str(FILES / ca))
    async with httpx.AsyncClient(verify=verification(hub, clock_trusted=trusted), trust_env=False) as http:
        try:
            return (await http.get(f"https://{host}:{port}/healthz")).status_code
        except httpx.ConnectError as error:
            return str(error)


async def test_a_pinned_ca_is_enough_while_nobody_knows_the_time(port: int) -> None:
    assert await asked(port, "ca.pem", trusted=False) == 503


async def test_dates_count_once_the_clock_can_be_believed(port: int) -> None:
    assert "expired" in str(await asked(port, "ca.pem", trusted=True))


async def test_another_ca_or_another_name_is_never_accepted(port: int) -> None:
    assert "verify failed" in str(await asked(port, "other.pem", trusted=False))
    assert "mismatch" in str(await asked(port, "ca.pem", "localhost", trusted=False))


async def test_without_a_ca_of_its_own_the_systems_count_with_dates() -> None:
    assert verification(HubSettings(url="https://hub"), clock_trusted=False) is True


async def test_a_ca_that_is_missing_is_a_problem_that_is_shown_and_tried_again(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, hub={"url": "https://127.0.0.1:1", "ca": str(tmp_path / "gone.pem")})
    box = make_box(tmp_path, settings=settings)
    box.keys.store_hub("key", b"0" * 32, b"0" * 32, None)
    pauses = Pauses()
    client = SyncClient(box, Inline(box), software="x", sleep=pauses.sleep, jitter=lambda: 1.0)
    task = asyncio.create_task(client.run())
    task.add_done_callback(pauses.broken)
    assert await pauses.next() == 60
    assert client.status().problem == "no_ca"
    pauses.end()
    assert await pauses.next() == 60
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_hub_that_cannot_prove_itself_is_told_apart_from_one_that_is_silent(port: int, tmp_path: Path) -> None:
    problems = {}
    for name, at in (("untrusted", port), ("no_answer", 1)):
        settings = make_settings(tmp_path, hub={"url": f"https://127.0.0.1:{at}", "ca": str(FILES / "other.pem")})
        box = make_box(tmp_path / name, settings=settings)
        box.keys.store_hub("key", b"0" * 32, b"0" * 32, None)
        pauses = Pauses()
        client = SyncClient(box, Inline(box), software="x", sleep=pauses.sleep, jitter=lambda: 1.0)
        task = asyncio.create_task(client.run())
        task.add_done_callback(pauses.broken)
        await pauses.next()
        problems[name] = client.status().problem
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert problems == {"untrusted": "untrusted", "no_answer": "no_answer"}
