"""What stations sent that is no event, for a person to look at: it stands outside the journal, with its bytes."""

from dataclasses import dataclass

from kiosk.hub.people.oddities import ID_DIGITS
from kiosk.hub.people.views import PER_PAGE, codes
from kiosk.hub.store import HubStore
from models.hub import HubQuarantine


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


def quarantined(store: HubStore, area: str, *, page: int = 1, per_page: int = PER_PAGE) -> list[QuarantinedLine]:
    """A page of what is put aside in an area, the newest first."""
    with store.reading():
        rows = HubQuarantine.select().where(HubQuarantine.area == area)
        rows = rows.order_by(HubQuarantine.received_at.desc(), HubQuarantine.origin, HubQuarantine.fingerprint)
        station = codes(area)
        return [_line(row, station) for row in rows.paginate(page, per_page)]


def one(store: HubStore, area: str, quarantined_id: str) -> tuple[QuarantinedLine, bytes] | None:
    """One of them with its bytes; None when there is none of this id."""
    if len(quarantined_id) != ID_DIGITS:
        return None
    with store.reading():
        mine = (HubQuarantine.area == area) & HubQuarantine.fingerprint.startswith(quarantined_id)
        row = HubQuarantine.select().where(mine).order_by(HubQuarantine.origin).first()
        return None if row is None else (_line(row, codes(area)), bytes(row.envelope))


def _line(row: HubQuarantine, station: dict[str, str]) -> QuarantinedLine:
    return QuarantinedLine(
        id=row.fingerprint[:ID_DIGITS],
        station=station.get(row.origin, row.origin),
        incarnation=row.incarnation,
        seq=row.seq,
        size=len(bytes(row.envelope)),
        received_at=row.received_at,
        reason=row.reason,
    )
