"""What a step changes in the tables: rows that go, by key, and rows that come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import peewee as pw

from models.hub_people import HubPeople

Row = dict[str, object]
"""Columns of a table but area and generation."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one table to be replaced."""

    model: type[HubPeople]
    by: tuple[str, ...]
    """Columns of the keys."""
    keys: Sequence[tuple[object, ...]]
    """Rows with one of these go."""
    rows: Sequence[Row] = field(default=())
    """These come."""


def write(changes: Iterable[Change], area: str, generation: int) -> None:
    """Make changes in one generation of an area's tables; inside a transaction."""
    for change in changes:
        _delete(change, area, generation)
        _insert(change, area, generation)


def _delete(change: Change, area: str, generation: int) -> None:
    if not change.keys:
        return
    database: pw.Database = change.model._meta.database
    where = " AND ".join(f'"{name}" = {database.param}' for name in ("area", "generation", *change.by))
    _many(
        database,
        f"DELETE FROM {change.model._meta.table_name} WHERE {where}",  # noqa: S608 - the schema's own names
        [(area, generation, *key) for key in change.keys],
    )


def _insert(change: Change, area: str, generation: int) -> None:
    """By one prepared statement: peewee's own insert of many spends most of its time on writing SQL."""
    if not change.rows:
        return
    database: pw.Database = change.model._meta.database
    names = [name for name in change.model._meta.sorted_field_names if name not in {"area", "generation"}]
    columns = ", ".join(f'"{name}"' for name in ("area", "generation", *names))
    marks = ", ".join([database.param] * (len(names) + 2))
    _many(
        database,
        f"INSERT INTO {change.model._meta.table_name} ({columns}) VALUES ({marks})",  # noqa: S608 - as above
        [(area, generation, *(row[name] for name in names)) for row in change.rows],
    )


def _many(database: pw.Database, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    cursor = database.cursor()  # type: ignore[no-untyped-call]  # peewee has no annotation for it
    cursor.executemany(statement, rows)
