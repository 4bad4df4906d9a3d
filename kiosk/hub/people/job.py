"""The job that keeps the tables level with the events, and builds them anew. It can be ended at any moment."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

import peewee as pw

from kiosk.hub.people import doubles, generations
from kiosk.hub.people.generations import RULES, Fold, Role
from kiosk.hub.people.lease import Leases
from kiosk.hub.people.step import take
from kiosk.hub.people.twins import Twins
from kiosk.hub.store import HubStore
from kiosk.system.clock import iso
from models.hub import HubArea
from models.hub_people import HubFold

log = logging.getLogger(__name__)

_Fold = tuple[str, str, int, str, int, str | None]
"""Area, role, position, epoch, version, held until."""


class NoSuchAreaError(Exception):
    """There is no such area at this hub; the message says so."""

    def __init__(self, area: str) -> None:
        super().__init__(f"There is no area {area} at this hub; adding its first station makes it.")


class NewerTablesError(Exception):
    """A newer version of this software keeps these tables; the message says so."""

    def __init__(self, area: str) -> None:
        super().__init__(f"A newer version of this software keeps the lists of {area}; use that version.")


class PeopleJob:
    """Works at all areas of a hub, one small piece after the other. One thread at a time.

    Args:
        store: the hub's database.
        settles: also merge persons enrolled twice and take back what they were given twice, by events of the hub; who
            only wants to see the tables writes none.
    """

    def __init__(self, store: HubStore, *, settles: bool = True) -> None:
        self._store = store
        self._settles = settles
        self._leases = Leases(store)
        self._twins = Twins()
        self.newest = 0
        """How many events there were in all areas, when `work` looked last."""
        self._known: set[str] = set()
        """Areas whose shown tables are known to be of today's kinds: asked once, because only an upgrade changes it."""

    def work(self) -> bool:
        """Do a piece of work in each area that has any; False when everything is level.

        A defect that shows in one area is logged and keeps no other area waiting.

        Raises:
            peewee.PeeweeException: the database does not answer, or a table cannot be written. Nothing is half done.
        """
        with self._store.reading():
            areas = _areas()
            waiting = _waiting(areas, self._known)
        self.newest = sum(position for position, _ in areas.values())
        worked = [area for area in waiting if self._work_apart(area)]
        return bool(worked)

    def _work_apart(self, area: str) -> bool:
        try:
            return self.work_at(area)
        except pw.PeeweeException:
            raise
        except Exception:
            log.exception("the tables for people of %s stand still", area)
            return False

    def work_at(self, area: str) -> bool:
        """Do a piece of work in one area; False when there is none, or another process sees to it."""
        if not self._leases.claim(area):
            self._known.discard(area)
            return False
        with self._store.reading():
            row = HubArea.get_or_none(HubArea.name == area)
            held = generations.folds(area)
        if row is None:
            return self._forget(held)
        return self._keep_up(row, held) or self._tidy(held)

    def level(self, area: str) -> None:
        """Work until an area's shown tables are level with its events and nothing is being built."""
        while self.work_at(area):
            pass

    def rebuild(self, area: str) -> Fold:
        """Begin to build an area's tables anew; `work` goes on with it, here or in another process.

        Raises:
            NoSuchAreaError: there is none of this name.
            NewerTablesError: this version would undo a newer one's work.
        """
        with self._store.transaction():
            row = HubArea.get_or_none(HubArea.name == area)
            if row is None:
                raise NoSuchAreaError(area)
            if any(fold.version > RULES for fold in generations.folds(area)):
                raise NewerTablesError(area)
            return generations.begin(row, Role.BUILDING)

    def close(self) -> None:
        """Let other processes go on at once."""
        self._leases.release()

    def _keep_up(self, area: HubArea, held: Iterable[Fold]) -> bool:
        """Take the shown tables further, then those that are being built, or begin to build."""
        by_role = {fold.role: fold for fold in held}
        shown, building = by_role.get(Role.SHOWN), by_role.get(Role.BUILDING)
        if any(fold is not None and fold.version > RULES for fold in (shown, building)):
            return False  # a newer version of this software works here; this one would undo its work
        with self._store.reading():
            sound = shown is not None and generations.is_sound(shown, area)
            good = shown is not None and sound and generations.is_of_today(shown, area)
            going = building is not None and generations.is_sound(building, area) and building.epoch == area.epoch
        if shown is not None and sound and self._advance(shown):
            self._settle(area.name)
            return True
        if building is not None and going and building.version == RULES:
            worked = self._advance(building) or self._show(building)
            self._settle(area.name)
            return worked
        if not good or building is not None:
            self.rebuild(area.name)
            return True
        if self._settle(area.name):
            return True
        self._known.add(area.name)
        return False

    def _settle(self, area: str) -> bool:
        """See to a piece of what persons enrolled twice were given twice; whether there is more, in what is shown."""
        if not self._settles:
            return False
        with self._store.reading():
            shown = generations.in_role(area, Role.SHOWN)
        if shown is not None:
            self._twins.settle(self._store, shown)
        more = shown is not None and doubles.settle(self._store, shown)
        if more:
            self._known.discard(area)  # so that `work` comes back to it when the tables are level
        return more

    def _advance(self, fold: Fold) -> bool:
        try:
            return take(self._store, fold)
        except pw.IntegrityError as error:
            # Rows stand where none could: the tables were changed by hand, or the disk has damaged them.
            log.error("the tables for people of %s are damaged: %s; they are built anew", fold.area, error)
            with self._store.transaction():
                if fold.role is Role.BUILDING:
                    generations.give_up(fold)
                else:
                    generations.condemn(fold)
            if fold.role is Role.BUILDING:
                raise
            return True

    def _show(self, fold: Fold) -> bool:
        """Show a generation to which nothing was left to add; an event that comes now is added to it when shown."""
        with self._store.transaction():
            now = generations.lock(fold.area, fold.generation)
            if now is not None and now.role is Role.BUILDING:
                generations.show(now)
        return True

    def _tidy(self, held: Iterable[Fold]) -> bool:
        """Delete a piece of what nobody needs."""
        now = datetime.now(UTC)
        for fold in held:
            if fold.role is Role.OLD or generations.has_died(fold, now):
                with self._store.transaction():
                    if fold.role is not Role.OLD:
                        generations.give_up(fold)
                    generations.sweep(fold)
                return True
        return False

    def _forget(self, held: Iterable[Fold]) -> bool:
        """The area is at this hub no more."""
        with self._store.transaction():
            for fold in held:
                generations.give_up(fold)
        return self._tidy(generations_of(self._store, held))


