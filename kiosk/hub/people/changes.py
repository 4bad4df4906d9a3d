"""What a step changes in the tables: rows that go, by key, and rows that come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import peewee as pw

from kiosk.hub import bulk
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
    where = " AND ".join(f"{name} = {database.param}" for name in ("area", "generation", *change.by))
    statement = f"DELETE FROM {change.model._meta.table_name} WHERE {where}"  # noqa: S608 - the schema's own names
    cursor = database.cursor()  # type: ignore[no-untyped-call]  # peewee has no annotation for it
    cursor.executemany(statement, [(area, generation, *key) for key in change.keys])


def _insert(change: Change, area: str, generation: int) -> None:
    names = [name for name in change.model._meta.sorted_field_names if name not in {"area", "generation"}]
    bulk.insert(change.model, [(area, generation, *(row[name] for name in names)) for row in change.rows])
