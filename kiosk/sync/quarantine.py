"""What one side could not take, read when somebody looks. Everything here runs on the database thread."""

from typing import Final

import msgspec

from kiosk.journal.envelope import MAX_BYTES
from kiosk.system.clock import from_iso
from kiosk.views import QuarantinedView
from models.journal import EventRow
from models.sync import SyncQuarantineRow

KIND_CHARACTERS: Final = 64
"""A longer kind is none of ours: quarantined bytes can be anything."""


class _WithKind(msgspec.Struct):
    """Of an envelope that may be wrong in every other respect."""

    kind: str


def page(number: int, per_page: int) -> tuple[tuple[QuarantinedView, ...], int]:
    """One page (from 0), the newest first, and the number of pages."""
    newest = SyncQuarantineRow.select().order_by(SyncQuarantineRow.at.desc(), SyncQuarantineRow.key)
    rows = list(newest.limit(per_page).offset(number * per_page))
    stored = EventRow.select(EventRow.id, EventRow.envelope).where(EventRow.id.in_([row.key for row in rows]))
    own = {row.id: bytes(row.envelope) for row in stored}
    views = tuple(_view(row, bytes(row.envelope or b"") or own.get(row.key, b"")) for row in rows)
    return views, max(1, -(-SyncQuarantineRow.select().count() // per_page))


def one(key: str) -> QuarantinedView | None:
    """One of them with all its bytes; None when it was taken meanwhile."""
    row = SyncQuarantineRow.get_or_none(SyncQuarantineRow.key == key)
    if row is None:
        return None
    stored = EventRow.get_or_none(EventRow.id == key) if row.envelope is None else None
    return _view(row, bytes(row.envelope or b"") if stored is None else bytes(stored.envelope))


def _view(row: SyncQuarantineRow, raw: bytes) -> QuarantinedView:
    return QuarantinedView(row.own, row.reason, raw, from_iso(row.at), key=row.key, kind=_kind(raw))


def _kind(raw: bytes) -> str | None:
    """What kind of event the bytes say they are; None when they say nothing that can be shown."""
    if len(raw) > MAX_BYTES:
        return None
    try:
        kind = msgspec.json.decode(raw, type=_WithKind).kind
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return kind if kind and len(kind) <= KIND_CHARACTERS and kind.isascii() and kind.isprintable() else None
