"""Words about volunteers: message ids, translated when shown."""

from collections.abc import Mapping
from typing import Final

from kiosk.views import Role, VolunteerRefusal
from screens.language import N_, _

REFUSALS: Final[Mapping[VolunteerRefusal, str]] = {
    VolunteerRefusal.LOCKED: N_("The volunteers' area was locked meanwhile. Please scan your card again."),
    VolunteerRefusal.NOT_ALLOWED: N_("Only the keeper of the station may do this."),
    VolunteerRefusal.NO_SUCH_VOLUNTEER: N_("This is no volunteer any more."),
    VolunteerRefusal.LAST_KEEPER: N_("Somebody has to keep the station: enter another keeper first."),
    VolunteerRefusal.BAD_NAME: N_("This is not a name."),
    VolunteerRefusal.BAD_PIN: N_("A PIN has 4 to 8 digits."),
    VolunteerRefusal.ON_DUTY_ALREADY: N_("You are on duty already."),
    VolunteerRefusal.NOT_ON_DUTY: N_("Not on duty any more."),
    VolunteerRefusal.BAD_NOTE: N_("This note cannot be kept."),
    VolunteerRefusal.NO_SUCH_NOTE: N_("This note was cleared already."),
}

ROLES: Final[Mapping[Role, str]] = {
    Role.KEEPER: N_("Keeper of the station"),
    Role.VOLUNTEER: N_("Volunteer"),
}


def refused(refusal: VolunteerRefusal) -> str:
    """Why something was not done."""
    return _(REFUSALS[refusal])
