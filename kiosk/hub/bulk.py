"""Statements written by hand, on peewee's own connection: its writing of SQL costs several times what the rows do.

For what every push does. All else is peewee's to write.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

import peewee as pw

from models.hub_base import HubBase

M = TypeVar("M", bound=HubBase)

ROWS_AT_ONCE = 64
"""Of one statement: up to 15 columns stay below the 999 values that every build of SQLite takes. By `executemany` the
driver would let go of the interpreter for each row, and get it back when another thread pleases."""


def execute(statement: str, *values: object) -> list[tuple[object, ...]]:
    """Execute a statement; its rows.

    Args:
        statement: portable between SQLite and PostgreSQL, with `?` for each value and nowhere else.
        values: text, whole numbers, bytes or None.
    """
    database = HubBase._meta.database
    cursor = database.execute_sql(_marked(statement, str(database.param)), values)
    if cursor.description is None:
        return []
    rows: list[tuple[object, ...]] = cursor.fetchall()
    return rows


@lru_cache(maxsize=64)
def _marked(statement: str, mark: str) -> str:
    return statement.replace("?", mark)


def first(model: type[M], condition: str, *values: object) -> M | None:
    """The row of a table under a condition; None when there is none.

    Args:
        model: the table.
        condition: as in `execute`; it names one row at most.
        values: of its marks.
    """
    for row in execute(_select(model, columns(model), condition), *values):
        return made(model, row)
    return None


def made(model: type[M], row: Sequence[object]) -> M:
    """A row of peewee's.

    Args:
        model: the table.
        row: all its columns, in the order in which the model declares them.
    """
    return model(**dict(zip(_names(model), row, strict=True)))


def columns(model: type[HubBase], of: str = "") -> str:
    """A table's columns as a statement names them.

    Args:
        model: the table.
        of: what the table is called there.
    """
    before = f"{of}." if of else ""
    return ", ".join(before + field.column_name for field in model._meta.sorted_fields)


@lru_cache(maxsize=64)
def _select(model: type[HubBase], names: str, condition: str) -> str:
    return f"SELECT {names} FROM {model._meta.table_name} WHERE {condition}"  # noqa: S608 - the schema's own names


def _names(model: type[HubBase]) -> list[str]:
    return [field.name for field in model._meta.sorted_fields]


def insert(model: type[HubBase], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows: with COPY where the driver has it, else many by one statement.

    Args:
        model: the table.
        rows: a value for each field, in the order in which the model declares them.

    Raises:
        peewee.IntegrityError: a row of the same key is there.
    """
    if not rows:
        return
    database = model._meta.database
    try:
        _insert_all(model, database.cursor(), rows)
    except database.connection().IntegrityError as error:  # PEP 249: every driver's connection has its errors
        raise pw.IntegrityError(*error.args) from error


def _insert_all(model: type[HubBase], cursor: Any, rows: Sequence[tuple[object, ...]]) -> None:  # noqa: ANN401 - a driver's
    copy = getattr(cursor, "copy", None)  # psycopg's
    if copy is None:
        for few in _halving(rows):
            cursor.execute(_insert(model, len(few)), list(chain.from_iterable(few)))
        return
    with copy(f"COPY {model._meta.table_name} ({columns(model)}) FROM STDIN") as copying:
        for row in rows:
            copying.write_row(row)


def insert_new(key: pw.Field, rows: Sequence[tuple[object, ...]]) -> None:
    """As `insert`, passing over rows whose key is there already.

    Args:
        key: the table's primary key.
        rows: a value for each field.
    """
    if not rows:
        return
    model = key.model
    statement = f"{_insert(model)} ON CONFLICT ({key.column_name}) DO NOTHING"
    model._meta.database.cursor().executemany(statement, rows)


def found(key: pw.Field, values: Sequence[str], *more: pw.Field) -> list[tuple[object, ...]]:
    """The rows in which a column has one of these values: that column, and more of them.

    Args:
        key: a text column.
        values: at most as many as a request has events.
        more: columns of the same table.
    """
    if not values:
        return []
    model = key.model
    names = ", ".join(field.column_name for field in (key, *more))
    marks = ", ".join([model._meta.database.param] * len(values))
    statement = _select(model, names, f"{key.column_name} IN ({marks})")
    cursor = model._meta.database.execute_sql(statement, tuple(values))
    rows: list[tuple[object, ...]] = cursor.fetchall()
    return rows


def _halving(rows: Sequence[tuple[object, ...]]) -> Iterator[Sequence[tuple[object, ...]]]:
    """All rows, in pieces of few different lengths: the driver keeps a prepared statement for each."""
    start, length = 0, ROWS_AT_ONCE
    while start < len(rows):
        while length > len(rows) - start:
            length //= 2
        yield rows[start : start + length]
        start += length


def _insert(model: type[HubBase], rows: int = 1) -> str:
    return _insert_written(model, model._meta.database.param, rows)


@lru_cache(maxsize=64)
def _insert_written(model: type[HubBase], mark: str, rows: int) -> str:
    marks = ", ".join([mark] * len(model._meta.sorted_fields))
    values = ", ".join([f"({marks})"] * rows)
    return f"INSERT INTO {model._meta.table_name} ({columns(model)}) VALUES {values}"  # noqa: S608 - the schema's own names
