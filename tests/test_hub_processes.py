"""The hub served by several processes, over HTTPS, and on addresses that others can reach."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kiosk.hub import stations
from kiosk.hub.guard import allow_files
from kiosk.hub.options import Options, OptionsError, Tls
from kiosk.hub.store import HubStore
from tests.helpers.abuse import Served

pytestmark = pytest.mark.real_time

TLS = Path(__file__).parent / "tls"
NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL."""
CERTIFICATE, KEY = TLS / "hub.pem", TLS / "hub-key.pem"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A hub of two processes over one database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("databases").empty()
    with Served(tmp_path_factory.mktemp("many"), "processes=2", url=url) as hub:
        yield hub


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for something that other processes do."""
    until = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_processes_that_write_at_once_take_every_event_in_once(served: Served) -> None:
    """Ten connections push the same chain, each all of it, to whichever process accepts them."""
    before = served.sample("kiosk_hub_events_total", "accepted")
    with ThreadPoolExecutor(10) as pool:
        answered = list(pool.map(served.push, [served.events] * 40))
    assert {status for status, _ in answered} == {200}
    assert len(served.children()) == 2
    assert served.sample("kiosk_hub_events_total", "accepted") - before == len(served.events)
    assert served.sample("kiosk_hub_events_total", "repeated") == 39 * len(served.events)
    assert served.sample("kiosk_hub_database_errors_total") == 0


def hellos(served: Served) -> float:
    """Requests counted: once the number stays, because an answer is counted when it has gone out already."""
    count, before = served.sample("kiosk_hub_request_seconds_count", "/v1/hello", "200"), -1.0
    while count != before:
        time.sleep(0.1)
        count, before = served.sample("kiosk_hub_request_seconds_count", "/v1/hello", "200"), count
    return count


def test_a_scrape_tells_the_sum_over_all_processes(served: Served) -> None:
    before = hellos(served)
    for _ in range(12):
        served.check_serves()
    assert hellos(served) == before + 12
    after = {served.sample("kiosk_hub_request_seconds_count", "/v1/hello", "200") for _ in range(4)}
    assert after == {before + 12}
    assert served.sample("kiosk_hub_processes", "0.1.0") == 2


def test_a_process_that_dies_is_replaced_and_what_it_counted_stays(served: Served) -> None:
    served.check_serves()
    counted = hellos(served)
    victim, other = served.children()
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(served.children()) == 2 and victim not in served.children())
    assert other in served.children()
    served.check_serves()
    eventually(lambda: served.sample("kiosk_hub_processes", "0.1.0") == 2)
    assert hellos(served) == counted + 1
    assert served.sample("kiosk_hub_process_starts_total") >= 3


def test_children_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    hub = Served(tmp_path, "processes=2")
    children = hub.children()
    hub.process.kill()
    hub.close()
    eventually(lambda: not any(running(child) for child in children))


def running(process: int) -> bool:
    """Whether a process is there, and not merely unburied."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_child_that_does_not_end_is_killed() -> None:
    """Told in a process of its own, because it forks."""
    code = (
        "import signal, time\n"
        "from kiosk.hub.workers import Workers\n"
        "def work(parent):\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN); parent.ready(); time.sleep(60)\n"
        "raise SystemExit(Workers(2, work, ready=lambda: print('ready', flush=True), buried=lambda _: None,\n"
        "    ends_within_s=0.3).run())"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_children_that_cannot_start_end_it_all() -> None:
    code = (
        "from kiosk.hub.workers import Workers\n"
        "workers = Workers(2, lambda _: 3, ready=lambda: None, buried=lambda _: None, ends_within_s=5)\n"
        "raise SystemExit(workers.run())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1


# HTTPS.


@contextmanager
def https(port: int) -> Iterator[httpx.Client]:
    """A client that believes the test's CA alone; its certificates are out of date."""
    context = ssl.create_default_context(cafile=TLS / "ca.pem")
    context.verify_flags |= NO_CHECK_TIME
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context, trust_env=False) as client:
        yield client


def serial_shown(port: int) -> bytes | None:
    """The certificate that the hub shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as wrapped:
        return wrapped.getpeercert(binary_form=True)


def test_https_silent_handshakes_a_renewed_certificate_and_the_end_of_all_in_order(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(CERTIFICATE.read_bytes())
    key.write_bytes(KEY.read_bytes())
    before = "import kiosk.hub.server as s; s.HANDSHAKE_WITHIN_S = 0.8"
    options = f"processes=2, tls=Tls(Path({str(certificate)!r}), Path({str(key)!r}))"
    with Served(tmp_path, options, before) as hub, hub.connect() as silent:
        assert hub.address.startswith("https://")
        with https(hub.port) as client:
            assert client.get("/healthz").status_code == 200
        shown = serial_shown(hub.port)
        certificate.write_bytes((TLS / "renewed.pem").read_bytes())
        key.write_bytes((TLS / "renewed-key.pem").read_bytes())
        hub.process.send_signal(signal.SIGHUP)
        eventually(lambda: all(serial_shown(hub.port) != shown for _ in range(4)))
        certificate.write_text("no certificate", encoding="ascii")
        hub.process.send_signal(signal.SIGHUP)
        assert serial_shown(hub.port) != shown
        silent.settimeout(5)
        assert silent.recv(1) == b"", "a handshake that does not come is given up"
        children = hub.children()
    assert hub.process.returncode == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert hub.said == ""  # `ready` was said once


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "hub.example"])  # noqa: S104 - nothing listens there
def test_plain_http_is_not_served_to_a_network(host: str) -> None:
    with pytest.raises(OptionsError, match="HTTPS is needed"):
        Options().check(host)
    Options(behind_proxy=True).check(host)
    Options(tls=Tls(CERTIFICATE, KEY)).check(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_alone_may_speak_plain_http(host: str) -> None:
    Options().check(host)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--listen", "0.0.0.0:0"], "HTTPS is needed"),
        (["--tls-cert", str(CERTIFICATE)], "accepted are both or neither"),
        (["--tls-cert", str(CERTIFICATE), "--tls-key", str(CERTIFICATE)], "no certificate with its key"),
        (["--tls-cert", "/no/file", "--tls-key", str(KEY)], "cannot be read"),
        (["--tls-cert", str(CERTIFICATE), "--tls-key", str(KEY), "--behind-proxy"], "the proxy speaks HTTPS"),
        (["--processes", "0"], "accepted are 1 to 64"),
        (["--metrics-token", "/no/file"], "cannot be read"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from kiosk.cli import main

    assert main(["hub", "--database", f"sqlite:///{tmp_path / 'hub.db'}", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_token_for_metrics_is_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kiosk.cli import main

    short = tmp_path / "token"
    short.write_text("abc\n", encoding="ascii")
    assert main(["hub", "--metrics-token", str(short)]) == 2
    assert "at least 16" in capsys.readouterr().err


def test_no_more_connections_are_taken_than_files_may_be_open() -> None:
    assert allow_files(10) == 10
    assert allow_files(10**7) < 10**7


def test_a_database_that_cannot_be_used_is_said_once_and_not_by_each_child(tmp_path: Path) -> None:
    store = HubStore(f"sqlite:///{tmp_path / 'hub.db'}")
    stations.add(store, "LX01", "luxi")
    store.close()
    command = ["hub", "--database", "sqlite:////no/folder/hub.db", "--processes", "2"]
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk.cli", *command], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count("no folder") == 1
