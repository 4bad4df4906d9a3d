"""What happens when something is held before the reader."""

import os
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from msgspec import Struct

from kiosk import points, reading, riders
from kiosk.box import Box
from kiosk.checkin import amends, notes
from kiosk.checkin.admission import Bad, Good, judge
from kiosk.checkin.kinds import CheckinUndone, ScanRefusedRecorded
from kiosk.checkin.moments import age_s, is_undoable
from kiosk.checkin.record import WITHOUT_CARD, check_in, visit_of
from kiosk.journal.envelope import decode
from kiosk.reading import holds
from kiosk.riders import aliases
from kiosk.system.clock import from_iso, iso
from kiosk.views import CheckedIn, ScanRefusal, ScanRefused, StaffCard
from models.checkin import CheckinRow, RefusedScanRow
from models.journal import EventRow

DAY_S: Final = 86_400
MOST_UNVERIFIED: Final = 50
"""Check-ins of unknown issuers' cards recorded in a day: riders of a station that this one has not heard of yet are
few, and whoever makes cards at home makes as many as they like. Ours, until a county names another."""


def present_card(box: Box, text: str) -> CheckedIn | StaffCard | ScanRefused:
    """Judge a card; check its rider in, or greet who has checked in today; everything that changes is committed.

    A card whose issuer is unknown here checks in unverified, earns nothing and is not counted. After `MOST_UNVERIFIED`
    of them in a day the next are refused; of those refusals the first is recorded, so that volunteers see it.

    With a clock that cannot be believed, "already today" is only said of a check-in that this box took in the same
    boot: between the two the clock that never jumps tells the time, and everything older would be a guess.

    Outside the opening hours a check-in is recorded as such, and earns nothing unless the settings say otherwise; so it
    never stands in the way of a later one within them, which is the day's.
    """
    with box.journal.store.use():
        verdict = judge(box, text)
        match verdict:
            case Bad():
                return refuse(box, verdict.reason, card=verdict.card_id)
            case StaffCard():
                return verdict
            case Good():
                return _greet(box, verdict)


def present_rider(box: Box, rider_id: str) -> CheckedIn | ScanRefused:
    """Serve a rider who was identified by phone and PIN, exactly as their card would have been."""
    with box.journal.store.use():
        standing, rider = riders.look(box, rider_id)
        if standing is riders.Standing.BLOCKED:
            return refuse(box, ScanRefusal.BLOCKED)
        if rider is None:
            return refuse(box, ScanRefusal.UNKNOWN_RIDER)
        return _greet(box, Good(None, rider))


def refuse(box: Box, reason: ScanRefusal, *, card: str | None = None) -> ScanRefused:
    """Record that a scan was refused, and why."""
    body = ScanRefusedRecorded(reason=reason.value, card=card)
    box.journal.record(body, subject=f"scan:{os.urandom(8).hex()}", actor="station")
    return ScanRefused(reason)


def undo(box: Box, greeting: CheckedIn) -> bool:
    """Take back what was recorded with a greeting: "that is not me".

    The check-in with its points, when the greeting is of one, and the notes that it told: those are told again to
    whoever they are for. What the greeted rider did before stays.

    Returns:
        Whether there was a check-in.
    """
    with box.journal.transaction():
        notes.untell(box, greeting.notes)
        if greeting.already:
            amends.not_answered(box, greeting.rider.id)
        row = _just_made(box, greeting.checkin)
        if row is None:
            return False
        body = CheckinUndone(checkin=row.event, verified=bool(row.verified))
        box.journal.record(body, subject=f"visit:{row.visit}", actor="station")
        if row.points:
            day = date.fromisoformat(row.day)
            points.withdraw(box, rider=row.rider, rule=points.Rule.CHECK_IN, day=day, actor="station")
    return True


def _greet(box: Box, good: Good) -> CheckedIn | ScanRefused:
    day, outside = box.today, is_outside(box)
    # Of this boot also with a clock that is believed now: it may have been told the time only since then.
    first = _first_of_day(good, day, outside=outside) if box.clock.trusted() else None
    earlier = first or _of_this_boot(box, good, day, outside=outside)
    if earlier is None and not good.rider.verified and _unverified(box, day) >= MOST_UNVERIFIED:
        return _refuse_stranger(box, good, day)
    with box.journal.transaction():
        if earlier is not None:
            if good.rider.verified:
                amends.answered(box, checkin=earlier, rider=good.rider.id, card=_card_id(good), outside=outside)
            done = _Done(from_iso(earlier.at), outside=bool(earlier.outside), already=True)
        else:
            made, earned = check_in(box, good.rider, day.isoformat(), card=_card_id(good), outside=outside)
            done = _Done(from_iso(made.at), outside=outside, earned=earned, checkin=made.id)
        return _greeting(box, good, day, done)


def _unverified(box: Box, day: date) -> int:
    """How many check-ins of the day here were by cards of unknown issuers, undone ones too."""
    mine = (CheckinRow.origin == box.origin) & (CheckinRow.day == day.isoformat())
    return int(CheckinRow.select().where(mine & ~CheckinRow.verified).count())


