"""The log: where it goes, and that nobody's data is in it."""

import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.system.logs import FILE_BYTES, ID_LETTERS, Journald, PrivateFile, log_id
from kiosk.system.tracebacks import describe

NAME = "王建强"
"""A name that stands in an exception's message and in a local variable of the place that raised it."""

START = """
import asyncio, logging, os, sys, threading
from pathlib import Path
from kiosk.system import logs
logs.set_up_logs(Path(sys.argv[1]), environ={})
log = logging.getLogger("kiosk.trial")
def fail():
    name = "王建强"
    raise ValueError(f"no phone for {name}")
"""


def run_program(data: Path, body: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own: setting logs up is once and for the whole process."""
    return subprocess.run(
        [sys.executable, "-c", START + textwrap.dedent(body), str(data)],
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def logged(data: Path) -> str:
    return (data / "logs" / "kiosk.log").read_text(encoding="utf-8")


def test_a_caught_exception_is_logged_as_type_and_places(tmp_path: Path) -> None:
    ended = run_program(
        tmp_path,
        """
        try:
            fail()
        except ValueError:
            log.exception("the scan failed (%s)", "K7M2QX")
        """,
    )
    text = logged(tmp_path)
    assert "ERROR kiosk.trial: the scan failed (K7M2QX)\nbuiltins.ValueError\n" in text
    assert "fail" in text
    assert NAME not in text
    assert ended.stderr == ""


@pytest.mark.parametrize(
    "body",
    [
        "fail()",
        "thread = threading.Thread(target=fail); thread.start(); thread.join()",
        "class Gone:\n    def __del__(self): fail()\nGone()",
        """
        async def work():
            asyncio.get_running_loop().set_exception_handler(logs.log_loop_error)
            asyncio.get_running_loop().call_soon(fail)
            await asyncio.sleep(0.01)
        asyncio.run(work())
        """,
        """
        async def work():
            asyncio.ensure_future(asyncio.to_thread(fail))
            await asyncio.sleep(0.05)
        asyncio.run(work())
        """,
        "import warnings; warnings.warn('careful')",
    ],
    ids=["main", "thread", "destructor", "loop", "forgotten task", "warning"],
)
def test_what_nobody_caught_reaches_the_log_and_never_the_screen(tmp_path: Path, body: str) -> None:
    ended = run_program(tmp_path, body, PYTHONWARNINGS="default")
    assert ended.stderr == ""
    assert ended.stdout == ""
    assert NAME not in logged(tmp_path)
    assert "ValueError" in logged(tmp_path) or "careful" in logged(tmp_path)


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    run_program(tmp_path, "os.umask(0); log.info('x')")
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "logs").iterdir()} == {0o600}


def test_a_full_disk_prints_nothing_on_the_screen(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "kiosk.log").symlink_to("/dev/full")
    ended = run_program(tmp_path, "log.error('x' * 100)")
    assert (ended.stderr, ended.returncode) == ("", 0)


def test_a_request_for_stacks_is_answered_in_the_faults_file(tmp_path: Path) -> None:
    run_program(tmp_path, f"os.kill(os.getpid(), {signal.SIGUSR1.value})")
    assert 'File "<string>"' in (tmp_path / "logs" / "faults.log").read_text()


def test_the_watchdogs_abort_leaves_the_stacks_behind(tmp_path: Path) -> None:
    ended = run_program(tmp_path, "def hung():\n    os.abort()\nhung()")
    assert ended.returncode == -signal.SIGABRT
    assert "in hung" in (tmp_path / "logs" / "faults.log").read_text()
    assert ended.stderr == ""


def test_stderr_is_written_to_only_when_asked(tmp_path: Path) -> None:
    ended = run_program(
        tmp_path, "logs.set_up_logs(Path(sys.argv[1]), to_terminal=True, environ={}); log.info('serves')"
    )
    assert ended.stderr.endswith("INFO kiosk.trial: serves\n")
    assert logged(tmp_path).count("serves") == 1


def test_a_data_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    ended = run_program(tmp_path / "nothing", "log.error('x')")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not (tmp_path / "nothing").exists()


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket such as journald's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "journal"))
        listener.settimeout(2)
        yield listener


def quiet_logger() -> logging.Logger:
    """A logger of its own, which hands nothing on."""
    logger = logging.getLogger(f"trial.{log_id()}")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger


def fields(datagram: bytes) -> dict[str, str]:
    """A datagram of journald's native protocol, read back."""
    found = {}
    while datagram:
        name, datagram = datagram.split(b"\n", 1)
        length = int.from_bytes(datagram[:8], "little")
        found[name.decode()] = datagram[8 : 8 + length].decode()
        datagram = datagram[9 + length :]
    return found


def test_journald_gets_chinese_and_several_lines_with_their_priority(tmp_path: Path, journald: socket.socket) -> None:
    logger = quiet_logger()
    handler = Journald(tmp_path / "journal")
    logger.addHandler(handler)
    logger.error("驿站\n第二行", exc_info=KeyError(NAME))
    handler.close()
    sent = fields(journald.recv(65536))
    assert sent["MESSAGE"].startswith("驿站\n第二行\nbuiltins.KeyError")
    assert NAME not in sent["MESSAGE"]
    assert (sent["PRIORITY"], sent["SYSLOG_IDENTIFIER"], sent["LOGGER"]) == ("3", "kiosk", logger.name)


def test_a_journald_that_is_gone_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    handler = Journald(tmp_path / "nobody")
    logger = quiet_logger()
    logger.addHandler(handler)
    logger.info("x")
    logger.info("%d", "not a number")
    handler.close()


def test_the_log_is_bounded(tmp_path: Path) -> None:
    logger = quiet_logger()
    handler = PrivateFile(tmp_path / "kiosk.log")
    logger.addHandler(handler)
    for _ in range(80):
        logger.info("x" * (FILE_BYTES // 10))
    handler.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 5
    assert max(sizes) <= FILE_BYTES


def test_a_described_exception_names_causes_and_members_of_a_group() -> None:
    def inner() -> None:
        raise KeyError(NAME)

    def outer() -> None:
        try:
            inner()
        except KeyError as error:
            raise ExceptionGroup(NAME, [OSError(NAME)]) from error

    with pytest.raises(ExceptionGroup) as caught:
        outer()
    text = describe(caught.value)
    assert NAME not in text
    assert [line.strip() for line in text.splitlines() if ":" not in line] == [
        "builtins.ExceptionGroup",
        "builtins.OSError",
        "from",
        "builtins.KeyError",
    ]
    assert "tests/test_logs.py:" in text


def test_a_runaway_recursion_is_described_in_a_page() -> None:
    def deeper() -> None:
        deeper()

    with pytest.raises(RecursionError) as caught:
        deeper()
    assert len(describe(caught.value).splitlines()) < 50


def test_log_ids_are_short_and_differ() -> None:
    ids = {log_id() for _ in range(100)}
    assert len(ids) > 98
    assert all(len(found) == 6 and set(found) <= set(ID_LETTERS) for found in ids)
    assert not set(ID_LETTERS) & set("01IOU")
