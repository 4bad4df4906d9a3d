"""A parsed settings table against its shape: every mistake with its key, what was found and what is accepted."""

from collections.abc import Mapping
from typing import TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta

S = TypeVar("S", bound=msgspec.Struct)


def check_shape(shape: type[S], table: object, where: str, mistakes: list[str]) -> None:
    """Note every mistake of a table, and of the tables inside it.

    Args:
        shape: the struct that it must fit.
        table: as TOML has it.
        where: its key; "" for the whole file.
        mistakes: gets a line for each.
    """
    if not isinstance(table, Mapping):
        mistakes.append(f"{where}: found {shown(table)}; accepted is a table")
        return
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    mistakes.extend(
        f"{_join(where, key)}: unknown key; accepted are {', '.join(fields)}" for key in table if key not in fields
    )
    for name, field in fields.items():
        key = _join(where, name)
        if name in table:
            _check_value(field.type, table[name], key, mistakes)
        elif field.required:
            mistakes.append(f"{key}: missing; accepted is {_accepted(field.type)}")


def _check_value(kind: object, value: object, key: str, mistakes: list[str]) -> None:
    shape = _struct_in(kind)
    if shape is not None:
        check_shape(shape, value, key, mistakes)
    elif get_origin(kind) is list and isinstance(value, list):
        (item,) = get_args(kind)
        for number, entry in enumerate(value):
            _check_value(item, entry, f"{key}[{number}]", mistakes)
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            mistakes.append(f"{key}: found {shown(value)}; accepted is {_accepted(kind)}")


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    for part in (kind, *get_args(kind)):
        if isinstance(part, type) and issubclass(part, msgspec.Struct) and get_origin(kind) is not list:
            return part
    return None


def _accepted(kind: object) -> str:
    for part in (meta for option in (kind, *get_args(kind)) for meta in get_args(option)):
        if isinstance(part, Meta) and isinstance(part.description, str):
            return part.description
    if _struct_in(kind) is not None or get_origin(kind) is list:
        return "a table" if get_origin(kind) is not list else "a list of tables"
    return {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}.get(
        kind if isinstance(kind, type) else object, "another value"
    )


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def shown(value: object) -> str:
    """A value as it was found, not longer than a line has room for."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
