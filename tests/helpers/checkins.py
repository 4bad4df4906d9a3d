"""Cards held before the reader, and what stands in the journal then."""

from kiosk import checkin
from kiosk.box import Box
from kiosk.journal.envelope import Event, decode
from kiosk.views import CheckedIn
from models.journal import EventRow


def greeted(box: Box, text: str) -> CheckedIn:
    """Present a card that is good."""
    outcome = checkin.present_card(box, text)
    assert isinstance(outcome, CheckedIn)
    return outcome


def events(kind: str) -> list[Event]:
    """The events of a kind in the order of arrival."""
    rows = EventRow.select().where(EventRow.kind == kind).order_by(EventRow.arrival)
    return [decode(bytes(row.envelope)) for row in rows]
