"""What each role may do at the board: one table. docs/volunteers.md shows it to people, and a test compares the two."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kiosk.views import Role
from models.volunteers import VolunteerRow

COMMAND_LINE: Final = "cli"
"""Who acts by the control socket or with the folder's lock: whoever has it has the box, and may do everything."""


class NotAllowedError(Exception):
    """Somebody's role does not let them do this; the message says what."""

    def __init__(self, right: "Right") -> None:
        super().__init__(f"Not everybody may do this: it needs the right {right.value!r} (docs/volunteers.md).")


class Right(StrEnum):
    """Something that not everybody may do."""

    SLOTS = "slots"
    """Stop, release, move, take out of service, clear a fault or an alarm whose cause is gone."""
    CHECKINS = "checkins"
    """See today's check-ins; leave notes for riders and clear them."""
    OWN_SHIFT = "own_shift"
    """Sign on and off duty."""
    ACTS = "acts"
    """See who did what."""
    HUB = "hub"
    """Ask the hub, see what it refused, mark its alarms as seen."""
    BOOKS = "books"
    """Catalogue, count and mark books; pack and close parcels."""
    RIDERS = "riders"
    """Serve a rider who has trouble: number, PIN, mark, card, what is stored, erasing."""
    OTHERS_SHIFTS = "others_shifts"
    """Sign another volunteer off duty."""
    VOLUNTEERS = "volunteers"
    """Enter volunteers, strike them off, give them another PIN."""


RIGHTS: Final[Mapping[Right, frozenset[Role]]] = {
    Right.SLOTS: frozenset(Role),
    Right.CHECKINS: frozenset(Role),
    Right.OWN_SHIFT: frozenset(Role),
    Right.ACTS: frozenset(Role),
    Right.HUB: frozenset(Role),
    Right.BOOKS: frozenset(Role),
    Right.RIDERS: frozenset(Role),
    Right.OTHERS_SHIFTS: frozenset({Role.KEEPER}),
    Right.VOLUNTEERS: frozenset({Role.KEEPER}),
}
"""Who may do what; the command line may do everything."""


def may(role: Role | None, right: Right) -> bool:
    """Whether somebody of a role may do something; nobody (None) may do nothing."""
    return role is not None and role in RIGHTS[right]


def role_of(volunteer_id: str) -> Role | None:
    """A volunteer's role; None when there is none of this id (any more)."""
    row = VolunteerRow.get_or_none((VolunteerRow.id == volunteer_id) & VolunteerRow.revoked_at.is_null())
    return None if row is None or row.role not in set(Role) else Role(row.role)


def require(actor: str, right: Right) -> None:
    """Let the command line, and volunteers whose role has the right, pass: as the tables say now, not when they came.

    Raises:
        NotAllowedError: anybody else.
    """
    kind, _, who = actor.partition(":")
    if actor != COMMAND_LINE and not (kind == "volunteer" and may(role_of(who), right)):
        raise NotAllowedError(right)
