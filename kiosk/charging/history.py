"""A rider's own charging so far, at all stations of the area. On the database thread."""

from kiosk.box import Box
from kiosk.riders import aliases
from kiosk.system.clock import from_iso
from kiosk.views import PastSessionView, StopReason
from models.charging import ChargingSessionRow
from models.riders import IssuerRow


def sessions(box: Box, rider: str, page: int, per_page: int) -> tuple[tuple[PastSessionView, ...], int]:
    """One page of a rider's ended sessions, newest first, and the number of pages.

    A session whose end this version has no word for is left out until the software is as new as that station's.

    Args:
        box: the box.
        rider: whose; any id of one enrolled twice.
        page: from 0.
        per_page: sessions on a page.
    """
    known = [reason.value for reason in StopReason]
    mine = ChargingSessionRow.select().where(
        ChargingSessionRow.rider.in_(aliases.ids(rider)) & ChargingSessionRow.stop_reason.in_(known)
    )
    newest = mine.order_by(ChargingSessionRow.started_at.desc(), ChargingSessionRow.id)
    codes = {row.origin: row.station for row in IssuerRow.select()} | {box.origin: box.settings.station.code}
    views = tuple(_view(box, row, codes) for row in newest.limit(per_page).offset(page * per_page))
    return views, max(1, -(-mine.count() // per_page))


def _view(box: Box, row: ChargingSessionRow, codes: dict[str, str]) -> PastSessionView:
    return PastSessionView(
        slot=row.slot,
        station=codes.get(row.origin, ""),
        started_at=box.local(from_iso(row.started_at)),
        ended_at=box.local(from_iso(row.ended_at or row.started_at)),
        wh=row.wh or 0,
        powered_s=row.powered_s or 0.0,
        stop_reason=StopReason(row.stop_reason or ""),
    )
