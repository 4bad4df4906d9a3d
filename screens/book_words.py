"""Plain words about books and parcels; message ids, translated when shown."""

from collections.abc import Iterable, Mapping
from typing import Final

from kiosk.views import (
    CopyNote,
    CopyView,
    HoldBlock,
    LoanRefused,
    ParcelOutcome,
    ParcelRefusal,
    ParcelView,
    RenewOutcome,
    Returned,
)
from screens.language import N_, _, n_
from screens.widgets.outcome import Telling, Tone
from screens.words import LOAN_BLOCKS, day_words

MOST_BROUGHT: Final = 5
"""Books of an armful that are named besides the newest one."""

HOLD_BLOCKS: Final[Mapping[HoldBlock, str]] = {
    HoldBlock.ON_SHELF: N_("It stands on the shelf: you can borrow it now"),
    HoldBlock.HELD_ALREADY: N_("You have reserved it already"),
    HoldBlock.LENT_ALREADY: N_("You have this book already"),
    HoldBlock.LIMIT: N_("You have reserved as many books as one may"),
    HoldBlock.OVERDUE: N_("A book of yours is overdue: please return it first"),
    HoldBlock.NOT_FOR_LOAN: N_("This book stays here for reading"),
    HoldBlock.UNKNOWN_TITLE: N_("This book is not in our list"),
    HoldBlock.UNVERIFIED_CARD: N_("Please scan your card first."),
}

PARCEL_REFUSALS: Final[Mapping[ParcelRefusal, str]] = {
    ParcelRefusal.UNKNOWN: N_("This parcel is not known here"),
    ParcelRefusal.CLOSED: N_("This parcel is done already"),
    ParcelRefusal.UNVERIFIED_CARD: N_("Your card is not known here yet: please ask a volunteer"),
    ParcelRefusal.NOT_YOURS: N_("Another rider has this parcel"),
    ParcelRefusal.NOT_TAKEN: N_("Nobody has taken this parcel yet"),
    ParcelRefusal.WRONG_CODE: N_("This is not the code"),
    ParcelRefusal.LOCKED: N_("Too many wrong codes: a volunteer has to confirm it"),
    ParcelRefusal.NO_CODE: N_("The code is not known here: a volunteer has to confirm it"),
    ParcelRefusal.NOTHING_IN_IT: N_("There is nothing in it yet"),
    ParcelRefusal.UNKNOWN_COPY: N_("A book in it is not in our list"),
    ParcelRefusal.SET_ASIDE: N_("A book in it is kept for a rider who reserved it"),
    ParcelRefusal.NOT_IDENTIFIED: N_("Please scan your card first."),
}

COPY_NOTES: Final[Mapping[CopyNote, str]] = {
    CopyNote.MISSING: N_("missing"),
    CopyNote.WITHDRAWN: N_("withdrawn"),
    CopyNote.REPAIR: N_("in repair"),
    CopyNote.ON_LOAN: N_("on loan"),
    CopyNote.OTHER_SHELF: N_("other shelf"),
    CopyNote.OTHER_STATION: N_("belongs to"),
    CopyNote.UNKNOWN: N_("not in our list"),
    CopyNote.ARRIVING: N_("comes from"),
    CopyNote.LEAVING: N_("goes to"),
    CopyNote.SET_ASIDE: N_("on the pick-up shelf"),
    CopyNote.UNSEEN: N_("not scanned yet"),
}

PARCEL_STATES: Final[Mapping[str, str]] = {
    "packed": N_("on the shelf"),
    "taken": N_("on its way"),
    "delivered": N_("to be confirmed"),
    "confirmed": N_("confirmed"),
    "cancelled": N_("unpacked"),
}


def brought(batch: Iterable[Returned | LoanRefused]) -> Iterable[str]:
    """What came in besides the newest book, one line each."""
    books = list(batch)
    for each in books[:MOST_BROUGHT]:
        if isinstance(each, Returned):
            yield "✓ " + _("“{title}”").format(title=each.title)
        else:
            yield f"× {each.label} " + _(", ").join(_(LOAN_BLOCKS[block]) for block in each.blocks)
    if len(books) > MOST_BROUGHT:
        more = len(books) - MOST_BROUGHT
        yield n_("... and {n} more", "... and {n} more", more).format(n=more)


def where_to(outcome: Returned) -> str:
    """Where a book that came back belongs."""
    if outcome.set_aside:
        return _("Somebody waits for it: please put it on the pick-up shelf.")
    if outcome.home:
        return _("It belongs to station {station}: please put it into the box for other stations.").format(
            station=outcome.home
        )
    if outcome.to_volunteer:
        return _("Please leave the book here for the volunteer.")
    return _("Please put it on the shelf.")


def where_to_briefly(outcome: Returned) -> str:
    """The same in a line of a list: the place alone."""
    if outcome.set_aside:
        return "► " + _("pick-up shelf: somebody waits for it")
    if outcome.home:
        return "► " + _("box for other stations: {station}").format(station=outcome.home)
    if outcome.to_volunteer:
        return "► " + _("leave it for the volunteer")
    return "► " + _("shelf")


def renewed(outcome: RenewOutcome) -> str:
    """What came of a renewal, in a line."""
    if outcome.due is not None:
        return "✓ " + _("renewed until {day}").format(day=day_words(outcome.due))
    return "× " + _(", ").join(_(LOAN_BLOCKS[block]) for block in outcome.blocks)


def parcel_telling(outcome: ParcelOutcome) -> Telling:
    """What came of scanning a parcel."""
    if outcome.refusal is ParcelRefusal.NOT_IDENTIFIED:
        return Telling(Tone.CAREFUL, _("A parcel"), (_("To take it along, scan your card, then the parcel."),))
    if outcome.refusal is not None:
        return Telling(Tone.BAD, _(PARCEL_REFUSALS[outcome.refusal]), (outcome.id,))
    lines = [outcome.id]
    if outcome.parcel is not None and outcome.parcel.due is not None:
        lines.append(_("Please bring it by {day}.").format(day=day_words(outcome.parcel.due)))
    lines.append(_("Where it goes stands under “Read”, “Parcels”."))
    return Telling(Tone.GOOD, _("You have this parcel now"), tuple(lines))


def note_words(copy: CopyView) -> str:
    """What is the matter with a copy, and which other station it has to do with; empty for nothing."""
    return "" if copy.note is None else f"{_(COPY_NOTES[copy.note])} {copy.where}".strip()


def parcel_words(parcel: ParcelView) -> str:
    """How far a parcel has come, and whether it is late."""
    words = _(PARCEL_STATES.get(parcel.state, parcel.state))
    return "▲ " + _("late") + _(", ") + words if parcel.late else words


def whom(parcel: ParcelView) -> str:
    """A parcel's recipient: the name as it is shown, and the number in the list of homes."""
    number = parcel.place.removeprefix("No. ")
    place = parcel.place if number == parcel.place else _("No. {number}").format(number=number)
    return f"{parcel.recipient}  {place}".strip()
