"""What an event was, in plain words, for the page of acts; the feature of a new kind adds a line."""

from collections.abc import Mapping
from typing import Final

from screens.language import N_, _

KINDS: Final[Mapping[str, str]] = {
    "bookhold.ended": N_("ended the hold of a book"),
    "bookhold.made": N_("held a book"),
    "card.issued": N_("issued a card"),
    "card.revoked": N_("revoked a card"),
    "checkin.recorded": N_("checked a rider in"),
    "checkin.undone": N_("took a check-in back"),
    "copy.added": N_("added a copy"),
    "copy.borrowed": N_("lent a copy"),
    "copy.marked": N_("marked a copy"),
    "copy.received": N_("received a copy"),
    "copy.renewed": N_("renewed a loan"),
    "copy.returned": N_("took a copy back"),
    "entry.code_given": N_("gave out a code for one entry"),
    "entry.opened": N_("opened the volunteers' area"),
    "erasure.requested": N_("asked for deletion"),
    "erasure.withdrawn": N_("withdrew a deletion"),
    "hold.ended": N_("ended a booking"),
    "hold.made": N_("booked a slot"),
    "hold.refused": N_("had a booking wait"),
    "keeper.created": N_("entered a volunteer"),
    "note.cleared": N_("cleared a note"),
    "note.left": N_("left a note"),
    "parcel.brought_back": N_("took a parcel back"),
    "parcel.cancelled": N_("cancelled a parcel"),
    "parcel.confirmed": N_("confirmed a parcel"),
    "parcel.delivered": N_("delivered a parcel"),
    "parcel.packed": N_("packed a parcel"),
    "parcel.taken": N_("handed a parcel out"),
    "person.erased": N_("deleted personal data"),
    "points.awarded": N_("awarded points"),
    "points.reversed": N_("took points back"),
    "points.withdrawn": N_("took points back"),
    "queue.joined": N_("let a rider queue"),
    "queue.left": N_("ended a rider's wait"),
    "queue.offered": N_("offered a slot"),
    "rider.consented": N_("recorded a consent"),
    "rider.enrolled": N_("enrolled a rider"),
    "rider.pin_set": N_("set a rider's PIN"),
    "rider.vanguard_set": N_("changed the vanguard mark"),
    "session.started": N_("started a charging"),
    "shift.ended": N_("signed off duty"),
    "shift.started": N_("signed on duty"),
    "stocktake.closed": N_("ended the stocktaking"),
    "stocktake.opened": N_("began the stocktaking"),
    "title.added": N_("added a title"),
    "volunteer.pin_set": N_("set a volunteer's PIN"),
    "volunteer.revoked": N_("struck a volunteer off"),
}


def kind_words(kind: str) -> str:
    """An event's kind in words; of one that nobody gave words, its name, which a technician understands."""
    words = KINDS.get(kind)
    return kind if words is None else _(words)
