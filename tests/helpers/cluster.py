"""Two PostgreSQL servers, of which one is a synchronous standby: paired by hand, or under Patroni and etcd."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import httpx
import msgspec
import psycopg

from tests.helpers.postgres import Server, as_nobody, free_port, kill_server, programs, server_folder

PATIENCE_S = 90.0
"""A cluster is up, or has another leader, within this; Patroni's shortest lease on leadership is 20 s."""


class Cluster(Protocol):
    """A primary, and what takes its place."""

    def url(self, database: str) -> str:
        """Both servers, as libpq takes them; whoever can be written to is meant."""

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement at whoever is the primary now."""

    def kill_primary(self) -> None:
        """The primary's machine loses its power."""

    def promote(self) -> None:
        """Whatever a person has to do then."""


class Pair:
    """A primary and a synchronous standby; a person promotes.

    Args:
        folder: for both servers.
    """

    def __init__(self, folder: Path) -> None:
        self.primary = Server(folder / "a")
        self.standby = Server(folder / "b")
        self._now = self.primary

    def start(self) -> None:
        """Make both, and wait until a commit is on both disks."""
        self.primary.create()
        self.primary.start()
        source = f"host=127.0.0.1 port={self.primary.port} user=hub"
        self.standby.run("pg_basebackup", "-d", source, "-D", str(self.standby.data), "-R", "-c", "fast", "--no-sync")
        self.standby.configure()
        self.standby.start()
        self.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.execute("SELECT pg_reload_conf()")
        _until(lambda: self.primary.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'") == [(1,)])

    def url(self, database: str) -> str:
        """See `Cluster`."""
        return _url((self.primary.port, self.standby.port), database)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """See `Cluster`."""
        return self._now.execute(sql, database)

    def kill_primary(self) -> None:
        """See `Cluster`."""
        self.primary.kill()

    def promote(self) -> None:
        """See `Cluster`."""
        self.standby.run("pg_ctl", "-D", str(self.standby.data), "-w", "-s", "promote")
        self._now = self.standby

    def stop(self) -> None:
        """End what runs."""
        for server in (self.primary, self.standby):
            if server.is_running():
                server.stop("immediate")


@contextlib.contextmanager
def running_pair() -> Iterator[Pair]:
    """A pair that runs to the end of the block."""
    with server_folder() as folder:
        pair = Pair(folder)
        try:
            pair.start()
            yield pair
        finally:
            pair.stop()


class _Member(msgspec.Struct):
    """What Patroni says of a server."""

    name: str
    role: str
    state: str


class _Members(msgspec.Struct):
    members: list[_Member]


class _Node:
    """One server, looked after by a Patroni of its own."""

    def __init__(self, folder: Path, name: str, etcd: int) -> None:
        self.name = name
        self.port, self.rest = free_port(), free_port()
        self.data = folder / name
        self._config = folder / f"{name}.yml"
        self._config.write_text(
            _PATRONI.format(
                name=name, etcd=etcd, rest=self.rest, port=self.port, data=self.data, programs=programs(), folder=folder
            )
        )
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*as_nobody(), found("patroni"), str(self._config)],
                cwd=self._config.parent,
                env={**os.environ, "LC_ALL": "C"},
                stdout=log,
                stderr=log,
            )

    def members(self) -> list[_Member]:
        """All servers as this one's Patroni knows them; none while it does not answer."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.rest}/cluster", timeout=5, trust_env=False)
            return msgspec.json.decode(answer.content, type=_Members).members
        except (httpx.HTTPError, msgspec.DecodeError):
            return []

    def kill(self) -> None:
        """The server and its Patroni end at once, as with the machine's power."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        kill_server(self.data)


class Patroni:
    """Two servers under Patroni, with etcd to agree on a leader.

    Args:
        folder: for everything; a user who may not be root writes there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._etcd_port = free_port()
        self._etcd: subprocess.Popen[bytes] | None = None
        self._nodes = [_Node(folder, name, self._etcd_port) for name in ("a", "b")]
        self._dead: set[str] = set()

    def start(self) -> None:
        """Start everything, and wait until there are a leader and a synchronous standby."""
        etcd = found("etcd")
        peer = f"http://127.0.0.1:{free_port()}"
        client = f"http://127.0.0.1:{self._etcd_port}"
        with (self._folder / "etcd.log").open("wb") as log:
            self._etcd = subprocess.Popen(
                [
                    etcd, "--data-dir", str(self._folder / "etcd"), "--name", "etcd",
                    "--listen-client-urls", client, "--advertise-client-urls", client,
                    "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                    "--initial-cluster", f"etcd={peer}", "--unsafe-no-fsync",
                ],
                stdout=log, stderr=log,
            )  # fmt: skip
        for node in self._nodes:
            node.start()
        _until(lambda: {member.role for member in self._members()} == {"leader", "sync_standby"})

    def url(self, database: str) -> str:
        """See `Cluster`."""
        return _url([node.port for node in self._nodes], database)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """See `Cluster`."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def kill_primary(self) -> None:
        """See `Cluster`."""
        (leader,) = (member.name for member in self._members() if member.role == "leader")
        self._dead.add(leader)
        self._node(leader).kill()

    def promote(self) -> None:
        """Nothing: Patroni does it by itself."""

    def stop(self) -> None:
        """End what runs."""
        for node in self._nodes:
            node.kill()
        if self._etcd is not None:
            self._etcd.kill()
            self._etcd.wait()

    def _node(self, name: str) -> _Node:
        (node,) = (node for node in self._nodes if node.name == name)
        return node

    def _members(self) -> list[_Member]:
        alive = [node for node in self._nodes if node.name not in self._dead]
        return [member for member in alive[0].members() if member.state in ("running", "streaming")]


@contextlib.contextmanager
def running_patroni() -> Iterator[Patroni]:
    """A cluster under Patroni that runs to the end of the block."""
    with server_folder() as folder:
        own = folder / "p"
        own.mkdir(mode=0o700)
        if as_nobody():
            shutil.chown(own, "nobody")
        cluster = Patroni(own)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


def found(program: str) -> str:
    """Where a program of the cluster is.

    Raises:
        FileNotFoundError: nowhere.
    """
    path = shutil.which(program)
    if path is None:
        raise FileNotFoundError(f"{program} is not on PATH; on Debian: apt-get install patroni etcd-server")
    return path


def _url(ports: tuple[int, ...] | list[int], database: str) -> str:
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://hub@{hosts}/{database}?target_session_attrs=read-write"


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"the cluster is not as expected within {PATIENCE_S:.0f} s")
        time.sleep(0.05)


_PATRONI = """
scope: kiosk
name: {name}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
etcd3: {{host: "127.0.0.1:{etcd}"}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    synchronous_mode: true
    postgresql:
      use_pg_rewind: false
      parameters: {{max_connections: 100, shared_buffers: 32MB}}
  initdb: [{{encoding: UTF8}}, {{locale: C}}, {{auth: trust}}, no-sync]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: {data}
  bin_dir: {programs}
  pgpass: {folder}/{name}.pgpass
  authentication:
    superuser: {{username: hub}}
    replication: {{username: hub}}
  parameters: {{unix_socket_directories: "{folder}"}}
  pg_hba:
    - local all all trust
    - host all all 127.0.0.1/32 trust
    - host replication all 127.0.0.1/32 trust
"""
