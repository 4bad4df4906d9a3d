"""Areas that are closed at a hub, opened again, or removed from it piece by piece."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import peewee as pw

from kiosk.hub import streams
from kiosk.hub.office.deeds import OfficeError, no_area
from kiosk.hub.office.moving.tables import FOUND_BY_OTHERS, MOVED, selection
from kiosk.hub.stations import moved_to
from kiosk.hub.store import HubStore
from models.hub import HubArea, HubChain, HubErased, HubEvent, HubMoved, HubRecord
from models.hub_base import HubBase

REMOVED_AT_ONCE = 1000
"""Events deleted in one transaction: a tenth of a second or so, in which others wait."""
BEING_IMPORTED: Final = "this hub, which is still reading its file"
"""Where an area is served of which not all is here yet."""


def close_area(store: HubStore, area: str, where: str) -> None:
    """Serve an area no more: stations are told to try later, and keep what they have.

    Raises:
        OfficeError: there is no such area.
    """
    with store.transaction():
        _locked(area)
        check_imported(area)
        HubMoved.delete().where(HubMoved.area == area).execute()
        HubMoved.create(area=area, moved_to=where, closed_at=streams.now())


def open_area(store: HubStore, area: str) -> None:
    """Serve a closed area again: it has not moved after all.

    Raises:
        OfficeError: there is no such area, it is open, or half removed.
    """
    with store.transaction():
        _locked(area)
        check_whole(area)
        if not HubMoved.delete().where(HubMoved.area == area).execute():
            raise OfficeError(f"The area {area} is open.")


def remove_area(store: HubStore, area: str) -> None:
    """Delete a closed area with everything in it, once the other hub has it. What was broken off is gone on with.

    Raises:
        OfficeError: there is no such area, or it is open.
    """
    more = True
    while more:
        with in_turn():
            more = remove_piece(store, area)
    with store.transaction():
        _locked_and_closed(area)
        # What refers to events goes before them, and the area itself last: it is what the others are found by.
        others = [model for model in MOVED if model not in FOUND_BY_OTHERS]
        order: list[type[HubBase]] = [HubRecord, HubErased, HubChain, *others, HubArea]
        for model in order:
            model.delete().where(selection(model, area, early=False)).execute()
        HubMoved.delete().where(HubMoved.area == area).execute()


def remove_piece(store: HubStore, area: str) -> bool:
    """Delete the first events of a closed area, with their records, so that nobody has to wait for all of it.

    Returns:
        Whether there may be more.

    Raises:
        OfficeError: there is no such area, or it is open.
    """
    with store.transaction():
        _locked_and_closed(area)
        first = HubEvent.select(pw.fn.MIN(HubEvent.position)).where(HubEvent.area == area).scalar()
        if first is None:
            return False
        piece = (HubEvent.area == area) & (HubEvent.position < int(first) + REMOVED_AT_ONCE)
        ids = HubEvent.select(HubEvent.id).where(piece)
        for model in (HubRecord, HubErased):
            model.delete().where(model._meta.fields["event"].in_(ids)).execute()
        HubEvent.delete().where(piece).execute()
        return True


def _locked_and_closed(area: str) -> None:
    _locked(area)
    if moved_to(area) is None:
        raise OfficeError(f"The area {area} is open; close it first, and remove it when the other hub serves it.")


def check_whole(area: str) -> None:
    """All of an area is here. Inside a transaction.

    Positions begin at 1 and have no gaps: an area that has come further and lacks the first one is half gone.

    Raises:
        OfficeError: it is half gone, or half here.
    """
    check_imported(area)
    come_to = int(HubArea.get(HubArea.name == area).position)
    if come_to and not HubEvent.select().where((HubEvent.area == area) & (HubEvent.position == 1)).exists():
        raise OfficeError(f"The area {area} is being removed: `kiosk hub area remove {area} --yes` goes on with it.")


def check_imported(area: str) -> None:
    """Not all of an area is here yet, or its import was broken off. Inside a transaction.

    Raises:
        OfficeError: it is so.
    """
    if moved_to(area) == BEING_IMPORTED:
        raise OfficeError(
            f"The area {area} is being imported. If that was broken off, `kiosk hub area remove {area} --yes` removes "
            "what is here of it, and it can be imported again."
        )


@contextmanager
def in_turn() -> Iterator[None]:
    """Leave a SQLite file to its hub for as long as it was written to: who waits for it only looks now and then."""
    began = time.perf_counter()
    yield
    time.sleep(time.perf_counter() - began)


def _locked(area: str) -> HubArea:
    try:
        return streams.lock_area(area)
    except pw.DoesNotExist:
        raise OfficeError(no_area(area, makeable=False)) from None
