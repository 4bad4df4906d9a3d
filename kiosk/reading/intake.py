"""What a scanned label or ISBN does: by who is identified, and by what is being done at the counter."""

from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kiosk import parcels
from kiosk.box import Box
from kiosk.reading import catalogue, copies, holds, known, lending, stocktaking
from kiosk.scan import CopyLabel, Isbn, ParcelLabel
from kiosk.views import (
    Borrowed,
    CopyHandled,
    KnownBook,
    LoanRefused,
    ParcelOutcome,
    ParcelRefusal,
    ParcelScanned,
    Returned,
    RiderView,
    Task,
    TitleFound,
)

BATCH_S: Final = 60.0
"""Books that come back within so long of each other are one armful."""
MOST_IN_BATCH: Final = 30

BookOutcome = Borrowed | Returned | LoanRefused | TitleFound | ParcelScanned | CopyHandled
BookScan = CopyLabel | Isbn | ParcelLabel


class Batch:
    """What one person brought back in one go: nobody has to be identified for that, so time and task tell."""

    def __init__(self) -> None:
        self._brought: deque[Returned | LoanRefused] = deque(maxlen=MOST_IN_BATCH)
        self._at = 0.0

    def add(self, outcome: Returned | LoanRefused, now: float) -> Returned | LoanRefused:
        """The outcome with what came before it; the same label again replaces what was said of it.

        Args:
            outcome: of the newest one.
            now: monotonic seconds.
        """
        if now - self._at > BATCH_S:
            self.forget()
        self._at = now
        before = [each for each in self._brought if each.label != outcome.label]
        self._brought = deque([outcome, *before], maxlen=MOST_IN_BATCH)
        if isinstance(outcome, LoanRefused):
            return outcome
        return replace(outcome, batch=tuple(before))

    def forget(self) -> None:
        """Somebody else comes next."""
        self._brought.clear()


class _Served(Struct, frozen=True):
    """The label served last, and what was said of it."""

    label: str
    rider: str
    task: Task | None
    outcome: BookOutcome


class Intake:
    """Serves book scans, on the database thread; the screen sets the task.

    Args:
        actor: the volunteer whose area is open, if any.
    """

    def __init__(self, actor: Callable[[], str | None]) -> None:
        self.task: Task | None = None
        self._actor = actor
        self._batch = Batch()
        self._last: _Served | None = None
        self._last_until = 0.0

    def leave(self) -> None:
        """Nobody is at a task any more."""
        self.task = None

    def serve(self, box: Box, scan: BookScan, visitor: RiderView | None) -> BookOutcome:
        """Do what the scan means now; it is recorded when this returns."""
        match scan:
            case Isbn():
                return _found(box, scan.isbn)
            case ParcelLabel():
                at_task = self._actor() is not None and self.task not in (None, Task.RETURN)
                return ParcelScanned(_seen(box, scan.label) if at_task else _taken(box, scan.label, visitor))
            case CopyLabel():
                return self._copy(box, scan.label, visitor)

    def _copy(self, box: Box, label: str, visitor: RiderView | None) -> BookOutcome:
        """A scanner that reads on sends a label several times: what was done is said again, and nothing is undone."""
        now, rider = box.clock.monotonic(), "" if visitor is None else visitor.id
        last = self._last
        again = last is not None and (last.label, last.rider, last.task) == (label, rider, self.task)
        if last is not None and again and now < self._last_until:
            outcome = last.outcome
            if isinstance(outcome, CopyHandled):
                outcome = replace(outcome, again=True)
        else:
            outcome, done = self._served(box, label, visitor)
            self._last = _Served(label, rider, self.task, outcome) if done else None
        self._last_until = now + box.settings.checkin.cooldown_s
        return outcome

    def _served(self, box: Box, label: str, visitor: RiderView | None) -> tuple[BookOutcome, bool]:
        """What came of it, and whether it did something that must not be done twice by one holding of the book."""
        task, actor = self.task, self._actor()
        if actor is not None and task not in (None, Task.RETURN):
            return _handled(box, label, task, actor)
        if visitor is not None and task is not Task.RETURN:
            self._batch.forget()
            lent = lending.borrow(box, visitor, label)
            return lent, isinstance(lent, Borrowed)
        back = self._batch.add(lending.give_back(box, label), box.clock.monotonic())
        return back, isinstance(back, Returned) and back.was_on_loan


def _handled(box: Box, label: str, task: Task | None, actor: str) -> tuple[BookOutcome, bool]:
    if task is Task.COUNT:
        seen = stocktaking.scan(box, label, actor)
        if seen is not None:
            return CopyHandled(Task.COUNT, seen, _is_set_aside(box, label)), True
    aside = False
    if task is Task.RECEIVE:
        back = lending.receive(box, label, actor)
        if isinstance(back, LoanRefused):
            return back, False
        aside = back.set_aside
    # A mere look is taken anew each time: the volunteer may have marked the copy since.
    return CopyHandled(task or Task.LOOK, copies.in_hand(box, label), aside), task in (Task.RECEIVE, Task.PACK)


def _is_set_aside(box: Box, label: str) -> bool:
    with box.journal.store.use():
        return holds.set_aside(label) is not None


def _found(box: Box, isbn: str) -> TitleFound:
    here = catalogue.find_isbn(box, isbn).title
    book = None if here is not None else known.look_up(isbn)
    return TitleFound(isbn, here, None if book is None else KnownBook(isbn, book.title, book.author))


def _seen(box: Box, label: str) -> ParcelOutcome:
    """A volunteer looks at it."""
    found = parcels.one(box, label, recipient=True, named=True)
    return ParcelOutcome(label, ParcelRefusal.UNKNOWN if found is None else None, found)


def _taken(box: Box, label: str, visitor: RiderView | None) -> ParcelOutcome:
    if visitor is None:
        return ParcelOutcome(label, ParcelRefusal.NOT_IDENTIFIED, parcels.one(box, label))
    return parcels.take(box, visitor, label)
