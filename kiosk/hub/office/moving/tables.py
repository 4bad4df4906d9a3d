"""Which rows of which tables are an area's: what goes along when it moves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, cast

import peewee as pw

from models.hub import (
    HubArea,
    HubBox,
    HubChain,
    HubErased,
    HubEvent,
    HubGap,
    HubQuarantine,
    HubQuarantineSeen,
    HubRecord,
    HubStation,
)
from models.hub_base import HubBase

AT_ONCE: Final = 1000
"""Rows written or read at once."""

MOVED: Final[Sequence[type[HubBase]]] = (
    HubArea,
    HubStation,
    HubBox,
    HubEvent,
    HubRecord,
    HubErased,
    HubChain,
    HubQuarantine,
    HubQuarantineSeen,
    HubGap,
)
"""Tables whose rows of the area go along. The tables for people are built anew there; the rest is each hub's own."""


FOUND_BY_OTHERS: Final = (HubRecord, HubErased, HubChain, HubArea)
"""Found by rows of other tables, or finding them."""
AREA_COLUMNS: Final[Mapping[type[HubBase], str]] = {HubArea: "name"} | {
    model: "area" for model in MOVED if model not in FOUND_BY_OTHERS
}


def rows_of(model: type[HubBase], area: str) -> Iterator[tuple[object, ...]]:
    """All rows of an area, by key, page by page: no driver then holds a whole table in memory."""
    keys = _keys(model)
    last: tuple[object, ...] | None = None
    while True:
        page = model.select().where(selection(model, area))
        if last is not None:
            page = page.where(_behind(keys, last))
        rows = list(cast("Iterable[tuple[object, ...]]", page.order_by(*keys).limit(AT_ONCE).tuples()))
        yield from rows
        if len(rows) < AT_ONCE:
            return
        # By name: fields compare with anything, as a piece of SQL that is always true.
        place = [model._meta.sorted_field_names.index(key.name) for key in keys]
        last = tuple(rows[-1][index] for index in place)


def _behind(keys: Sequence[pw.Field], last: Sequence[object]) -> object:
    """(a, b) > (x, y), written so that every database uses its index."""
    condition: object = keys[-1] > last[-1]
    for key, value in reversed(list(zip(keys[:-1], last[:-1], strict=True))):
        condition = (key > value) | ((key == value) & condition)
    return condition


def _keys(model: type[HubBase]) -> list[pw.Field]:
    if model is HubEvent:
        return [HubEvent.position]  # the area's own order, and its index
    key = model._meta.primary_key
    names = key.field_names if isinstance(key, pw.CompositeKey) else [str(getattr(key, "name", ""))]
    return [model._meta.fields[name] for name in names]


def selection(model: type[HubBase], area: str, *, early: bool = True) -> object:
    """Which rows of a table are an area's.

    Args:
        model: the table.
        area: the area.
        early: with those of which nobody can tell: a person was erased before the event with the record has come.
    """
    if model in (HubRecord, HubErased):
        # As a question about each row, so that a page costs its own rows and not all events of the area.
        stored = HubEvent.select(HubEvent.id).where(HubEvent.id == model._meta.fields["event"])
        mine = pw.fn.EXISTS(stored.where(HubEvent.area == area))
        return mine | ~pw.fn.EXISTS(stored) if model is HubErased and early else mine
    if model is HubChain:
        return HubChain.origin.in_(HubBox.select(HubBox.origin).where(HubBox.area == area))
    return model._meta.fields[AREA_COLUMNS[model]] == area


def table_of(model: type[HubBase]) -> str:
    """A table's name."""
    return str(model._meta.table_name)


def columns_of(model: type[HubBase]) -> list[str]:
    """A table's columns, in the order in which the model declares them."""
    return [field.column_name for field in model._meta.sorted_fields]
