"""Generations of an area's tables: which is shown, which is built beside it, and which may go."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import peewee as pw

from kiosk.hub.people.chunk import mark_at
from kiosk.hub.people.exceptions import unknown_kinds
from kiosk.hub.streams import known_kinds
from kiosk.system.clock import iso
from models.hub import HubArea
from models.hub_people import FOLDED_MODELS, HubFold, HubFoldLease, HubPeople

RULES = 4
"""Version of what the tables hold. A change of tables or rules is a new number: every area is built anew then."""
CHECK_FOR = timedelta(hours=1)
"""A check that has not moved for so long has died."""
SWEPT_ROWS = 2000
"""Deleted at once of a generation that nobody needs: as small as a step."""


class Role(StrEnum):
    """What a generation is for."""

    SHOWN = "shown"
    """People see it."""
    BUILDING = "building"
    """It will be shown once it has come to the newest event."""
    CHECKING = "checking"
    """Built to be compared with the one that is shown."""
    OLD = "old"
    """Nobody needs it; its rows are deleted piece by piece."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One generation, as it was when it was read."""

    area: str
    generation: int
    role: Role
    position: int
    mark: str
    epoch: str
    version: int
    held_until: str | None


def folds(area: str) -> list[Fold]:
    """An area's generations, oldest first. Inside a transaction."""
    return [_of(row) for row in HubFold.select().where(HubFold.area == area).order_by(HubFold.generation)]


def in_role(area: str, role: Role) -> Fold | None:
    """The newest generation of an area in a role. Inside a transaction."""
    return next((fold for fold in reversed(folds(area)) if fold.role is role), None)


def lock(area: str, generation: int) -> Fold | None:
    """A generation, locked until the transaction ends; None when it is gone."""
    mine = (HubFold.area == area) & (HubFold.generation == generation)
    # An update, because that locks the row on every database.
    HubFold.update(position=HubFold.position).where(mine).execute()
    row = HubFold.get_or_none(mine)
    return None if row is None else _of(row)


def begin(area: HubArea, role: Role) -> Fold:
    """A new, empty generation; an earlier one that was being built is given up. Inside a transaction."""
    HubFoldLease.insert(area=area.name).on_conflict_ignore().execute()
    HubFoldLease.update(generation=HubFoldLease.generation + 1).where(HubFoldLease.area == area.name).execute()
    generation = int(HubFoldLease.get(HubFoldLease.area == area.name).generation)
    if role is Role.BUILDING:
        building = (HubFold.area == area.name) & (HubFold.role == Role.BUILDING.value)
        HubFold.update(role=Role.OLD.value).where(building).execute()
    row = HubFold.create(
        area=area.name,
        generation=generation,
        role=role.value,
        epoch=area.epoch,
        version=RULES,
        held_until=iso(datetime.now(UTC) + CHECK_FOR) if role is Role.CHECKING else None,
    )
    return _of(row)


def advance(fold: Fold, position: int, mark: str) -> None:
    """Note how far a locked generation has come."""
    changed = {"position": position, "mark": mark}
    if fold.role is Role.CHECKING:
        changed["held_until"] = iso(datetime.now(UTC) + CHECK_FOR)
    HubFold.update(changed).where(_key(fold)).execute()


def show(fold: Fold) -> None:
    """Let people see a generation from now on, instead of the one before. Inside a transaction."""
    shown = (HubFold.area == fold.area) & (HubFold.role == Role.SHOWN.value)
    HubFold.update(role=Role.OLD.value).where(shown).execute()
    HubFold.update(role=Role.SHOWN.value).where(_key(fold)).execute()


def give_up(fold: Fold) -> None:
    """Nobody needs this generation. Inside a transaction."""
    HubFold.update(role=Role.OLD.value).where(_key(fold)).execute()


def is_sound(fold: Fold, area: HubArea) -> bool:
    """Whether a generation may go on from where it is: the events that it has come to are still the same ones."""
    if fold.position == 0:
        return True
    return fold.position <= area.position and mark_at(area.name, fold.position) == fold.mark


def is_of_today(fold: Fold, area: HubArea) -> bool:
    """Whether a generation need not be built anew: no other epoch has begun, and no rule or kind is new since."""
    if fold.epoch != area.epoch or fold.version != RULES:
        return False
    names = known_kinds().names()
    return not any(kind in names for kind in unknown_kinds(fold.area, fold.generation))


def condemn(fold: Fold) -> None:
    """A generation cannot go on: something that is no step has changed its rows. People see it until there is another.

    Inside a transaction.
    """
    HubFold.update(mark="condemned").where(_key(fold)).execute()


def has_died(fold: Fold, now: datetime) -> bool:
    """Whether a check was left by who began it."""
    return fold.role is Role.CHECKING and (fold.held_until or "") < iso(now)


def sweep(fold: Fold) -> bool:
    """Delete a piece of an old generation; False when this was the last of it. Inside a transaction."""
    for model in FOLDED_MODELS:
        if _sweep(model, fold):
            return True
    HubFold.delete().where(_key(fold)).execute()
    return False


def _sweep(model: type[HubPeople], fold: Fold) -> bool:
    """Delete the first rows by key: every database can do that with its index."""
    mine = (model.area == fold.area) & (model.generation == fold.generation)
    key: pw.Field = model._meta.fields[model.KEY[0]]
    last = model.select(key).where(mine).order_by(key).offset(SWEPT_ROWS - 1).limit(1).scalar()
    upto = mine if last is None else mine & (key <= last)
    return bool(model.delete().where(upto).execute())


def _key(fold: Fold) -> object:
    return (HubFold.area == fold.area) & (HubFold.generation == fold.generation)


def _of(row: HubFold) -> Fold:
    return Fold(
        row.area,
        int(row.generation),
        Role(row.role),
        int(row.position),
        row.mark,
        row.epoch,
        int(row.version),
        row.held_until,
    )
