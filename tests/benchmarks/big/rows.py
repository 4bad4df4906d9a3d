"""Rows for many tables, collected and written in great batches."""

import sqlite3
from collections import defaultdict
from typing import Final

from models.base import Base

BATCH: Final = 50_000
"""Rows that are kept in memory."""


class Rows:
    """Collects rows, and writes them when there are many; nothing of it waits for the disk.

    Secondary indexes are dropped until `finish`: to sort once is many times faster than to insert in any order.

    Args:
        connection: to the database, in autocommit mode.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: defaultdict[type[Base], list[dict[str, object]]] = defaultdict(list)
        self._defaults: dict[type[Base], dict[str, object]] = {}
        self._count = 0
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        self._indexes = dict(found.fetchall())
        for name in self._indexes:
            connection.execute(f'DROP INDEX "{name}"')

    def add(self, model: type[Base], /, **values: object) -> None:
        """One more row of a table; what is not given is as the model says."""
        defaults = self._defaults.get(model)
        if defaults is None:
            defaults = self._defaults[model] = {
                field.column_name: field.default
                for field in model._meta.sorted_fields
                if field.column_name != "arrival"
            }
        self._rows[model].append(defaults | values)
        self._count += 1
        if self._count == BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        self._connection.execute("BEGIN")
        for model, rows in self._rows.items():
            names = list(rows[0])
            columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
            table = model._meta.table_name
            self._connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)  # noqa: S608 - the schema's own names
        self._connection.execute("COMMIT")
        self._rows.clear()
        self._count = 0

    def finish(self) -> None:
        """Write the rest, and make the indexes again."""
        self.flush()
        for statement in self._indexes.values():
            self._connection.execute(statement)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
