"""Copies: no table, but who lent one that was not back yet is for a person to see."""

from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.oddities import ExceptionKind, Oddity, Told, Witness, folded
from kiosk.reading.fold import CopyAdded, CopyBorrowed, CopyReturned, brought_back, check_title, lent
from models.reading import LoanRow


def look(chunk: Chunk, oddities: list[Oddity]) -> None:
    """Add what is odd about the touched copies to `oddities`."""
    for label, history in chunk.of_type("copy").items():
        shelf = _Shelf()
        oddities += folded(history, shelf.apply)
        received = {told.event.id: told.received_at for told in history}
        for loan in shelf.loans:
            if loan.clash:
                events = (str(loan.event), str(loan.ended_by))
                witnesses = tuple(Witness(event, received[event]) for event in events)
                oddities.append(Oddity(ExceptionKind.COPY_CLASH, events[0], f"copy:{label}", witnesses))


class _Shelf:
    """One copy and its loans."""

    def __init__(self) -> None:
        self.loans: list[LoanRow] = []
        self._title: str | None = None

    def apply(self, told: Told) -> None:
        """What an event does to it."""
        event, body = told.event, told.body
        if isinstance(body, CopyAdded):
            check_title(event, body, self._title)
            self._title = body.title
        elif isinstance(body, CopyBorrowed):
            self.loans.append(lent(event, body, self.loans)[-1])
        elif isinstance(body, CopyReturned):
            brought_back(event, body, self.loans)
