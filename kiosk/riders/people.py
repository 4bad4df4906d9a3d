"""What may be seen of riders: masked names, numbers and standing."""

from enum import Enum, auto
from typing import Final

from kiosk.box import Box
from kiosk.journal import records
from kiosk.riders.kinds import EnrolmentRecord, RiderStatus
from kiosk.views import RiderView
from models.journal import ErasedRow
from models.riders import RiderRow, RiderStatusRow

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
    """A rider as screens may show them, or None when the enrolment has not arrived here or was erased."""
    row = RiderRow.get_or_none(RiderRow.id == rider_id)
    return None if row is None else _view(box, row)


def by_number(box: Box, number: int) -> RiderView:
    """The rider with this number at this station.

    Raises:
        NoSuchRiderError: there is none, or the person was erased.
    """
    row = RiderRow.get_or_none((RiderRow.origin == box.origin) & (RiderRow.number == number))
    rider = None if row is None else _view(box, row)
    if rider is None:
        raise NoSuchRiderError(number)
    return rider


def count() -> int:
    """How many riders this box knows, of whatever station, without the erased."""
    erased = ErasedRow.select(ErasedRow.event)
    return int(RiderRow.select().where(RiderRow.event.not_in(erased)).count())


def standing(box: Box, rider_id: str) -> Standing:
    """Whether a rider may be served."""
    status = RiderStatusRow.get_or_none(RiderStatusRow.rider == rider_id)
    if status is not None and status.status == RiderStatus.BLOCKED:
        return Standing.BLOCKED
    return Standing.ACTIVE if view(box, rider_id) is not None else Standing.UNKNOWN


def _view(box: Box, row: RiderRow) -> RiderView | None:
    record = records.load(row.event, EnrolmentRecord)
    if record is None:
        return None
    return RiderView(
        id=row.id,
        masked_name=mask(record.name),
        number=row.number if row.origin == box.origin else None,
        vanguard=row.vanguard,
    )
