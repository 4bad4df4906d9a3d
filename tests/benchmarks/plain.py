"""What the hub's speed is measured against: the driver alone writes the same rows into the hub's own table.

It is the most that plain `sqlite3` and `psycopg` do with these bytes: the very rows that the hub will store, as tuples
made before, by `executemany`, into a table with the three indexes that the hub's has (the id, the position in the area,
the place in the chain), on the same file system. Each commit is as durable as the hub's: 500 rows, in WAL mode with
`synchronous=FULL`, or with PostgreSQL's fsync and `synchronous_commit=on`. Nothing is read, checked, hashed, sent or
answered. Row by row, as a small program would do it, `sqlite3` needs a tenth more time; with the hub's larger cache and
`secure_delete`, the same; with its log put into the file as rarely as the hub's, on a busy disk, a fifth less.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from kiosk.hub.store import HubStore
from kiosk.sync.wire import MAX_EVENTS
from models.hub import HubEvent

Row = tuple[object, ...]

COLUMNS: Final = [field.column_name for field in HubEvent._meta.sorted_fields]


def insert_into_sqlite(url: str, rows: Sequence[Row]) -> float:
    """Insert as many rows a commit as a request has; seconds.

    Args:
        url: of a new file, that the hub makes its tables in.
        rows: the columns of `HubEvent`.
    """
    HubStore(url).close()
    statement = _statement("?")
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        began = time.perf_counter()
        for batch in _batches(rows):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, batch)
            connection.execute("COMMIT")
        return time.perf_counter() - began


def insert_into_postgresql(url: str, rows: Sequence[Row]) -> float:
    """As `insert_into_sqlite`, with psycopg's `executemany`."""
    import psycopg

    HubStore(url).close()
    statement = _statement("%s")
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        began = time.perf_counter()
        for batch in _batches(rows):
            cursor.executemany(statement.encode(), batch)
            connection.commit()
        return time.perf_counter() - began


def _statement(mark: str) -> str:
    marks = ", ".join([mark] * len(COLUMNS))
    return f"INSERT INTO hub_event ({', '.join(COLUMNS)}) VALUES ({marks})"  # noqa: S608 - the schema's own names


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + MAX_EVENTS] for start in range(0, len(rows), MAX_EVENTS))
