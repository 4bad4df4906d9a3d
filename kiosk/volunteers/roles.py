"""What each role may do at the board: one table. docs/volunteers.md shows it to people, and a test compares the two."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kiosk.views import Role


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
    Right.OTHERS_SHIFTS: frozenset({Role.KEEPER}),
    Right.VOLUNTEERS: frozenset({Role.KEEPER}),
}
"""Who may do what. The command line may do everything: whoever has it has the box."""


def may(role: Role | None, right: Right) -> bool:
    """Whether somebody of a role may do something; nobody (None) may do nothing."""
    return role is not None and role in RIGHTS[right]
