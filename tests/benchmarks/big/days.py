"""Ten years of a station, day by day: who came, charged and read, and what volunteers did."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.checkin.kinds import CheckinRecorded, ScanRefusedRecorded
from kiosk.checkin.notes import NoteLeft, NoteShown
from kiosk.points import Rule
from kiosk.points.ledger import PointsAwarded, account, award_id
from kiosk.points.rules import rules_of
from kiosk.reading.events import CopyBorrowed, CopyReturned
from kiosk.system.clock import iso
from kiosk.views import NotePhrase, ScanRefusal, ShiftEnd
from kiosk.volunteers.kinds import ShiftEnded, ShiftStarted
from models.checkin import CheckinRow, RefusedScanRow, RiderNoteRow
from models.points import PointsEntryRow, PointsPostingRow
from models.reading import LoanRow
from models.volunteers import ShiftRow
from tests.benchmarks.big.charges import Charges
from tests.benchmarks.big.counts import Counts
from tests.benchmarks.big.pen import Pen
from tests.benchmarks.big.people import People
from tests.benchmarks.big.rows import Rows

OPENS_S: Final = 6 * 3600
CLOSES_S: Final = 22 * 3600
LONGEST_LOAN: Final = 28
"""Days: a loan and one renewal's worth."""
RESTARTED_EVERY: Final = 7
"""Days."""

Act = tuple[float, Callable[[datetime], None]]
"""Seconds since midnight, and what is written then."""


