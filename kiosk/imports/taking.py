"""Taking checked lines in: all in one transaction, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kiosk import reading, riders
from kiosk.box import Box
from kiosk.identity.keys import Keys
from kiosk.imports.lines import RiderLine, TitleLine
from kiosk.imports.table import ImportReport, Mistake, Rows, shown
from kiosk.views import Material


@dataclass(frozen=True, slots=True)
class PreparedLine:
    """A rider of whom all that is slow is done."""

    line: int
    rider: riders.Prepared
    phone: str = field(repr=False)


def prepare_riders(keys: Keys, rows: Rows[RiderLine]) -> Rows[PreparedLine]:
    """Do the slow part (about 100 ms a rider); needs no database, so it belongs beside its thread."""
    return Rows(tuple(_prepared(keys, row) for row in rows.lines))


def import_riders(box: Box, rows: Rows[RiderLine | PreparedLine], actor: str) -> int | ImportReport:
    """Enrol every rider of a file, each with a card, or none.

    Lines that were not prepared are prepared first, before the transaction begins; a running station prepares them
    beforehand, for it would hold up the database thread.

    Returns:
        How many were enrolled, or the lines whose phone number is enrolled already.
    """
    ready = [row if isinstance(row, PreparedLine) else _prepared(box.keys, row) for row in rows.lines]
    with box.journal.transaction():
        known = [(row.line, row.phone) for row in ready if riders.enrolled_with(box, row.rider.lookups)]
        if known:
            return _already(known, "phone", "a number that is not enrolled yet")
        for row in ready:
            riders.enrol_prepared(box, row.rider, actor=actor)
    return len(ready)


def import_titles(box: Box, rows: Rows[TitleLine], actor: str) -> int | ImportReport:
    """Catalogue every title of a file with its copies, or none.

    Returns:
        How many titles were added, or the lines whose title this station has catalogued already.
    """
    with box.journal.transaction():
        known = [(row.line, row.title) for row in rows.lines if reading.has_title(box, row.title, row.author, row.isbn)]
        if known:
            return _already(known, "title", "a title that is not catalogued yet")
        for row in rows.lines:
            reading.add_title(
                box,
                row.title,
                author=row.author,
                isbn=row.isbn,
                shelf=row.shelf,
                copies=row.copies,
                actor=actor,
                material=Material(row.material),
                keys=row.keys,
            )
    return len(rows)


def _prepared(keys: Keys, row: RiderLine) -> PreparedLine:
    return PreparedLine(row.line, riders.prepare(keys, row.name, row.phone), row.phone)


def _already(known: Sequence[tuple[int, str]], column: str, accepted: str) -> ImportReport:
    return ImportReport(tuple(Mistake(line, column, shown(found), accepted) for line, found in known))
