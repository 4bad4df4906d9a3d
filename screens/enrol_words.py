"""Why nobody was enrolled, and what to do now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from kiosk.views.login import EnrolRefusal
from screens.language import N_, _
from screens.tries import until_words

REFUSALS: Final[Mapping[EnrolRefusal, str]] = {
    EnrolRefusal.NOT_A_PHONE: N_("That is not a mobile number of the mainland."),
    EnrolRefusal.KNOWN_PHONE: N_(
        "This number is enrolled already. Use your card, or phone and PIN; if you have lost both, or the number is new "
        "to you or shared, a volunteer helps."
    ),
    EnrolRefusal.LOCKED_OUT: N_("Too many known numbers were typed here. It goes on at {time}; a volunteer can now."),
    EnrolRefusal.NOT_A_NAME: N_("The name cannot be used. Go back and pick it again."),
    EnrolRefusal.WEAK_PIN: N_("This PIN cannot be used. Choose another one: no 1234, and no piece of the number."),
    EnrolRefusal.NOT_ALLOWED: N_("Only a volunteer can do this."),
    EnrolRefusal.NO_CARD: N_("This rider is not known here any more."),
}


def refused(refusal: EnrolRefusal, until: datetime | None, now: datetime) -> str:
    """The sentence for a refusal, in the language spoken now.

    Args:
        refusal: why nobody was enrolled.
        until: when it goes on.
        now: the time at the station.
    """
    time = "" if until is None else until_words(until, now)
    return "× " + _(REFUSALS[refusal]).format(time=time)