def _refuse_stranger(box: Box, good: Good, day: date) -> ScanRefused:
    """There were too many already: say so, and record only that it came to this."""
    midnight = iso(datetime.combine(day, time.min, box.zone))
    reason = ScanRefusal.UNKNOWN_ISSUER
    told = (RefusedScanRow.at >= midnight) & (RefusedScanRow.reason == reason.value)
    if RefusedScanRow.select().where(told).exists():
        return ScanRefused(reason)
    return refuse(box, reason, card=None if good.card is None else good.card.card_id)


def is_outside(box: Box) -> bool:
    """Whether the door is closed now, by the opening hours; a clock that cannot be believed never says so."""
    hours = box.settings.station.hours
    return hours is not None and box.clock.trusted() and not hours.include(box.local(box.now))


def _card_id(good: Good) -> str:
    return WITHOUT_CARD if good.card is None else good.card.card_id


class _Done(Struct, frozen=True):
    """The check-in that a greeting tells of."""

    at: datetime
    outside: bool
    already: bool = False
    earned: int = 0
    checkin: str = ""
    """Its event's id, when it was recorded just now."""


def _greeting(box: Box, good: Good, day: date, done: _Done) -> CheckedIn:
    rider = good.rider
    # A card that nobody vouches for may be anybody's: of points, books and notes it is told nothing.
    standing = points.total(box, rider.id if rider.verified else "", day.year)
    return CheckedIn(
        rider=rider,
        at=box.local(done.at),
        already=done.already,
        points_earned=done.earned,
        total_half_points=standing.half_points,
        total_provisional=standing.provisional,
        due=reading.due_soon(box, rider.id) if rider.verified else (),
        waiting=holds.ready(box, rider.id) if rider.verified else (),
        clock_trusted=box.clock.trusted(),
        outside=done.outside,
        notes=notes.tell(box, rider.id, rider.also) if rider.verified else (),
        checkin=done.checkin,
    )


def _first_of_day(good: Good, day: date, *, outside: bool) -> CheckinRow | None:
    """The day's first check-in in the order of the fold, of any station.

    A verified scan is not answered by an unverified one: that may have been anybody, and it earned nothing. Nor is one
    within the opening hours answered by one outside them.
    """
    visits = [visit_of(rider, day.isoformat()) for rider in (good.rider.id, *good.rider.also)]
    rows = CheckinRow.select().where(CheckinRow.visit.in_(visits) & ~CheckinRow.undone & CheckinRow.trusted)
    if good.rider.verified:
        rows = rows.where(CheckinRow.verified)
    if not outside:
        rows = rows.where(CheckinRow.outside.is_null())
    # Two visits are one person's who was enrolled twice; which was first, only the wall clocks could tell.
    first: CheckinRow | None = rows.order_by(CheckinRow.outside.is_null(False), CheckinRow.place, CheckinRow.at).first()
    return first


def _of_this_boot(box: Box, good: Good, day: date, *, outside: bool) -> CheckinRow | None:
    """A check-in of the rider here, on this day and in this boot, by a card as good as the one scanned now.

    The clock that never jumps tells how long ago it was; with a clock that is believed by now, that tells its true day.
    As in `_first_of_day`, one within the opening hours is not answered by one outside them.
    """
    newest = _newest_here(box, good.rider.id, (day,))
    if newest is None or newest.age_s is None or newest.age_s > DAY_S:
        return None
    if box.clock.trusted() and box.local(box.now - timedelta(seconds=newest.age_s)).date() != day:
        return None
    if newest.row.outside and not outside:
        return None
    return newest.row if newest.row.verified or not good.rider.verified else None


def _just_made(box: Box, checkin: str) -> CheckinRow | None:
    """The check-in of this event, when it was recorded here moments ago and stands."""
    mine = (CheckinRow.event == checkin) & (CheckinRow.origin == box.origin) & ~CheckinRow.undone
    row: CheckinRow | None = CheckinRow.get_or_none(mine)
    event = EventRow.get_or_none(EventRow.id == checkin)
    if row is None or event is None or not is_undoable(box, decode(bytes(event.envelope))):
        return None
    return row


class _Newest(Struct, frozen=True):
    """A rider's newest check-in here."""

    row: CheckinRow
    age_s: float | None
    """By the clock that never jumps; None when it was made in another boot."""


def _newest_here(box: Box, rider_id: str, days: Sequence[date]) -> _Newest | None:
    row = (
        CheckinRow.select(CheckinRow, EventRow.envelope)
        .join(EventRow, on=(EventRow.id == CheckinRow.event), attr="source")
        .where(
            CheckinRow.visit.in_([visit_of(rider, day.isoformat()) for day in days for rider in aliases.ids(rider_id)])
        )
        .where((CheckinRow.origin == box.origin) & ~CheckinRow.undone)
        .order_by(EventRow.arrival.desc())
        .first()
    )
    if row is None:
        return None
    return _Newest(row, age_s(box, decode(bytes(row.source.envelope))))
