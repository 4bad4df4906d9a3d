"""A station's few books, and riders who borrow and bring back."""

from pathlib import Path

from kiosk import reading
from kiosk.box import Box
from kiosk.views import (
    Borrowed,
    LoanRefused,
    Material,
    Returned,
    RiderView,
)
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.stations import exchange

WANG = RiderView("00112233445566aa", "王*强", number=1)


LI = RiderView("00112233445566bb", "李*", number=2)


CHEN = RiderView("00112233445566cc", "陈*", number=3)


KEEPER = "volunteer:1"


DAY_S = 86_400


ONE = "LX01-0001"


def stock(box: Box) -> None:
    """One title in one copy, and reading matter of which there are three."""
    with box.journal.store.use():
        reading.add_title(box, "红岩", author="罗广斌", isbn="", shelf="A1", copies=1, actor=KEEPER)
        reading.add_title(
            box, "骑行安全", author="交管局", isbn="", shelf="B1", copies=3, actor=KEEPER, material=Material.BOOKLET
        )


def lend(box: Box, rider: RiderView = WANG, label: str = ONE) -> Borrowed | LoanRefused:
    """Scan a copy while identified."""
    with box.journal.store.use():
        return reading.borrow(box, rider, label)


def back(box: Box, label: str = ONE) -> Returned:
    """Scan a copy with nobody identified."""
    with box.journal.store.use():
        outcome = reading.give_back(box, label)
    assert isinstance(outcome, Returned)
    return outcome


def has(box: Box, rider: RiderView = WANG) -> list[str]:
    """What a rider has."""
    return [loan.label for loan in reading.loans(box, rider.id)]


def title_of(box: Box, name: str = "红岩") -> str:
    """A title's id."""
    return next(view.id for view in reading.titles(box, 0, 9)[0] if view.title == name)


def stocked_box(folder: Path, clock: VirtualClock) -> Box:
    """A station with those books."""
    box = make_box(folder, clock)
    stock(box)
    return box


def stocked_pair(folder: Path, clock: VirtualClock) -> tuple[Box, Box]:
    """Two stations that both know the copies of the first."""
    one, other = make_box(folder, clock, code="LX01"), make_box(folder, clock, code="LX02")
    stock(one)
    exchange(one, other)
    return one, other
