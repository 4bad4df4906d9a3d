"""Every kind of outcome of a scan, and of each kind every variant that the station tells apart."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from kiosk.views import (
    BookHoldView,
    Borrowed,
    CheckedIn,
    CopyHandled,
    CopyView,
    KnownBook,
    LoanBlock,
    LoanRefused,
    LoanView,
    NotePhrase,
    Outcome,
    ParcelOutcome,
    ParcelRefusal,
    ParcelScanned,
    ParcelView,
    Returned,
    RiderNoteView,
    RiderView,
    ScanRefusal,
    ScanRefused,
    StaffCard,
    StationTrouble,
    Task,
    TitleFound,
    TitleView,
)

RIDER = RiderView(id="00112233445566aa", masked_name="王*强", number=7, vanguard=True)
STAFF = StaffCard("99112233445566aa", "周*兰")


def every_outcome(now: datetime) -> Mapping[type[Outcome], Sequence[Outcome]]:
    """Outcomes by their kind; refusals and tasks are those of the enumerations, so that a new one is among them.

    Args:
        now: local time.
    """
    day = now.date()
    return {
        CheckedIn: _greetings(now),
        ScanRefused: [ScanRefused(reason) for reason in ScanRefusal],
        Borrowed: [Borrowed("LX01-0007", "平凡的世界", day)],
        Returned: _returns(),
        LoanRefused: [
            *(LoanRefused("LX01-0007", (block,)) for block in LoanBlock),
            LoanRefused("LX01-0007", (LoanBlock.LIMIT, LoanBlock.OVERDUE)),
        ],
        TitleFound: _titles(),
        ParcelScanned: _parcels(day),
        CopyHandled: [
            *(CopyHandled(task, CopyView("LX01-0007", "平凡的世界", "A2")) for task in Task),
            CopyHandled(Task.RECEIVE, CopyView("LX01-0007", "平凡的世界", "A2"), set_aside=True),
        ],
        StaffCard: [STAFF],
        StationTrouble: [StationTrouble("4f2a")],
    }


def _greetings(now: datetime) -> list[Outcome]:
    day = now.date()
    plain = CheckedIn(
        rider=RIDER, at=now, already=False, points_earned=2, total_half_points=143, total_provisional=True
    )
    noted = (RiderNoteView("n1", RIDER.id, NotePhrase.BOX_CHECK, "", "周*兰", now, once=True),)
    already = replace(plain, already=True, points_earned=0)
    unknown = RiderView(id=RIDER.id, masked_name="", verified=False)
    return [
        plain,
        already,
        replace(plain, repeated=True),
        replace(already, repeated=True),
        replace(plain, outside=True, points_earned=0),
        replace(already, outside=True),
        replace(plain, outside=True, repeated=True),
        replace(plain, clock_trusted=False),
        replace(plain, notes=noted),
        replace(plain, notes=noted, repeated=True),
        replace(already, notes=noted, outside=True),
        replace(plain, rider=unknown, points_earned=0),
        replace(plain, rider=unknown, points_earned=0, repeated=True),
        replace(plain, rider=RiderView(id=RIDER.id, masked_name="王*强", has_pin=False)),
        replace(plain, due=(LoanView("LX01-0007", "活着", day, overdue=True),)),
        replace(plain, waiting=(BookHoldView("h1", "红岩", 0, "LX01-0009", day),)),
    ]


def _returns() -> list[Outcome]:
    plain = Returned("LX01-0007", "平凡的世界", was_on_loan=True)
    return [
        plain,
        replace(plain, was_on_loan=False),
        replace(plain, was_overdue=True),
        replace(plain, set_aside=True),
        replace(plain, home="LX02"),
        replace(plain, to_volunteer=True),
        replace(plain, batch=(Returned("LX01-0008", "活着", was_on_loan=True), LoanRefused("LX01-0009", ()))),
    ]


def _titles() -> list[Outcome]:
    title = TitleView("红岩", "罗广斌", "A1", 1, 1)
    return [
        TitleFound("9787108009821", title),
        TitleFound("9787108009821", replace(title, available=0)),
        TitleFound("9787108009821", None),
        TitleFound("9787108009821", None, KnownBook("9787108009821", "红岩", "罗广斌")),
    ]


def _parcels(day: date) -> list[Outcome]:
    label = "PKG-7K2M9QXC"
    taken = ParcelOutcome(label, parcel=ParcelView(label, "taken", day, late=False, copies=1, booklets=2))
    refused = [ParcelOutcome(label, refusal, taken.parcel) for refusal in ParcelRefusal]
    return [ParcelScanned(each) for each in (taken, *refused)]
