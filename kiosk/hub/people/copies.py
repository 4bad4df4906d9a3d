"""Copies: no table, but who lent one that was not back yet is for a person to see."""

from functools import partial

from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.oddities import ExceptionKind, Oddity, Told, Witness, folded
from kiosk.reading.shelf import Shelf


def look(chunk: Chunk, oddities: list[Oddity]) -> None:
    """Add what is odd about the touched copies to `oddities`."""
    for label, history in chunk.of_type("copy").items():
        shelf = Shelf(label)
        oddities += folded(history, partial(_put, shelf))
        received = {told.event.id: told.received_at for told in history}
        for loan in shelf.loans:
            if loan.clash:
                events = (str(loan.event), str(loan.ended_by))
                witnesses = tuple(Witness(event, received[event]) for event in events)
                oddities.append(Oddity(ExceptionKind.COPY_CLASH, events[0], f"copy:{label}", witnesses))


def _put(shelf: Shelf, told: Told) -> None:
    shelf.apply(told.event, told.body)
