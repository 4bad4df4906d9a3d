"""Telling systemd: what is sent, and that nothing can go wrong by it."""

import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.system import notify
from kiosk.system.notify import STATUS_BYTES, Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket such as systemd's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(2)
        yield listener


@pytest.fixture
def notifier(tmp_path: Path, manager: socket.socket) -> Notifier:
    """A notifier that speaks to the manager, which waits 30 s."""
    return Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"})


def test_ready_goes_out_with_a_chinese_status(notifier: Notifier, manager: socket.socket) -> None:
    notifier.ready("驿站开门 · 8 个充电位")
    assert manager.recv(4096).decode() == "READY=1\nSTATUS=驿站开门 · 8 个充电位"


def test_status_watchdog_and_stopping_are_one_datagram_each(notifier: Notifier, manager: socket.socket) -> None:
    notifier.status("等待同步")
    notifier.alive()
    notifier.stopping()
    assert [manager.recv(4096).decode() for _ in range(3)] == ["STATUS=等待同步", "WATCHDOG=1", "STOPPING=1"]


def test_a_status_cannot_carry_a_second_variable(notifier: Notifier, manager: socket.socket) -> None:
    notifier.status("one\nMAINPID=1")
    assert manager.recv(4096).decode() == "STATUS=one MAINPID=1"


def test_a_long_status_is_cut_between_two_characters(notifier: Notifier, manager: socket.socket) -> None:
    notifier.status("驿" * 1000)
    sent = manager.recv(8192).removeprefix(b"STATUS=")
    assert sent.decode() == "驿" * (STATUS_BYTES // 3)


def test_an_abstract_socket_is_spoken_to() -> None:
    name = f"kiosk-test-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(b"\0" + name.encode())
        listener.settimeout(2)
        Notifier(f"@{name}").ready()
        assert listener.recv(4096) == b"READY=1"


def test_the_ping_is_due_at_half_of_what_systemd_waits(notifier: Notifier) -> None:
    assert notifier.ping_every_s == 15


def test_the_watchdog_counts_though_its_pid_names_the_compositor(tmp_path: Path) -> None:
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"}
    assert Notifier.from_environment(environment).ping_every_s == 2


@pytest.mark.parametrize("usec", ["", "0", "soon", "-5", "٣"])
def test_a_watchdog_time_that_is_none_asks_for_no_pings(usec: str) -> None:
    assert Notifier.from_environment({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": usec}).ping_every_s is None


def test_without_systemd_nothing_happens() -> None:
    notifier = Notifier.from_environment({"WATCHDOG_USEC": "30000000"})
    notifier.ready("x")
    notifier.alive()
    assert not notifier.active
    assert notifier.ping_every_s is None


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "notify"])
def test_an_address_of_another_form_is_left_alone(address: str) -> None:
    assert not Notifier(address).active


def test_a_manager_that_is_gone_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(str(tmp_path / "nobody"))
    for _ in range(3):
        notifier.alive()
    assert len(caplog.records) == 1


def test_a_manager_that_does_not_read_blocks_nobody(notifier: Notifier, manager: socket.socket) -> None:
    for _ in range(2000):
        notifier.alive()
    assert manager.recv(4096) == b"WATCHDOG=1"


def test_the_process_speaks_to_whom_its_environment_names(
    tmp_path: Path, manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    notify._own.cache_clear()
    try:
        notify.ready()
        notify.status("营业中")
        notify.watchdog()
        notify.stopping()
        assert notify.watchdog_period_s() == 15
    finally:
        notify._own.cache_clear()
    sent = [manager.recv(4096).decode() for _ in range(4)]
    assert sent == ["READY=1", "STATUS=营业中", "WATCHDOG=1", "STOPPING=1"]
