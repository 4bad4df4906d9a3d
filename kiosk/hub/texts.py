"""Texts of an event that the hub's columns cannot hold."""

from kiosk.journal import Event

MAX_TEXT = 255
"""Characters of an event's id, incarnation, kind or subject; PostgreSQL's indexes end at 2,704 bytes."""


class UnkeepableError(Exception):
    """The message says why an event is quarantined."""


def check_texts(event: Event, raw: bytes) -> None:
    """Refuse what is too long, or has a character that PostgreSQL does not take.

    Args:
        event: as it was read.
        raw: its bytes.

    Raises:
        UnkeepableError: it cannot be kept.
    """
    if (
        len(event.id) > MAX_TEXT
        or len(event.incarnation) > MAX_TEXT
        or len(event.kind) > MAX_TEXT
        or len(event.subject) > MAX_TEXT
    ):
        raise UnkeepableError(f"an id, kind or subject is longer than {MAX_TEXT} characters")
    if b"\\u0000" in raw and any("\0" in text for text in (event.id, event.incarnation, event.kind, event.subject)):
        raise UnkeepableError("an id, kind or subject has a NUL in it")
