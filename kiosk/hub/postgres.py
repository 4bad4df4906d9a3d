"""The hub's database on PostgreSQL: a pool of connections, any number of threads and of hub processes."""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager

import peewee as pw
import psycopg
from psycopg.abc import RV, PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from kiosk.hub.address import POSTGRES_PREFIXES, masked, scrubbed
from kiosk.hub.connections import Connections, close_quietly
from kiosk.hub.engine import HubDatabaseError

OLDEST_SERVER = 13
MOST_WRITERS = 12
MOST_READERS = 8
"""Connections of one process; apart from the writers', so that nobody who reads waits for those who write. Both
together times the processes must stay below the server's `max_connections` (100 by default)."""

UNLESS_SAID = {
    "application_name": "kiosk-hub",
    "client_encoding": "UTF8",
    "connect_timeout": 5,
    # A server that fell silent (a power cut sends no good-bye) is given up after about ten seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""What libpq is told where the URL says nothing about it."""

SILENT_S = 10.0
"""Beyond the server's own limit for a statement: so long an answer may take. A server that is frozen, or whose commit
waits for a standby, keeps no limit of its own, while its kernel goes on saying that all is well."""

READ_ONLY = "25006"
"""SQLSTATE of a write on a server that became a standby."""

SNAPSHOT = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
SCHEMA_LOCK = 0x6B696F736B
"""The advisory lock of whoever prepares the tables ("kiosk")."""

_SETTLE = """
SELECT pg_is_in_recovery(), current_setting('transaction_read_only'), current_setting('server_encoding'),
    extract(epoch FROM set_config('statement_timeout', CASE current_setting('statement_timeout')
        WHEN '0' THEN '60s' ELSE current_setting('statement_timeout') END, false)::interval)::float8,
    set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply')
        THEN current_setting('synchronous_commit') ELSE 'on' END, false),
    set_config('lock_timeout', CASE current_setting('lock_timeout')
        WHEN '0' THEN '10s' ELSE current_setting('lock_timeout') END, false),
    set_config('idle_in_transaction_session_timeout', CASE current_setting('idle_in_transaction_session_timeout')
        WHEN '0' THEN '60s' ELSE current_setting('idle_in_transaction_session_timeout') END, false)
"""
"""What is acknowledged is on disk (and with a synchronous standby on two), whatever the server's default is; and no
statement, wait for a lock or forgotten transaction lasts for ever, unless the role or the URL says otherwise."""


class UnfitServerError(pw.OperationalError):
    """The server answers and cannot serve a hub; the message is a sentence."""


class PostgresEngine:
    """One database, on one server or a primary with standbys.

    Args:
        url: handed to libpq as it is, several hosts and `target_session_attrs` included.

    Raises:
        HubDatabaseError: libpq does not understand the URL.
    """

    def __init__(self, url: str) -> None:
        self._url = _conninfo(url)
        try:
            said = conninfo_to_dict(self._url)
        except psycopg.Error as error:
            why = scrubbed(str(error), url)
            raise HubDatabaseError(f"The hub's database: found {masked(url)}, which cannot be read: {why}.") from None
        self._options: dict[str, object] = {name: value for name, value in UNLESS_SAID.items() if name not in said}
        if "," in str(said.get("host", "")) and "target_session_attrs" not in said:
            self._options["target_session_attrs"] = "read-write"
        self._writers = Connections(self._open, MOST_WRITERS)
        self._readers = Connections(self._open, MOST_READERS)

    @contextmanager
    def writing(self) -> Iterator[pw.Database]:
        """See `Engine`. Writers of an area wait for each other at its row, nowhere else."""
        with self._writers.lent() as connection, connection.translated(), connection.database.atomic():
            yield connection.database

    @contextmanager
    def reading(self) -> Iterator[pw.Database]:
        """See `Engine`. Waits for no writer."""
        with self._readers.lent() as connection, connection.translated(), connection.database.atomic(SNAPSHOT):
            yield connection.database

    def lock_schema(self, database: pw.Database) -> None:
        """See `Engine`."""
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))  # type: ignore[no-untyped-call]

    def wipe(self) -> None:
        """See `Engine`: autovacuum frees what was deleted, and the server recycles its log."""

    def close(self) -> None:
        """See `Engine`."""
        self._writers.close()
        self._readers.close()

    def _open(self) -> "_Connection":
        database = _Server(self._url, self._options)
        try:
            database.connect()
        except UnfitServerError:
            close_quietly(database)
            raise
        except pw.DatabaseError as error:
            close_quietly(database)
            raise pw.OperationalError(scrubbed(str(error), self._url)) from None
        return _Connection(database)


class _Watched(psycopg.Connection[tuple[object, ...]]):
    """A connection that waits for no answer for ever."""

    patience_s: float = SILENT_S

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """As the driver's own, which waits as long as the server's kernel is alive.

        Raises:
            psycopg.OperationalError: there was no answer. The connection is closed: what it was asked is not known to
                be done, and whatever is asked on it next fails at once.
        """
        until = time.monotonic() + (self.patience_s if timeout is None else timeout)
        try:
            return super().wait(gen, interval, max(0.0, until - time.monotonic()))
        except psycopg.OperationalError:
            if time.monotonic() < until:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server has not answered for {self.patience_s:.0f} s") from None


