"""What enrols a box: the hub's one-time code, alone or, in a QR code, with the hub's address."""

import re
from typing import Final

from msgspec import Struct

PREFIX: Final = "KIOSK-ENROL:"
"""Begins the text of the QR code: no rider's card, copy or book has it."""
LONGEST_CODE: Final = 64
_CODE = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9 -]*\Z")


class TicketError(ValueError):
    """A text that is neither; the message says what is accepted."""


class Ticket(Struct, frozen=True):
    """A one-time code."""

    code: str
    url: str | None = None
    """The hub that gave it; None when the text does not say."""

    @property
    def text(self) -> str:
        """What the QR code holds: `KIOSK-ENROL:<code>:<address>`; without an address the last part is empty."""
        return f"{PREFIX}{self.code}:{self.url or ''}"

    def is_of(self, url: str) -> bool:
        """Whether it may be used at the hub with this address."""
        return self.url is None or self.url.rstrip("/") == url.rstrip("/")


def read_ticket(text: str) -> Ticket:
    """The ticket in what somebody typed or scanned.

    Raises:
        TicketError: neither a code nor the text of an enrolment's QR code.
    """
    tidy = text.strip()
    code, url = tidy, ""
    if tidy.upper().startswith(PREFIX):
        code, _, url = tidy[len(PREFIX) :].partition(":")
    if not _CODE.match(code) or len(code) > LONGEST_CODE:
        raise TicketError("The code: accepted is what `kiosk hub station add` printed, or the text of its QR code.")
    return Ticket(code, url or None)
