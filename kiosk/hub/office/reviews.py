"""Annual reviews from a file: checked as a whole, then told to the stations, or nothing at all."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kiosk.hub.office.deeds import Act, decided, there
from kiosk.hub.office.reading import said
from kiosk.hub.office.roll import Roll, erased, records, roll
from kiosk.hub.sheets import as_meant, written
from kiosk.hub.store import HubStore
from kiosk.imports.table import FieldError, ImportReport, Mistake, Rows, Shape, check_either, shown
from kiosk.points.ledger import PointsReviewed
from kiosk.points.rules import FULL
from kiosk.sync.legible import harmless

TEMPLATE = ("rider", "station", "number", "name", "points")
"""The columns of a file to fill in; the name is for whoever fills it in, and is not read back."""
BY_NUMBER = ("station", "number", "points")
BY_RIDER = ("rider", "points")

_RIDER = re.compile(r"\A[0-9a-f]{16}\Z")
_NUMBER = re.compile(r"\A[1-9][0-9]{0,8}\Z")
_POINTS = re.compile(r"\A(?:0|[1-9][0-9]?|100)\Z")


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One line of a file, right by itself."""

    line: int
    rider: str
    """As it stands there; empty when the line names station and number."""
    station: str
    number: int
    points: int | None
    """None while the field is empty: nobody was reviewed."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of a file."""

    new: int
    corrected: int
    same: int
    """Already so; nothing was recorded for them."""
    empty: int
    """Lines without points."""


@dataclass(frozen=True, slots=True)
class Template:
    """A file to fill in."""

    text: str
    riders: int
    """Lines below the header."""
    nameless: int
    """Lines without a name: the record did not come, or is of a newer version."""


def check_reviews(content: bytes) -> Rows[ReviewLine] | ImportReport:
    """The lines of a file, or everything wrong with it by itself."""
    return check_either(content, _SHAPES)


def import_reviews(
    store: HubStore, area: str, year: int, rows: Rows[ReviewLine], *, dry: bool = False
) -> Reviewed | ImportReport:
    """Tell the reviews of a year, all in one transaction, or none.

    A review that differs from the one that holds is a new event: the last in the order of the fold holds.

    Args:
        store: the hub's database.
        area: the area.
        year: reviewed.
        rows: the checked lines.
        dry: only say what would come of it.

    Returns:
        What came of it, or the lines whose rider is not known or was named before.

    Raises:
        OfficeError: there is no such area.
    """

    def plan() -> tuple[Reviewed | ImportReport, list[Act]]:
        found = _resolved(roll(area), rows.lines)
        if isinstance(found, ImportReport):
            return found, []
        told = _told(area, year)
        counted = Counter(_fate(points, told.get(rider)) for rider, points in found.items())
        acts: list[Act] = [
            (PointsReviewed(rider=rider, year=year, points=points), f"review:{rider}/{year}")
            for rider, points in found.items()
            if points is not None and told.get(rider) != points and not dry
        ]
        return Reviewed(counted["new"], counted["corrected"], counted["same"], counted["empty"]), acts

    return decided(store, area, plan)


def template(store: HubStore, area: str, year: int) -> Template:
    """A file of the area's riders to fill in, with what was told so far; each person once, the erased left out.

    Who has no readable name here is in it all the same: everybody is reviewed, and station and number say who it is.

    Raises:
        OfficeError: there is no such area.
    """
    with store.reading():
        people = roll(there(area))
        told = _told(area, year)
        names = {rider: record.name for rider, record in records(people.enrolments.values()).items()}
        gone = erased(people.enrolments.values())
    rows: list[Sequence[object]] = [TEMPLATE]
    nameless = 0
    for one in (people.enrolments[rider] for rider in people.roots()):
        name = harmless(next((names[rider] for rider in people.person(one.rider) if rider in names), ""))
        if name or one.rider not in gone:
            rows.append((one.rider, one.station, one.number, name, told.get(one.rider, "")))
            nameless += not name
    return Template(written(rows), len(rows) - 1, nameless)


