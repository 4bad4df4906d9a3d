"""Parcels of reading matter, brought to elderly and retired members at home by riders (初心专送).

A volunteer packs one; a rider takes it by scanning its label, and has it; the recipient's code, or a volunteer,
confirms that it came. Then its rider earns the points, and who received it is erased everywhere. What is in a rider's
hands is a fact: a parcel that another one had is handed over by scanning it.
"""

from kiosk.parcels.giving import brought_back, cancel, confirm, confirm_by_code, deliver, pack, take
from kiosk.parcels.kinds import FEATURE, ParcelState
from kiosk.parcels.lists import one, open_parcels, own

__all__ = [
    "FEATURE",
    "ParcelState",
    "brought_back",
    "cancel",
    "confirm",
    "confirm_by_code",
    "deliver",
    "one",
    "open_parcels",
    "own",
    "pack",
    "take",
]
