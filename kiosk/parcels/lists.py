"""Which parcels there are: the rider's own, and the station's."""

from datetime import date

from kiosk.box import Box
from kiosk.journal import records
from kiosk.parcels.kinds import CLOSED, ParcelRecipient, ParcelState
from kiosk.reading.days import today
from kiosk.riders import aliases, people
from kiosk.views import ParcelView
from models.parcels import ParcelRow


def one(box: Box, parcel: str, *, recipient: bool = False, named: bool = False) -> ParcelView | None:
    """A parcel; None when it is not known here.

    Args:
        box: the box.
        parcel: its label.
        recipient: with who receives it.
        named: with the rider who has it.
    """
    with box.journal.store.use():
        row = ParcelRow.get_or_none(ParcelRow.id == parcel)
        return None if row is None else _view(box, row, recipient=recipient, named=named)


def own(box: Box, rider_id: str) -> tuple[ParcelView, ...]:
    """What a rider has with them, the first due first; with where each goes."""
    with box.journal.store.use():
        out = (ParcelState.TAKEN.value, ParcelState.DELIVERED.value)
        mine = ParcelRow.rider.in_(aliases.ids(rider_id)) & ParcelRow.state.in_(out)
        return tuple(_view(box, row, recipient=True) for row in ParcelRow.select().where(mine).order_by(ParcelRow.due))


def open_parcels(box: Box, page: int, per_page: int) -> tuple[tuple[ParcelView, ...], int]:
    """One page (from 0) of the station's parcels that are not closed, late ones first, and the number of pages."""
    with box.journal.store.use():
        live = ParcelRow.state.not_in(CLOSED) & ParcelRow.station.in_((box.settings.station.code, ""))
        count = int(ParcelRow.select().where(live).count())
        rows = ParcelRow.select().where(live).order_by(ParcelRow.due, ParcelRow.id).paginate(page + 1, per_page)
        found = tuple(_view(box, row, recipient=True, named=True) for row in rows)
        return found, max(1, -(-count // per_page))


def _view(box: Box, row: ParcelRow, *, recipient: bool = False, named: bool = False) -> ParcelView:
    told = records.load(row.event, ParcelRecipient) if recipient and row.event is not None else None
    rider = people.view(box, row.rider) if named and row.rider is not None else None
    late = bool(row.due) and row.state not in CLOSED and row.due < today(box).isoformat()
    return ParcelView(
        row.id,
        str(row.state),
        date.fromisoformat(row.due) if row.due else None,
        late,
        copies=len(str(row.labels).split()),
        booklets=int(row.booklets),
        rider="" if rider is None else rider.masked_name,
        recipient="" if told is None or not told.name else people.mask(told.name),
        place="" if told is None else told.place,
    )
