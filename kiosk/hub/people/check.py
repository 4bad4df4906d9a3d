"""Do the tables that people see equal the fold of the events? They are folded anew beside them, and compared."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

import peewee as pw

from kiosk.hub.people import generations
from kiosk.hub.people.generations import Fold, Role
from kiosk.hub.people.job import NoSuchAreaError
from kiosk.hub.people.step import take
from kiosk.hub.store import HubStore
from models.hub import HubArea
from models.hub_people import FOLDED_MODELS, HubPeople, HubPosting

MOST_DIFFERENCES = 20
"""Enough to see the pattern."""

_Row = tuple[object, ...]


@dataclass(slots=True)
class Comparison:
    """What a check found."""

    position: int = 0
    """Of the newest event that was compared."""
    rows: int = 0
    differences: list[str] = field(default_factory=list)
    """The first `MOST_DIFFERENCES`, as sentences; no names, because no table holds any."""

    @property
    def whole(self) -> bool:
        """True when the tables follow from the events."""
        return not self.differences

    def add(self, difference: str) -> None:
        """Note one."""
        if len(self.differences) < MOST_DIFFERENCES:
            self.differences.append(difference)


def check(store: HubStore, area: str) -> Comparison:
    """Fold an area's events into tables of their own, compare them with those that people see, and drop them again.

    The hub may go on serving, and its job working, meanwhile.

    Raises:
        NoSuchAreaError: there is none of this name.
    """
    with store.transaction():
        row = HubArea.get_or_none(HubArea.name == area)
        if row is None:
            raise NoSuchAreaError(area)
        fresh = generations.begin(row, Role.CHECKING)
    try:
        return _compare_when_level(store, area, fresh.generation)
    finally:
        with store.transaction():
            generations.give_up(fresh)
        while _sweep(store, fresh):
            pass


def _compare_when_level(store: HubStore, area: str, generation: int) -> Comparison:
    while True:
        with store.reading():
            live = generations.in_role(area, Role.SHOWN)
            fresh = next(fold for fold in generations.folds(area) if fold.generation == generation)
            if live is None:
                return Comparison(differences=["the tables have not been built yet"])
            if fresh.position == live.position:
                return _compare(live, fresh)
        if not take(store, fresh, live.position):
            return Comparison(differences=[f"the tables are at position {live.position}, beyond the newest event"])


def _compare(live: Fold, fresh: Fold) -> Comparison:
    found = Comparison(position=live.position)
    if live.mark != fresh.mark:
        found.add("the tables come from another history of this database")
    for model in FOLDED_MODELS:
        _compare_table(model, live, fresh, found)
    for event in _unbalanced(live):
        found.add(f"ledger: the postings of event {event} do not sum to zero")
    return found


def _compare_table(model: type[HubPeople], live: Fold, fresh: Fold, found: Comparison) -> None:
    name = str(model._meta.table_name)
    here, there = _rows(model, live), _rows(model, fresh)
    found.rows += int(here.count())
    for row in _only_in(here, there):
        found.add(f"table {name}: {row} does not follow from the events")
    for row in _only_in(there, here):
        found.add(f"table {name}: {row} follows from the events and is missing")


def _rows(model: type[HubPeople], fold: Fold) -> "pw.ModelSelect[HubPeople]":
    """The rows of a generation without its number."""
    fields = [field for field in model._meta.sorted_fields if field.name not in {"area", "generation"}]
    return model.select(*fields).where((model.area == fold.area) & (model.generation == fold.generation))


def _only_in(one: "pw.ModelSelect[HubPeople]", other: "pw.ModelSelect[HubPeople]") -> Iterable[_Row]:
    return cast("Iterable[_Row]", (one - other).limit(MOST_DIFFERENCES).tuples())


def _unbalanced(fold: Fold) -> list[str]:
    rows = (
        HubPosting.select(HubPosting.event)
        .where((HubPosting.area == fold.area) & (HubPosting.generation == fold.generation))
        .group_by(HubPosting.event)
        .having((pw.fn.SUM(HubPosting.amount) != 0) | (pw.fn.COUNT(HubPosting.account) != 2))
        .limit(MOST_DIFFERENCES)
    )
    return [str(row.event) for row in rows]


def _sweep(store: HubStore, fold: Fold) -> bool:
    with store.transaction():
        return generations.sweep(fold)
