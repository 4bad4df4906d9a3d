"""A parcel's label and the recipient's code."""

import secrets
from typing import Final

LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""As `kiosk.scan.PARCEL_LABEL` has them."""
LENGTH: Final = 8
"""40 bits: two parcels of an area share a label less than once in ten thousand years."""
CODE_DIGITS: Final = 4
MOST_WRONG: Final = 5
"""Wrong codes at one box, after which only a volunteer confirms: one guess in 2000 succeeds."""


def new_label() -> str:
    """A fresh label."""
    return "PKG-" + "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))


def number_of(label: str) -> int:
    """A parcel's number, by which its award is told from others of the same day: 1 to 2^40."""
    number = 0
    for letter in label.removeprefix("PKG-"):
        number = number * len(LETTERS) + LETTERS.index(letter)
    return number + 1


def new_code() -> str:
    """A fresh code for the recipient."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
