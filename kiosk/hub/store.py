"""The hub's database: opened by URL, checked, and used in transactions."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee as pw

from models.hub import HUB_MODELS, SCHEMA_VERSION, HubState

DEFAULT_NAME = "初心驿站 · 上级"
ACCEPTED = "sqlite:///FILE, or sqlite:////ABSOLUTE/FILE"

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged event survives a power cut
    "busy_timeout": 5000,
    "secure_delete": 1,  # an erased personal record must not stay in free pages
    "cache_size": -16384,
}


class HubDatabaseError(Exception):
    """The database cannot be used; the message says what was found and what is accepted."""


_one_at_a_time = threading.RLock()
"""SQLite has one writer, and binding models to a database is for the whole process."""


class HubStore:
    """One open hub database, for any number of threads.

    Args:
        url: `sqlite:///FILE`.
        name: what a new hub is called.

    Raises:
        HubDatabaseError: the URL names nothing usable, or a newer version wrote the database.
    """

    def __init__(self, url: str, *, name: str = DEFAULT_NAME) -> None:
        self.url = url
        self.database = _open(url)
        try:
            with self.transaction():
                self._prepare(name)
        except pw.DatabaseError as error:
            self.close()
            raise HubDatabaseError(f"The hub's database {url} cannot be used: {error}.") from None
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction with the models bound to this database; committed, with an fsync, when the block ends."""
        with _one_at_a_time:
            if self.database.is_closed():
                self.database.connect()
            with self.database.bind_ctx(HUB_MODELS), self.database.atomic(*self._begin()):
                yield

    def state(self) -> HubState:
        """The hub's identity and keys; inside a transaction."""
        state: HubState = HubState.get()
        return state

    def close(self) -> None:
        """Close the connection."""
        with _one_at_a_time:
            if not self.database.is_closed():
                self.database.close()

    def _begin(self) -> tuple[str, ...]:
        # A reader that becomes a writer half-way would fail at once while another process writes.
        return () if self.database.in_transaction() else ("IMMEDIATE",)

    def _prepare(self, name: str) -> None:
        """Make the tables of a new database; refuse those of a newer version."""
        if self.database.table_exists("hub_state"):
            found = self.state().schema
            if found > SCHEMA_VERSION:
                raise HubDatabaseError(
                    f"The hub's database {self.url} was written by a newer version of this software (its tables "
                    f"are version {found}, this one knows up to {SCHEMA_VERSION}). Install that version; nothing was "
                    "changed."
                )
            if found < SCHEMA_VERSION:
                # So far each version only added tables, and those that are there stay as they are.
                self.database.create_tables(HUB_MODELS)
                HubState.update(schema=SCHEMA_VERSION).execute()
            return
        self.database.create_tables(HUB_MODELS)
        HubState.create(
            id=1, schema=SCHEMA_VERSION, name=name, signing_seed=os.urandom(32).hex(), sealing_key=os.urandom(32).hex()
        )


def _open(url: str) -> pw.SqliteDatabase:
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or not path:
        raise HubDatabaseError(f"The hub's database: found {url!r}; accepted is {ACCEPTED}.")
    if path == ":memory:":
        return _shared(path)
    file = Path(path)
    if not file.parent.is_dir():
        raise HubDatabaseError(f"The hub's database: there is no folder {file.parent}.")
    if not file.exists():
        # It holds the hub's keys.
        try:
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise HubDatabaseError(f"The hub's database {url} cannot be made: {error.strerror}.") from None
    return _shared(path)


def _shared(path: str) -> pw.SqliteDatabase:
    """One connection that all threads use, one at a time: what is in its cache is there for all of them."""
    return pw.SqliteDatabase(path, pragmas=PRAGMAS, thread_safe=False, check_same_thread=False)
