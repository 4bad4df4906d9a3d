"""How many came, and the day's list for volunteers."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final, cast

import peewee as pw

from kiosk import riders
from kiosk.box import Box
from kiosk.checkin import notes
from kiosk.riders import aliases, people
from kiosk.system.clock import from_iso, iso
from kiosk.views import CheckinsView, DayCount, RiderView, VisitView
from models.checkin import CheckinRow, RefusedScanRow

WEEK_DAYS: Final = 7


def today_count(box: Box) -> int:
    """How many riders have checked in at this station today, by cards that somebody vouches for."""
    return week(box, days=1)[-1].riders


def week(box: Box, days: int = WEEK_DAYS) -> tuple[DayCount, ...]:
    """How many riders checked in at this station on each of the last days, today last.

    A card of an unknown issuer may be anybody's, and one person can make many: those are not counted.
    """
    with box.journal.store.use():
        today = box.today
        shown = [today - timedelta(days=back) for back in reversed(range(days))]
        mine = (CheckinRow.origin == box.origin) & (CheckinRow.day.in_([day.isoformat() for day in shown]))
        mine &= ~CheckinRow.undone & CheckinRow.verified
        rows = CheckinRow.select(CheckinRow.day, CheckinRow.rider).where(mine).distinct()
        came: dict[str, set[str]] = defaultdict(set)
        for day, rider in cast("Iterable[tuple[str, str]]", rows.tuples()):
            came[day].add(rider)
        roots = aliases.roots({rider for present in came.values() for rider in present})
        return tuple(DayCount(day, len({roots[rider] for rider in came[day.isoformat()]})) for day in shown)


def checkins(box: Box, page: int, per_page: int) -> CheckinsView:
    """One page (from 0) of today's check-ins here, newest first, with what was refused."""
    with box.journal.store.use():
        today = box.today
        mine = (CheckinRow.origin == box.origin) & (CheckinRow.day == today.isoformat()) & ~CheckinRow.undone
        rows = CheckinRow.select().where(mine)
        newest = rows.order_by(CheckinRow.at.desc(), CheckinRow.event.desc()).limit(per_page).offset(page * per_page)
        return CheckinsView(
            visits=tuple(_visit(box, row) for row in newest),
            pages=max(1, -(-rows.count() // per_page)),
            refused=_refused(box, today),
        )


def _visit(box: Box, row: CheckinRow) -> VisitView:
    rider = people.of_record(box, row.rider) or RiderView(id=aliases.root(row.rider), masked_name=riders.mask(""))
    rider = replace(rider, verified=rider.verified and bool(row.verified))
    return VisitView(
        rider=rider,
        at=box.local(from_iso(row.at)),
        first=_is_first(row, (rider.id, *rider.also)),
        outside=bool(row.outside),
        clock_trusted=bool(row.trusted),
        notes=len(notes.standing(box, rider.id, rider.also)),
    )


def _is_first(row: CheckinRow, person: tuple[str, ...]) -> bool:
    """Whether no other check-in of the person's day, as good as this one, comes before it in the order of the fold."""
    visits = [f"{rider}/{row.day}" for rider in person]
    others = CheckinRow.visit.in_(visits) & ~CheckinRow.undone & (CheckinRow.event != row.event)
    before = (CheckinRow.place < row.place) | ((CheckinRow.place == row.place) & (CheckinRow.at < row.at))
    as_good = (CheckinRow.verified | (not row.verified)) & (CheckinRow.outside.is_null() | bool(row.outside))
    return not CheckinRow.select().where(others & before & as_good).exists()


def _refused(box: Box, day: date) -> tuple[tuple[str, int], ...]:
    midnight = datetime.combine(day, time.min, box.zone)
    since, until = iso(midnight), iso(midnight + timedelta(days=1))
    rows = RefusedScanRow.select(RefusedScanRow.reason, pw.fn.COUNT(RefusedScanRow.id)).where(
        (RefusedScanRow.at >= since) & (RefusedScanRow.at < until)
    )
    pairs = cast("Iterable[tuple[str, int]]", rows.group_by(RefusedScanRow.reason).tuples())
    return tuple(Counter(dict(pairs)).most_common())