def _told(area: str, year: int) -> dict[str, int]:
    """What holds, by rider."""
    found: dict[str, int] = {}
    for one in said(area, (PointsReviewed,)):
        if isinstance(one.body, PointsReviewed) and one.event.subject_id == f"{one.body.rider}/{year}":
            found[one.body.rider] = one.body.points
    return found


def _fate(points: int | None, before: int | None) -> str:
    if points is None:
        return "empty"
    if before is None:
        return "new"
    return "same" if before == points else "corrected"


def _resolved(people: Roll, lines: Iterable[ReviewLine]) -> dict[str, int | None] | ImportReport:
    mistakes: list[Mistake] = []
    found: dict[str, int | None] = {}
    first_on: dict[str, int] = {}
    for line in lines:
        rider = _rider_of(people, line, mistakes)
        if rider is None:
            continue
        before = first_on.setdefault(rider, line.line)
        if before != line.line:
            mistakes.append(
                Mistake(line.line, "rider", f"the person of line {before} again, enrolled twice", "each person once")
            )
        found[rider] = line.points
    return ImportReport(tuple(mistakes)) if mistakes else found


def _rider_of(people: Roll, line: ReviewLine, mistakes: list[Mistake]) -> str | None:
    """The id that the person of a line goes by; None when there is a mistake, which is noted."""
    if not line.rider:
        where = f"{line.station} {line.number}"
        there = people.numbered(line.station, line.number)
        if len(there) == 1:
            return people.root(there[0])
        accepted = "a rider of the area" if not there else "the rider's id: two boxes of this station had this number"
        mistakes.append(Mistake(line.line, "number", shown(where), accepted))
        return None
    enrolment = people.enrolments.get(line.rider)
    if enrolment is None:
        mistakes.append(Mistake(line.line, "rider", shown(line.rider), "a rider of the area"))
        return None
    if line.station and (line.station, line.number) != (enrolment.station.upper(), enrolment.number):
        found = f"{line.station} {line.number}"
        accepted = f"{enrolment.station} {enrolment.number}, which rider {line.rider} is"
        mistakes.append(Mistake(line.line, "number", shown(found), accepted))
        return None
    return people.root(line.rider)


def _parser(*needed: str) -> Callable[[int, dict[str, str]], ReviewLine]:
    def parse(line: int, cells: dict[str, str]) -> ReviewLine:
        tidy = {column: unicodedata.normalize("NFKC", cell).strip() for column, cell in cells.items()}
        wrong = [
            FieldError(column, cells[column], accepted)
            for column, pattern, accepted in _FIELDS
            if column in needed and not pattern.match(_letters(column, tidy[column]))
        ]
        if wrong:
            raise ExceptionGroup("fields that are not accepted", wrong)
        points = tidy["points"]
        return ReviewLine(
            line,
            rider=_letters("rider", tidy.get("rider", "")),
            station=_letters("station", tidy.get("station", "")),
            number=int(tidy.get("number", "") or 0),
            points=int(points) if points else None,
        )

    return parse


def _letters(column: str, cell: str) -> str:
    """A cell as it is compared: of names, without the mark that keeps a spreadsheet from reckoning with them."""
    named = as_meant(cell)
    return {"rider": named.lower, "station": named.upper}.get(column, lambda: cell)()


_FIELDS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("rider", _RIDER, "16 hex digits"),
    ("station", re.compile(r"\A[0-9A-Z]{1,32}\Z"), "a station's code, such as LX01"),
    ("number", _NUMBER, "the rider's number at the station: 1, 2, ..."),
    ("points", re.compile(rf"{_POINTS.pattern}|\A\Z"), f"a whole number from 0 to {FULL}, or nothing"),
)


def _by_number(line: ReviewLine) -> object:
    return (line.station, line.number)


def _by_rider(line: ReviewLine) -> object:
    return line.rider


_SHAPES: tuple[Shape[ReviewLine], ...] = (
    Shape(TEMPLATE, _parser("rider", "station", "number", "points"), _by_rider, "rider"),
    Shape(BY_NUMBER, _parser("station", "number", "points"), _by_number, "number"),
    Shape(BY_RIDER, _parser("rider", "points"), _by_rider, "rider"),
)