@dataclass(slots=True)
class Days:
    """Writes one day after the other.

    Args:
        pen: writes the events.
        rows: what follows from them goes there.
        chance: who, what and when.
        counts: how much of it.
        people: who there is.
        labels: of the copies.
        code: the station's.
        zone: its time zone.
        today: the day after the last one.
    """

    pen: Pen
    rows: Rows
    chance: random.Random
    counts: Counts
    people: People
    labels: Sequence[str]
    code: str
    zone: ZoneInfo
    today: date
    _here: list[str] = field(init=False)
    """Labels of the copies that are not lent."""
    _back: defaultdict[date, list[dict[str, object]]] = field(init=False)
    """Open loans, by the day on which they come back."""
    _charges: Charges = field(init=False)

    def __post_init__(self) -> None:
        self._charges = Charges(self.pen, self.rows, self.chance)
        self._here = list(self.labels)
        self._back = defaultdict(list)

    def write(self) -> None:
        """All days, and the loans that are still open."""
        for back in range(self.counts.days, 0, -1):
            day = self.today - timedelta(days=back)
            midnight = datetime.combine(day, time.min, self.zone)
            if back % RESTARTED_EVERY == 0:
                self.pen.begin(midnight + timedelta(seconds=OPENS_S - 60))
            for second, act in sorted(self._acts(day, back), key=lambda each: each[0]):
                act(midnight + timedelta(seconds=second))
        for loans in self._back.values():
            for loan in loans:
                self.rows.add(LoanRow, **loan)

    def _acts(self, day: date, back: int) -> list[Act]:
        acts: list[Act] = []
        known_day = back <= self.counts.own_days
        visitors = [self._somebody() for _ in range(self.counts.checkins)]
        if known_day:
            visitors += [(rider.id, rider.card_id) for rider in self.people.known]
        for rider, card in dict(visitors).items():
            acts.append((self._when(), partial(self._check_in, rider, card, day)))
        riders = [self._somebody()[0] for _ in range(self.counts.sessions)]
        borrowers = [self._somebody()[0] for _ in range(self.counts.loans)]
        if known_day and back % 10 == 5:
            riders += [rider.id for rider in self.people.known]
            borrowers += [rider.id for rider in self.people.known]
        for number, rider in enumerate(riders):
            acts.append((self._when(3 * 3600), partial(self._charges.charge, rider, number % 3 == 0, back)))
        acts += [(self._when(), partial(self._borrow, rider, day)) for rider in borrowers]
        for loan in self._back.pop(day, ()):
            acts.append((self._when(), partial(self._give_back, loan, day)))
        for number in range(self.counts.shifts):
            acts.append((OPENS_S + 3600.0 * (1 + 7 * number), self._shift))
        acts += [(self._when(), self._refuse) for _ in range(self.counts.refused)]
        return acts

    def _when(self, before_closing_s: int = 0) -> float:
        return self.chance.uniform(OPENS_S, CLOSES_S - before_closing_s)

    def _somebody(self) -> tuple[str, str]:
        """A rider and the card."""
        riders = self.people.riders
        most = min(self.counts.regulars, len(riders)) if self.chance.random() < 0.8 else len(riders)
        number = self.chance.randrange(most)
        return riders[number], self.people.cards[number]

    def _check_in(self, rider: str, card: str, day: date, at: datetime) -> None:
        table = rules_of(day.year)
        worth = table.worth[Rule.CHECK_IN]
        award = PointsAwarded(
            award=award_id(rider, Rule.CHECK_IN.value, day),
            rider=rider,
            year=day.year,
            day=day,
            rule=Rule.CHECK_IN.value,
            rule_version=table.version,
            part=worth.part.value,
            amount=worth.points,
            station=self.code,
        )
        self._award(award, at)
        body = CheckinRecorded(
            rider=rider,
            day=day.isoformat(),
            card=card,
            verified=True,
            rule_version=table.version,
            points=worth.points,
        )
        visit = f"{rider}/{day.isoformat()}"
        event = self.pen.write(body, f"visit:{visit}", f"rider:{rider}", at)
        self.rows.add(
            CheckinRow,
            event=event.id,
            visit=visit,
            place=1,
            rider=rider,
            day=body.day,
            at=event.at,
            origin=event.origin,
            card=card,
            verified=True,
            trusted=True,
            points=body.points,
        )

    def _award(self, body: PointsAwarded, at: datetime) -> None:
        event = self.pen.write(body, f"award:{body.award}", f"rider:{body.rider}", at)
        self.rows.add(
            PointsEntryRow,
            event=event.id,
            award=body.award,
            lamport=event.lamport,
            rider=body.rider,
            year=body.year,
            day=body.day.isoformat(),
            rule=body.rule,
            rule_version=body.rule_version,
            part=body.part,
            amount=body.amount,
            station=body.station,
            counted=True,
        )
        sides = {
            f"source:{body.rule}/{body.year}": -body.amount,
            account(body.rider, body.year, body.part): body.amount,
        }
        for name, amount in sides.items():
            self.rows.add(PointsPostingRow, event=event.id, account=name, award=body.award, amount=amount)

    def _borrow(self, rider: str, day: date, at: datetime) -> None:
        if not self._here:
            return
        place = self.chance.randrange(len(self._here))
        self._here[place], self._here[-1] = self._here[-1], self._here[place]
        label, due = self._here.pop(), day + timedelta(days=14)
        body = CopyBorrowed(rider=rider, day=day, due=due, station=self.code)
        event = self.pen.write(body, f"copy:{label}", f"rider:{rider}", at)
        back = day + timedelta(days=self.chance.randrange(1, LONGEST_LOAN))
        self._back[back].append(
            {
                "event": event.id,
                "label": label,
                "rider": rider,
                "station": self.code,
                "day": day.isoformat(),
                "due": due.isoformat(),
                "state": "open",
                "at": event.at,
            }
        )

    def _give_back(self, loan: dict[str, object], day: date, at: datetime) -> None:
        body = CopyReturned(loan=str(loan["event"]), day=day, station=self.code)
        event = self.pen.write(body, f"copy:{loan['label']}", "station", at)
        self.rows.add(LoanRow, **loan | {"state": "returned", "ended_by": event.id, "returned_day": day.isoformat()})
        self._here.append(str(loan["label"]))

    def _shift(self, at: datetime) -> None:
        volunteer, shift = self.chance.choice(self.people.volunteers), self.pen.hexadecimal(8)
        actor, until = f"volunteer:{volunteer}", iso(at + timedelta(hours=12))
        started = self.pen.write(ShiftStarted(volunteer=volunteer, ends_at=until), f"shift:{shift}", actor, at)
        self._note(self._somebody()[0], actor, at + timedelta(minutes=5))
        body = ShiftEnded(end=ShiftEnd.SIGNED_OFF.value, at=iso(at + timedelta(hours=6)))
        self.pen.write(body, f"shift:{shift}", actor, at + timedelta(hours=6))
        self.rows.add(
            ShiftRow,
            id=shift,
            volunteer=volunteer,
            origin=started.origin,
            started_at=started.at,
            ends_at=until,
            ended_at=body.at,
            end=body.end,
        )

    def _note(self, rider: str, actor: str, at: datetime) -> None:
        phrase = NotePhrase.THANK_YOU.value
        left = self.pen.write(NoteLeft(once=True, phrase=phrase), f"rider:{rider}", actor, at)
        told = NoteShown(note=left.id)
        shown = self.pen.write(told, f"rider:{rider}", f"rider:{rider}", at + timedelta(minutes=5))
        self.rows.add(
            RiderNoteRow,
            id=left.id,
            rider=rider,
            at=left.at,
            origin=left.origin,
            author=actor,
            event=left.id,
            phrase=phrase,
            once=True,
            shown_at=shown.at,
            ended_at=shown.at,
        )

    def _refuse(self, at: datetime) -> None:
        scan, reason = self.pen.hexadecimal(8), ScanRefusal.UNKNOWN.value
        event = self.pen.write(ScanRefusedRecorded(reason=reason, card=None), f"scan:{scan}", "station", at)
        self.rows.add(RefusedScanRow, id=scan, at=event.at, reason=reason)
