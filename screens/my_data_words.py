"""Words about a rider's own data (message ids)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from kiosk.views import RiderView
from kiosk.views.privacy import OpenMatter, PrivacyRefusal, StoredKind
from screens.language import N_, _, n_
from screens.tries import forgotten_words, tries_words

KINDS: Final[Mapping[StoredKind, tuple[str, str]]] = {
    StoredKind.NAME: (N_("Name"), N_("masked on every screen")),
    StoredKind.PHONE: (N_("Phone number"), N_("nobody can read it here")),
    StoredKind.PIN: (N_("PIN"), N_("it can only be checked")),
    StoredKind.CARDS: (N_("Cards"), N_("a random number each")),
    StoredKind.CHECKINS: (N_("Check-ins"), N_("day and station, for points")),
    StoredKind.CHARGING: (N_("Charges"), N_("slot, time, energy, bookings")),
    StoredKind.READING: (N_("Books"), N_("borrowed, returned, waited for")),
    StoredKind.PARCELS: (N_("Parcels"), N_("which you took and brought")),
    StoredKind.POINTS: (N_("Points"), N_("day, rule, station")),
    StoredKind.NOTES: (N_("Notes for you"), N_("deleted a while after")),
    StoredKind.CONSENTS: (N_("What you agreed to"), N_("enrolment, ranking")),
    StoredKind.TRIES: (N_("Wrong PINs"), N_("forgotten after a week")),
}
"""What it is, and what for or how it is kept."""

REFUSALS: Final[Mapping[PrivacyRefusal, str]] = {
    PrivacyRefusal.NOT_IDENTIFIED: N_("Scan your card first."),
    PrivacyRefusal.NO_PIN: N_("You have no PIN yet. A volunteer sets one."),
    PrivacyRefusal.WRONG_PIN: N_("This PIN is wrong."),
    PrivacyRefusal.LOCKED_OUT: N_("Too many wrong PINs."),
}

CONSEQUENCES: Final = (
    N_("Name, phone number and PIN are deleted: here at once, elsewhere and in backups later."),
    N_("Your cards stop working. You can enrol again, as somebody new."),
    N_("Points, charging and loans stay in the books without a person. Nobody can give them back to you."),
)


def who_words(rider: RiderView) -> str:
    """The masked name, and the number at this station."""
    number = "" if rider.number is None else _("Rider no. {number}").format(number=rider.number)
    return "  ".join(part for part in (rider.masked_name, number) if part)


def rider_words(rider: RiderView) -> str:
    """A rider in a list: the masked name, or that they were erased and which number they had."""
    if not rider.erased:
        return rider.masked_name
    return erased_words(None if rider.number is None else str(rider.number))


def erased_words(number: str | None) -> str:
    """A person who was erased: the number that they had at this station is all that is left."""
    known = "" if number is None else _("Rider no. {number}").format(number=number)
    return "  ".join(part for part in (_("erased"), known) if part)


def open_words(matters: tuple[tuple[OpenMatter, int], ...]) -> str:
    """What has to be ended first, such as "2 books on loan, 1 parcel"."""
    words = {
        OpenMatter.CHARGING: lambda n: n_("{n} charging slot or booking", "{n} charging slots or bookings", n),
        OpenMatter.LOANS: lambda n: n_("{n} book on loan", "{n} books on loan", n),
        OpenMatter.HOLDS: lambda n: n_("{n} book waited for", "{n} books waited for", n),
        OpenMatter.PARCELS: lambda n: n_("{n} parcel", "{n} parcels", n),
    }
    return _(", ").join(words[matter](count).format(n=count) for matter, count in matters)


def refused(refusal: PrivacyRefusal, tries_left: int | None, locked_until: datetime | None, now: datetime) -> str:
    """Why nothing was told or done; `now` is the time at the station."""
    words = "× " + _(REFUSALS[refusal])
    tried = tries_words(tries_left, locked_until, now)
    return words + tried + forgotten_words() if tried else words
