"""Many rows by one statement, on peewee's own connection: its writing of SQL costs several times what the rows do."""

from collections.abc import Sequence

import peewee as pw

from models.hub_base import HubBase


def insert(model: type[HubBase], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows: with COPY where the driver has it, else by one prepared statement.

    Args:
        model: the table.
        rows: a value for each field, in the order in which the model declares them.
    """
    if not rows:
        return
    cursor = model._meta.database.cursor()
    columns = ", ".join(_columns(model))
    copy = getattr(cursor, "copy", None)  # psycopg's
    if copy is None:
        cursor.executemany(_insert(model, columns), rows)
        return
    with copy(f"COPY {model._meta.table_name} ({columns}) FROM STDIN") as copying:
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
    statement = f"{_insert(model, ', '.join(_columns(model)))} ON CONFLICT ({key.column_name}) DO NOTHING"
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
    statement = f"SELECT {names} FROM {model._meta.table_name} WHERE {key.column_name} IN ({marks})"  # noqa: S608 - the schema's own names
    cursor = model._meta.database.execute_sql(statement, tuple(values))
    rows: list[tuple[object, ...]] = cursor.fetchall()
    return rows


def _columns(model: type[HubBase]) -> list[str]:
    return [field.column_name for field in model._meta.sorted_fields]


def _insert(model: type[HubBase], columns: str) -> str:
    marks = ", ".join([model._meta.database.param] * len(model._meta.sorted_fields))
    return f"INSERT INTO {model._meta.table_name} ({columns}) VALUES ({marks})"  # noqa: S608 - the schema's own names