class _Server(pw.PostgresqlDatabase):
    """One connection, fit for a hub."""

    def __init__(self, conninfo: str, options: dict[str, object]) -> None:
        super().__init__(
            conninfo,
            prefer_psycopg3=True,
            thread_safe=False,  # lent to one thread at a time
            autoconnect=False,  # a lost connection ends its transaction, it is not replaced within it
            field_types={"TEXT": 'TEXT COLLATE "C"'},  # sorted and compared as SQLite does, whatever the locale
            **options,  # type: ignore[arg-type]  # for the driver
        )
        self._warning: str | None = None

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin a transaction.

        Args:
            isolation_level: all that stands behind BEGIN, such as `SNAPSHOT`.
        """
        self._said(f"BEGIN {isolation_level or ''}".rstrip())

    def commit(self) -> None:
        """Commit; returns only when that is certain.

        Raises:
            peewee.OperationalError: the server committed with a warning (a wait for its standby was broken off): what
                is in the transaction may or may not last, so nobody must be told that it does.
            peewee.InternalError: a statement had failed, so the server undid the transaction instead.
        """
        self._warning = None
        done = self._said("COMMIT")
        if done != "COMMIT":
            raise pw.InternalError(f"COMMIT was answered with {done}: a statement of the transaction had failed")
        if self._warning is not None:
            raise pw.OperationalError(f"committed, but: {self._warning}")

    def _said(self, sql: str) -> str | None:
        cursor: psycopg.Cursor = self.execute_sql(sql)  # type: ignore[no-untyped-call]  # peewee has no annotation
        return cursor.statusmessage

    def _connect(self) -> _Watched:
        return _Watched.connect(self.database, autocommit=True, **self.connect_params)

    def _initialize_connection(self, conn: _Watched) -> None:
        check_version(conn.info.server_version)
        conn.add_notice_handler(self._noticed)
        for standby, read_only, encoding, statement_s, *_ in conn.execute(_SETTLE):
            check_server(standby is True, str(read_only), str(encoding))
            conn.patience_s = float(str(statement_s)) + SILENT_S

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warning = notice.message_primary


class _Connection:
    """An open connection of the pool."""

    def __init__(self, database: _Server) -> None:
        self.database = database
        self._raw: psycopg.Connection = database.connection()  # type: ignore[no-untyped-call]
        self._distrusted = False

    def is_alive(self) -> bool:
        """Whether it is idle and the server has not said anything unasked: its good-bye would wait in the socket."""
        if self._distrusted or self._raw.closed or self._raw.info.transaction_status is not TransactionStatus.IDLE:
            return False
        poll = select.poll()
        poll.register(self._raw.fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """End it."""
        close_quietly(self.database)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """The driver's own errors as peewee's; a server that became a standby is one that does not answer."""
        try:
            yield
        except pw.DatabaseError as error:
            cause = getattr(error, "orig", None)
            if isinstance(cause, psycopg.Error) and cause.sqlstate == READ_ONLY:
                self._distrusted = True
                raise pw.OperationalError("the server is read-only now") from error
            raise
        except psycopg.Error as error:
            self._distrusted = True
            raise _as_peewee(error) from error


def check_version(found: int) -> None:
    """Refuse a server that is too old.

    Args:
        found: libpq's number, such as 150018.

    Raises:
        UnfitServerError: it is.
    """
    if found // 10_000 < OLDEST_SERVER:
        raise UnfitServerError(
            f"The server is PostgreSQL {found // 10_000}; accepted is {OLDEST_SERVER} or later. Nothing was changed."
        )


def check_server(standby: bool, read_only: str, encoding: str) -> None:
    """Refuse a server that cannot be written to, or stores no Unicode.

    Raises:
        UnfitServerError: it is one.
    """
    if standby:
        raise UnfitServerError(
            "The server is a standby, which is read-only; name the primary, or all servers: "
            "postgresql://...@HOST:PORT,HOST:PORT/DATABASE?target_session_attrs=read-write."
        )
    if read_only == "on":
        raise UnfitServerError("The server lets this role only read; accepted is one with the right to write.")
    if encoding != "UTF8":
        raise UnfitServerError(
            f"The database's encoding is {encoding}; accepted is UTF8 (CREATE DATABASE ... ENCODING 'UTF8' "
            "TEMPLATE template0)."
        )


def _conninfo(url: str) -> str:
    """As given, but for the short form of the scheme, which peewee takes for the name of a database."""
    short = POSTGRES_PREFIXES[1]
    return POSTGRES_PREFIXES[0] + url.removeprefix(short) if url.startswith(short) else url


def _as_peewee(error: psycopg.Error) -> pw.PeeweeException:
    for driver, own in (
        (psycopg.IntegrityError, pw.IntegrityError),
        (psycopg.DataError, pw.DataError),
        (psycopg.OperationalError, pw.OperationalError),
        (psycopg.InterfaceError, pw.InterfaceError),
    ):
        if isinstance(error, driver):
            return own(error, *error.args)
    if error.sqlstate == READ_ONLY:
        return pw.OperationalError("the server is read-only now")
    return pw.DatabaseError(error, *error.args)
