"""Ways into the volunteers' area: the card with its PIN, and a code for one entry when the card is lost."""

import os
import secrets
from typing import Final

from kiosk.box import Box
from kiosk.identity.pin import is_right, make_verifier
from kiosk.views import StaffOutcome, StaffRefusal
from kiosk.volunteers.kinds import EntryCodeGiven, StaffEntered
from kiosk.volunteers.people import NoSuchVolunteerError
from kiosk.volunteers.pins import check_pin
from kiosk.volunteers.roles import Right, require, role_of
from models.volunteers import EntryCodeRow

CODE_DIGITS: Final = 8
MOST_MINUTES: Final = 60
CODE_TRIES: Final = 5
"""Wrong codes that void every code: one in twenty million that somebody guesses it."""


def give_code(box: Box, volunteer_id: str, minutes: int, *, actor: str) -> str:
    """A code that opens the volunteers' area of this box once, as this volunteer; an earlier one is void.

    It is void after `minutes`, after `CODE_TRIES` wrong ones, and when the box restarts.

    Raises:
        NoSuchVolunteerError: there is none.
        ValueError: not a number of minutes that is accepted.
        NotAllowedError: whoever acts may not.
    """
    require(actor, Right.VOLUNTEERS)
    if not 1 <= minutes <= MOST_MINUTES:
        raise ValueError(f"minutes: found {minutes}; accepted is 1 to {MOST_MINUTES}")
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    with box.journal.transaction():
        if role_of(volunteer_id) is None:
            raise NoSuchVolunteerError(volunteer_id)
        ends = box.clock.monotonic() + 60 * minutes
        EntryCodeRow.delete().where(EntryCodeRow.volunteer == volunteer_id).execute()
        EntryCodeRow.create(volunteer=volunteer_id, verifier=make_verifier(code), boot=box.clock.boot_id, ends=ends)
        body = EntryCodeGiven(volunteer=volunteer_id, minutes=minutes)
        box.journal.record(body, subject=f"entry:{os.urandom(8).hex()}", actor=actor)
    return code


def enter(box: Box, volunteer_id: str, pin: str) -> StaffOutcome:
    """Check the PIN that goes with a card; a right one is recorded as an entry."""
    with box.journal.store.use():
        outcome = check_pin(box, volunteer_id, pin)
        if outcome.refusal is None:
            _entered(box, volunteer_id, "card")
        return outcome


def enter_by_code(box: Box, code: str) -> tuple[str | None, StaffOutcome]:
    """Check a code for one entry; a right one is used up and recorded as an entry.

    Returns:
        The volunteer who is let in, if anybody, and the outcome.
    """
    with box.journal.transaction():
        rows = [row for row in EntryCodeRow.select() if _holds(box, row)]
        if not rows:
            return None, StaffOutcome(StaffRefusal.NO_CODE)
        for row in rows:
            if is_right(code, row.verifier):
                row.delete_instance()
                _entered(box, row.volunteer, "code")
                return row.volunteer, StaffOutcome()
        left = CODE_TRIES - 1 - max(row.wrong for row in rows)
        if left <= 0:
            EntryCodeRow.delete().execute()
            return None, StaffOutcome(StaffRefusal.NO_CODE)
        EntryCodeRow.update(wrong=EntryCodeRow.wrong + 1).execute()
        return None, StaffOutcome(StaffRefusal.WRONG_CODE, tries_left=left)


def _holds(box: Box, row: EntryCodeRow) -> bool:
    holds = row.boot == box.clock.boot_id and row.ends > box.clock.monotonic() and role_of(row.volunteer) is not None
    if not holds:
        row.delete_instance()
    return holds


def _entered(box: Box, volunteer_id: str, by: str) -> None:
    body = StaffEntered(by=by)
    box.journal.record(body, subject=f"entry:{os.urandom(8).hex()}", actor=f"volunteer:{volunteer_id}")
