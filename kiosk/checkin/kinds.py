"""The kinds of events at the reader: check-ins, their undoing, and scans that came to nothing."""

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from models.checkin import CheckinRow, RefusedScanRow


class CheckinRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """A rider checked in; subject `visit:<rider>/<day>`."""

    rider: str
    day: str
    """Civil day at the station, ISO date."""
    card: str
    """Empty: by phone and PIN."""
    verified: bool
    """False when the card's issuer was unknown there and then."""
    rule_version: int
    """Of the points' rules."""
    points: int = 0
    """Awarded with it, as far as the box knew."""
    doubt: str | None = None
    """Why it is not verified: a value of `ScanRefusal`."""
    outside: bool = False
    """Whether the door was closed there and then, by the opening hours."""
    at: str | None = None
    """When the rider stood there, ISO-8601 UTC, if that was before it was recorded."""


class CheckinUndone(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever stood there was not the greeted rider; same subject."""

    checkin: str
    """The check-in's event id."""
    verified: bool = True
    """Whether that one was: who counts check-ins event by event has to know it."""


class ScanRefusedRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """A scan was refused; subject `scan:<random>`. What was scanned is not kept."""

    reason: str
    """A value of `ScanRefusal`."""
    card: str | None
    """The id on the card, when it could be read."""


def _recorded(event: Event, body: CheckinRecorded) -> None:
    visit = event.subject_id
    CheckinRow.insert(
        event=event.id,
        visit=visit,
        place=1 + CheckinRow.select().where(CheckinRow.visit == visit).count(),
        rider=body.rider,
        day=body.day,
        at=body.at or event.at,
        origin=event.origin,
        card=body.card,
        verified=body.verified,
        trusted=event.trusted,
        points=body.points,
        outside=body.outside or None,
    ).execute()


def _undone(event: Event, body: CheckinUndone) -> None:
    this = (CheckinRow.event == body.checkin) & (CheckinRow.visit == event.subject_id)
    CheckinRow.update(undone=True).where(this).execute()


def _clear_visit(visit: str) -> None:
    CheckinRow.delete().where(CheckinRow.visit == visit).execute()


def _refused(event: Event, body: ScanRefusedRecorded) -> None:
    RefusedScanRow.insert(
        id=event.subject_id, at=event.at, reason=body.reason, card=body.card
    ).on_conflict_replace().execute()


def _clear_scan(scan: str) -> None:
    RefusedScanRow.delete().where(RefusedScanRow.id == scan).execute()


FEATURE = Feature(
    kinds=(
        Kind("checkin.recorded", CheckinRecorded, Writer.STATION, Scope.AREA, _recorded),
        Kind("checkin.undone", CheckinUndone, Writer.STATION, Scope.AREA, _undone),
        Kind("scan.refused", ScanRefusedRecorded, Writer.STATION, Scope.HUB, _refused),
    ),
    clear={"visit": _clear_visit, "scan": _clear_scan},
)
