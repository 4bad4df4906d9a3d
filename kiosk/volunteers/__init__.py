"""Volunteers: cards and PINs that open the staff area, roles, and who is on duty."""

from kiosk.views import Role
from kiosk.volunteers.entry import enter, enter_by_code, give_code
from kiosk.volunteers.kinds import (
    FEATURE,
    KeeperCreated,
    PinRecord,
    ShiftEnded,
    ShiftStarted,
    VolunteerPinSet,
    VolunteerRecord,
    VolunteerRevoked,
)
from kiosk.volunteers.people import (
    LastKeeperError,
    NoSuchVolunteerError,
    actor_name,
    create,
    create_keeper,
    keeper_exists,
    listing,
    replace_card,
    revoke,
    set_pin,
    view,
)
from kiosk.volunteers.pins import LOCK_OUT_S, TRIES, check_pin
from kiosk.volunteers.roles import RIGHTS, NotAllowedError, Right, may, role_of
from kiosk.volunteers.shifts import end_forgotten, on_duty, sign_off, sign_on

__all__ = [
    "FEATURE",
    "LOCK_OUT_S",
    "RIGHTS",
    "TRIES",
    "KeeperCreated",
    "LastKeeperError",
    "NoSuchVolunteerError",
    "NotAllowedError",
    "PinRecord",
    "Right",
    "Role",
    "ShiftEnded",
    "ShiftStarted",
    "VolunteerPinSet",
    "VolunteerRecord",
    "VolunteerRevoked",
    "actor_name",
    "check_pin",
    "create",
    "create_keeper",
    "end_forgotten",
    "enter",
    "enter_by_code",
    "give_code",
    "keeper_exists",
    "listing",
    "may",
    "on_duty",
    "replace_card",
    "revoke",
    "role_of",
    "set_pin",
    "sign_off",
    "sign_on",
    "view",
]
