"""What may be seen of riders: masked names, numbers and standing."""

from enum import Enum, auto
from typing import Final

from kiosk.box import Box
from kiosk.journal import records
from kiosk.riders import aliases, marks
from kiosk.riders.kinds import EnrolmentRecord, RiderStatus
from kiosk.views import RiderView
from models.journal import ErasedRow
from models.riders import RiderAliasRow, RiderRow, RiderStatusRow

MOST_STARS: Final = 3
"""A long name does not show its length."""


class NoSuchRiderError(Exception):
    """No rider has this number at this station; the message says so."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no rider {number} at this station.")


class Standing(Enum):
    """Whether a rider may be served, as far as this box knows."""

    ACTIVE = auto()
    BLOCKED = auto()
    UNKNOWN = auto()
    """The enrolment has not arrived here, or the person was erased."""


def mask(name: str) -> str:
    """A name as public screens show it: 王*强, 李*, 欧**华; nothing of a name of one character."""
    letters = name.strip()
    if len(letters) < 2:
        return "*"
    if len(letters) == 2:
        return letters[0] + "*"
    return letters[0] + "*" * min(len(letters) - 2, MOST_STARS) + letters[-1]


def view(box: Box, rider_id: str) -> RiderView | None:
    """A rider as screens may show them, or None when the enrolment has not arrived here or was erased.

    Of a person enrolled twice any id will do: the view has the one that everything new goes under.
    """
    return _view(box, aliases.ids(rider_id))


def of_record(box: Box, rider_id: str) -> RiderView | None:
    """As `view`, and for an erased person the number that they had; None when the enrolment has not arrived here."""
    found = view(box, rider_id)
    if found is not None:
        return found
    row = RiderRow.get_or_none((RiderRow.id == rider_id) & RiderRow.event.in_(ErasedRow.select(ErasedRow.event)))
    if row is None:
        return None
    number = int(row.number) if row.origin == box.origin else None
    return RiderView(id=str(row.id), masked_name=mask(""), number=number, verified=False, has_pin=False, erased=True)


def name_of(rider: RiderView) -> str | None:
    """A rider's whole name, for what is printed for that rider; never for a screen. None when it was erased.

    Of a person enrolled twice it is the name of the enrolment that they go by, as on screens: the other may be wrong.
    """
    ids = (rider.id, *rider.also)
    events = {str(row.id): str(row.event) for row in RiderRow.select().where(RiderRow.id.in_(ids))}
    for one in ids:
        record = records.load(events[one], EnrolmentRecord) if one in events else None
        if record is not None:
            return record.name
    return None


def by_number(box: Box, number: int) -> RiderView:
    """The rider with this number at this station.

    Raises:
        NoSuchRiderError: there is none, or the person was erased.
    """
    row = RiderRow.get_or_none((RiderRow.origin == box.origin) & (RiderRow.number == number))
    rider = None if row is None else view(box, row.id)
    if rider is None:
        raise NoSuchRiderError(number)
    return rider


def count() -> int:
    """How many riders this box knows, of whatever station, without the erased; one enrolled twice is one."""
    erased, merged = ErasedRow.select(ErasedRow.event), RiderAliasRow.select(RiderAliasRow.rider)
    return int(RiderRow.select().where(RiderRow.event.not_in(erased) & RiderRow.id.not_in(merged)).count())


def look(box: Box, rider_id: str) -> tuple[Standing, RiderView | None]:
    """Whether a rider may be served, and as in `view` who it is: a person enrolled twice is blocked under either id."""
    person = aliases.ids(rider_id)
    rider = _view(box, person)
    blocked = RiderStatusRow.rider.in_(person) & (RiderStatusRow.status == RiderStatus.BLOCKED)
    if RiderStatusRow.select().where(blocked).exists():
        return Standing.BLOCKED, rider
    return Standing.UNKNOWN if rider is None else Standing.ACTIVE, rider


def _view(box: Box, person: tuple[str, ...]) -> RiderView | None:
    """The view of a person by all ids, the root first; the name is that of the first enrolment whose record is here."""
    rows = {str(row.id): row for row in RiderRow.select().where(RiderRow.id.in_(person))}
    loaded = {rider: records.load(rows[rider].event, EnrolmentRecord) for rider in person if rider in rows}
    enrolled = {rider: record for rider, record in loaded.items() if record is not None}
    if not enrolled:
        return None
    first = next(iter(enrolled))
    here = [int(row.number) for row in rows.values() if row.origin == box.origin]
    return RiderView(
        id=person[0],
        masked_name=mask(enrolled[first].name),
        number=int(rows[first].number) if rows[first].origin == box.origin else min(here, default=None),
        vanguard=any(row.vanguard for row in rows.values()),
        also=person[1:],
        has_pin=marks.has_pin(enrolled),
    )
