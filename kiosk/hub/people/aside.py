"""What stations sent that is no event, for a person to look at: it stands outside the journal, with its bytes.

That somebody looked at it stands beside it, at the hub alone: the thing itself is kept, and there may be no event of it
to tell stations about.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import peewee as pw

from kiosk.hub import streams
from kiosk.hub.office.deeds import checked
from kiosk.hub.people.oddities import ID_DIGITS
from kiosk.hub.people.views import PER_PAGE, codes
from kiosk.hub.store import HubStore
from models.hub import HubQuarantine, HubQuarantineSeen


@dataclass(frozen=True, slots=True)
class QuarantinedLine:
    """One of them."""

    id: str
    station: str
    """Its code; the box's origin when it is no box of this hub any more."""
    incarnation: str | None
    """With `seq` the place in the box's chain that it was sent for."""
    seq: int | None
    size: int
    """Bytes."""
    received_at: str
    reason: str
    seen_at: str | None
    """When somebody looked at it; None while nobody has."""


class NothingAsideError(Exception):
    """Nothing of this id is put aside in the area; the message says so."""

    def __init__(self, area: str, quarantined_id: str) -> None:
        super().__init__(f"Nothing {quarantined_id} is quarantined in the area {area}.")


def is_new() -> pw.Expression:
    """The rows of `HubQuarantine` that nobody has looked at yet. Inside a transaction."""
    beside = (HubQuarantineSeen.origin == HubQuarantine.origin) & (
        HubQuarantineSeen.fingerprint == HubQuarantine.fingerprint
    )
    same = beside & (HubQuarantineSeen.received_at == HubQuarantine.received_at)
    new: pw.Expression = ~pw.fn.EXISTS(HubQuarantineSeen.select(pw.SQL("1")).where(same))
    return new


def quarantined(
    store: HubStore, area: str, *, new_only: bool = False, page: int = 1, per_page: int = PER_PAGE
) -> list[QuarantinedLine]:
    """A page of what is put aside in an area, the newest first.

    Args:
        store: the hub's database.
        area: the area.
        new_only: without what somebody has looked at.
        page: from 1.
        per_page: lines on it.
    """
    with store.reading():
        rows = HubQuarantine.select().where(HubQuarantine.area == area)
        if new_only:
            rows = rows.where(is_new())
        rows = rows.order_by(HubQuarantine.received_at.desc(), HubQuarantine.origin, HubQuarantine.fingerprint)
        return _lines(list(rows.paginate(page, per_page)), area)


def one(store: HubStore, area: str, quarantined_id: str) -> tuple[QuarantinedLine, bytes]:
    """One of them with its bytes.

    Raises:
        NothingAsideError: there is none of this id.
    """
    with store.reading():
        row = _named(area, quarantined_id)[0]
        return _lines([row], area)[0], bytes(row.envelope)


def mark_seen(store: HubStore, area: str, ids: Sequence[str]) -> int:
    """Say that somebody has looked at some of them; all or none. Nothing is deleted.

    Args:
        store: the hub's database.
        area: the area.
        ids: as the list shows them.

    Returns:
        How many of them nobody had looked at before.

    Raises:
        NothingAsideError: there is none of one of the ids.
        OfficeError: there is no such area, or it is closed because it has moved: its file may be written already.
    """
    with store.transaction():
        checked(area)
        rows = [row for quarantined_id in dict.fromkeys(ids) for row in _named(area, quarantined_id)]
        seen = _seen(rows)
        now = streams.now()
        new = [row for row in rows if _place(row) not in seen]
        for row in new:
            said = {"area": area, "received_at": row.received_at, "seen_at": now}
            HubQuarantineSeen.insert(origin=row.origin, fingerprint=row.fingerprint, **said).on_conflict(
                conflict_target=[HubQuarantineSeen.origin, HubQuarantineSeen.fingerprint], update=said
            ).execute()
        return len(new)


def _named(area: str, quarantined_id: str) -> list[HubQuarantine]:
    """The rows of an id: more than one when several boxes sent the same bytes.

    Raises:
        NothingAsideError: there is none.
    """
    mine = (HubQuarantine.area == area) & HubQuarantine.fingerprint.startswith(quarantined_id)
    rows = list(HubQuarantine.select().where(mine).order_by(HubQuarantine.origin))
    if len(quarantined_id) != ID_DIGITS or not rows:
        raise NothingAsideError(area, quarantined_id)
    return rows


_Place = tuple[str, str, str]
"""Origin, fingerprint and when it came in."""


def _place(row: HubQuarantine) -> _Place:
    return (str(row.origin), str(row.fingerprint), str(row.received_at))


def _seen(rows: Sequence[HubQuarantine]) -> dict[_Place, str]:
    """When somebody looked at those of the rows at which somebody did."""
    of_them = HubQuarantineSeen.fingerprint.in_([row.fingerprint for row in rows])
    return {
        (str(row.origin), str(row.fingerprint), str(row.received_at)): str(row.seen_at)
        for row in HubQuarantineSeen.select().where(of_them)
    }


def _lines(rows: Sequence[HubQuarantine], area: str) -> list[QuarantinedLine]:
    station, seen = codes(area), _seen(rows)
    return [
        QuarantinedLine(
            id=row.fingerprint[:ID_DIGITS],
            station=station.get(row.origin, row.origin),
            incarnation=row.incarnation,
            seq=row.seq,
            size=len(bytes(row.envelope)),
            received_at=row.received_at,
            reason=row.reason,
            seen_at=seen.get(_place(row)),
        )
        for row in rows
    ]
