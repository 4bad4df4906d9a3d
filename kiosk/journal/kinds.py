"""What an event of each kind means: its body, its writer and what it does to the tables."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from kiosk.journal.envelope import Event

B = TypeVar("B", bound=msgspec.Struct)

HUB_PREFIX = "hub:"


class Writer(Enum):
    """Who may write a kind."""

    STATION = "station"
    HUB = "hub"
    ANY = "any"

    def admits(self, origin: str) -> bool:
        """Whether an event of this origin may be of a kind with this writer."""
        if self is Writer.ANY:
            return True
        return origin.startswith(HUB_PREFIX) == (self is Writer.HUB)


class Scope(Enum):
    """Who gets to see a kind: every station of the area, or the hub alone."""

    AREA = "area"
    HUB = "hub"


class Kind(Struct, Generic[B], frozen=True):
    """One kind of event.

    Args:
        name: such as "checkin.recorded".
        body: the body's type; it grows by addition only.
        writer: who may write it; an event of a wrong writer is kept for a person and never applied.
        scope: who gets it.
        apply: writes the projection rows of the event's own subject, from the event and those rows alone.
        version: of the body's meaning.
    """

    name: str
    body: type[B]
    writer: Writer
    scope: Scope
    apply: Callable[[Event, B], None]
    version: int = 1

    def run(self, event: Event) -> None:
        """Decode the body and apply the event.

        Raises:
            msgspec.ValidationError: the body is not of the kind's shape.
        """
        self.apply(event, msgspec.json.decode(event.body, type=self.body))


class Feature(Struct, frozen=True):
    """A feature's kinds, and how to clear its rows of a subject before a rebuild.

    Args:
        kinds: all kinds of the feature.
        clear: by subject type, a function that deletes this feature's rows of one subject id.
    """

    kinds: tuple[Kind[Any], ...]
    clear: Mapping[str, Callable[[str], None]] = {}


class Registry:
    """All kinds that this version knows."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self._by_name: dict[str, Kind[Any]] = {}
        self._by_body: dict[type[msgspec.Struct], Kind[Any]] = {}
        self._clear: dict[str, list[Callable[[str], None]]] = {}
        for feature in features:
            for kind in feature.kinds:
                if kind.name in self._by_name or kind.body in self._by_body:
                    raise ValueError(f"the kind {kind.name} or its body is declared twice")
                self._by_name[kind.name] = kind
                self._by_body[kind.body] = kind
            for subject_type, clear in feature.clear.items():
                self._clear.setdefault(subject_type, []).append(clear)

    def named(self, name: str) -> Kind[Any] | None:
        """The kind of this name, or None when this version does not know it."""
        return self._by_name.get(name)

    def of_body(self, body: msgspec.Struct) -> Kind[Any]:
        """The kind whose body this is.

        Raises:
            KeyError: no feature declares it.
        """
        return self.of_type(type(body))

    def of_type(self, body: type[msgspec.Struct]) -> Kind[Any]:
        """The kind whose bodies are of this type.

        Raises:
            KeyError: no feature declares it.
        """
        return self._by_body[body]

    def names(self) -> frozenset[str]:
        """The names of all kinds."""
        return frozenset(self._by_name)

    def clear(self, subject_type: str, subject_id: str) -> None:
        """Delete every feature's rows of one subject."""
        for clear in self._clear.get(subject_type, ()):
            clear(subject_id)
