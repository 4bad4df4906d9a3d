"""What a label says besides its code: for sheets of them, and for the receipt printer."""

from typing import Final

from kiosk.box import Box
from kiosk.printing.labels import Label
from kiosk.reading import copies
from kiosk.scan import PARCEL_LABEL

PARCEL: Final = "初心专送"
"""The programme's own word, on paper as on the box: it is not translated."""


def label_of(code: str) -> Label:
    """A copy's label with its title and shelf, or a parcel's. Needs a store in use."""
    if PARCEL_LABEL.match(code):
        return Label(code, PARCEL)
    copy = copies.view(code)
    return Label(code, "" if copy.title == code else copy.title, copy.shelf)


def label_at(box: Box, code: str) -> Label:
    """As `label_of`, of a box that runs."""
    with box.journal.store.use():
        return label_of(code)
