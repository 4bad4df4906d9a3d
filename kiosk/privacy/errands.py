"""What the command line may ask about riders' data, at the running station or with the folder's lock."""

from kiosk.box import Box
from kiosk.control import Arguments, ControlError, number_of
from kiosk.privacy import erasing, unseen
from kiosk.privacy.export import export
from kiosk.riders import people
from kiosk.views.privacy import OpenMatter

_WORDS = {
    OpenMatter.CHARGING: "charging, a booking or a place in the queue",
    OpenMatter.LOANS: "books on loan",
    OpenMatter.HOLDS: "books waited for",
    OpenMatter.PARCELS: "parcels",
}


def export_rider(box: Box, arguments: Arguments) -> dict[str, object]:
    """Everything that is stored about a rider of this station."""
    return export(box, number_of(arguments, "rider"))


def erase_rider(box: Box, arguments: Arguments) -> None:
    """Erase a rider of this station; whatever is open stands in the way unless `anyway`."""
    rider = people.by_number(box, number_of(arguments, "rider"))
    matters = erasing.open_matters(box, rider.id)
    if matters and not arguments.get("anyway"):
        what = ", ".join(f"{_WORDS[matter]} ({count})" for matter, count in matters)
        raise ControlError(f"Rider {rider.number} still has: {what}. End that first, or erase --anyway.")
    erasing.erase(box, rider.id, actor="cli")


def unseen_riders(box: Box, arguments: Arguments) -> dict[str, object]:
    """Riders whom no station has seen for years, among the next few after the number `after`."""
    found = unseen.page(box, number_of(arguments, "after"))
    riders = [{"number": one.number, "name": one.masked_name, "seen": one.seen.isoformat()} for one in found.riders]
    return {"riders": riders, "after": found.after}


OPERATIONS = {
    "export-rider": export_rider,
    "erase-rider": erase_rider,
    "unseen-riders": unseen_riders,
}
