"""What the events of one copy make of it: a pure fold, the same at stations and at the hub.

A box lends and takes back by what it knows, and it may not have heard of the other boxes. So a return that knew of no
loan is kept (`StrayReturnRow`), and a loan that comes to light later, of a lender who did not know of that return, is
ended by it. Such two have no order of their own; the clocks at the two counters are the only witnesses there are. They
order nothing in the journal, and are asked in this one case; when one of them cannot be believed, the return counts as
the later one, for the copy was handed in and its rider must not be blamed.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from kiosk.journal import Event
from kiosk.reading.events import CopyAdded, CopyBorrowed, CopyMarked, CopyReceived, CopyRenewed, CopyReturned
from kiosk.views import Condition
from models.reading import CopyRow, CopyStateRow, LoanRow, StrayReturnRow

OPEN = "open"
RETURNED = "returned"
SUPERSEDED = "superseded"
LOST = "lost"
"""The copy was marked as missing while it was on this loan."""


class LabelTakenError(Exception):
    """A label was given to a copy of one title and stands on a copy of another already."""


class Shelf(Struct):
    """One copy with everything that is known of it, so far in the fold.

    Args:
        label: the copy's.
        copy: None while its cataloguing is not known.
        loans: those that are not over, and those that a stray return ended; more do no harm.
        strays: returns without a loan.
        state: None when nothing is out of the ordinary.
    """

    label: str
    copy: CopyRow | None = None
    loans: list[LoanRow] = []
    strays: list[StrayReturnRow] = []
    state: CopyStateRow | None = None
    changed: list[CopyRow | LoanRow | StrayReturnRow] = []
    """Rows that are new or other than before."""
    gone: list[StrayReturnRow] = []

    def apply(self, event: Event, body: msgspec.Struct) -> None:
        """What one event does; an event of another feature does nothing.

        Raises:
            LabelTakenError: the label stands on a copy of another title.
        """
        match body:
            case CopyAdded():
                self._added(body)
            case CopyBorrowed():
                self._borrowed(event, body)
            case CopyReturned():
                self._returned(event, body)
            case CopyRenewed():
                self._renewed(body)
            case CopyReceived():
                self._found(body.station, body.day.isoformat())
            case CopyMarked():
                self._marked(event, body)
            case _:
                pass

    def _added(self, body: CopyAdded) -> None:
        if self.copy is not None:
            if self.copy.title != body.title:
                raise LabelTakenError(self.label)
            return
        station, _, number = self.label.rpartition("-")
        self.copy = CopyRow(
            label=self.label,
            title=body.title,
            station=station,
            number=int(number) if number.isdecimal() else 0,
            for_loan=body.for_loan,
        )
        self.changed.append(self.copy)

    def _borrowed(self, event: Event, body: CopyBorrowed) -> None:
        """It is with this rider now; a loan still open was superseded."""
        for loan in self.loans:
            if loan.state == OPEN:
                loan.state, loan.ended_by, loan.clash = SUPERSEDED, event.id, True
                self.changed.append(loan)
        new = LoanRow(
            event=event.id,
            label=self.label,
            rider=body.rider,
            station=body.station,
            day=body.day.isoformat(),
            due=body.due.isoformat(),
            state=OPEN,
            at=_witness(event),
        )
        self.loans.append(new)
        self.changed.append(new)
        back = next((stray for stray in self.strays if _came_after(stray, new, body.returns)), None)
        if back is None:
            self._found("", body.day.isoformat())
        else:
            back.loan = new.event
            self.changed.append(back)
            _end(new, str(back.event), str(back.day))
        self._forget([stray for stray in self.strays if _is_before(stray, new, body.returns)])

    def _returned(self, event: Event, body: CopyReturned) -> None:
        """It ends the loan that it names; or the one that is open, unless that was lent after this return.

        Of a superseded loan it is the missing return: what looked like a clash was none.
        """
        day = body.day.isoformat()
        ended = [loan for loan in self.loans if self._ends(event, body, loan)]
        for loan in ended:
            self._release(loan)
            _end(loan, event.id, day)
            self.changed.append(loan)
        if body.loan is None:
            # Kept also when it ended a loan: should that one have had a return of its own, this one is free again.
            stray = StrayReturnRow(
                event=event.id,
                label=self.label,
                station=body.station,
                day=day,
                at=_witness(event),
                loan=ended[0].event if ended else None,
            )
            self.strays.append(stray)
            self.changed.append(stray)
            if not ended and any(loan.state == OPEN for loan in self.loans):
                return  # lent after this return: it is not here any more
        self._found(body.station, day)

    def _ends(self, event: Event, body: CopyReturned, loan: LoanRow) -> bool:
        if body.loan is not None:
            by_stray = any(stray.loan == loan.event for stray in self.strays)
            return loan.event == body.loan and (loan.state != RETURNED or by_stray)
        return loan.state in (OPEN, LOST) and not _before(_witness(event), loan.at)

    def _release(self, loan: LoanRow) -> None:
        """A loan that a stray return had ended has its own return now: the other one belongs to something else."""
        for stray in self.strays:
            if stray.loan == loan.event:
                stray.loan = None
                self.changed.append(stray)

    def _renewed(self, body: CopyRenewed) -> None:
        for loan in self.loans:
            if loan.event == body.loan and loan.state == OPEN:
                loan.due = body.due.isoformat()
                loan.renewals += 1
                self.changed.append(loan)

    def _marked(self, event: Event, body: CopyMarked) -> None:
        condition = "" if body.condition == Condition.SHELF else body.condition
        place = "" if self.state is None or not condition else self.state.place
        self._set(condition, place, body.day.isoformat())
        if condition == Condition.MISSING:
            for loan in self.loans:
                if loan.state == OPEN:
                    loan.state, loan.ended_by = LOST, event.id
                    self.changed.append(loan)

    def _found(self, station: str, day: str) -> None:
        """Somebody had it in their hands: it is not missing. `station` is where it is now; empty for no strange one."""
        condition = "" if self.state is None or self.state.condition == Condition.MISSING else self.state.condition
        self._set(condition, "" if station == home_of(self.label) else station, day)

    def _set(self, condition: str, place: str, day: str) -> None:
        before = ("", "") if self.state is None else (self.state.condition, self.state.place)
        if (condition, place) == before:
            return
        self.state = (
            CopyStateRow(label=self.label, condition=condition, place=place, day=day) if condition or place else None
        )

    def _forget(self, strays: Sequence[StrayReturnRow]) -> None:
        self.gone += strays
        self.strays = [stray for stray in self.strays if stray not in strays]


def home_of(label: str) -> str:
    """Code of the station that a copy belongs to."""
    return label.rpartition("-")[0]


def _end(loan: LoanRow, by: str, day: str) -> None:
    loan.state, loan.ended_by, loan.clash, loan.returned_day = RETURNED, by, False, day


def _witness(event: Event) -> str:
    """The time at the counter; empty when its clock could not be believed."""
    return event.at if event.trusted else ""


def _before(one: str, other: str) -> bool:
    """Whether one thing happened before another, as far as both clocks say so."""
    return bool(one and other) and one < other


def _is_before(stray: StrayReturnRow, loan: LoanRow, known: Sequence[str]) -> bool:
    """Whether a return says nothing of this loan or a later one any more."""
    return stray.event in known or (stray.loan is None and not _came_after(stray, loan, known))


def _came_after(stray: StrayReturnRow, loan: LoanRow, known: Sequence[str]) -> bool:
    """Whether a return without a loan ended this one: its lender did not know of it, no clock speaks against it."""
    if stray.loan is not None:
        return bool(stray.loan == loan.event)
    return stray.event not in known and not _before(stray.at, loan.at)