def generations_of(store: HubStore, held: Iterable[Fold]) -> list[Fold]:
    """Generations as they are now."""
    with store.reading():
        return [fold for area in sorted({fold.area for fold in held}) for fold in generations.folds(area)]


def _areas() -> dict[str, tuple[int, str]]:
    """Newest position and epoch of each area. Inside a transaction."""
    rows = HubArea.select(HubArea.name, HubArea.position, HubArea.epoch).tuples()
    return {name: (position, epoch) for name, position, epoch in cast("Iterable[tuple[str, int, str]]", rows)}


def _waiting(areas: dict[str, tuple[int, str]], known: set[str]) -> list[str]:
    """Areas with something to do, as far as two small tables tell. Inside a transaction.

    Args:
        areas: newest position and epoch.
        known: areas whose shown tables are known to be of today's kinds.
    """
    found, now = set(areas) - known, iso(datetime.now(UTC))
    columns = (HubFold.area, HubFold.role, HubFold.position, HubFold.epoch, HubFold.version, HubFold.held_until)
    shown = set()
    for area, role, position, epoch, version, held_until in cast("Iterable[_Fold]", HubFold.select(*columns).tuples()):
        if role == Role.SHOWN and area in areas:
            shown.add(area)
            if (position, epoch) != areas[area] or version != RULES:
                found.add(area)
        elif role != Role.CHECKING or (held_until or "") < now:
            found.add(area)
    return sorted(found | (set(areas) - shown))
