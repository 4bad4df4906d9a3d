"""Which PINs a rider may choose: not those that anybody would try first."""

import re
from typing import Final

SHORTEST: Final = 4
LONGEST: Final = 6

_DIGITS: Final = re.compile(rf"\A[0-9]{{{SHORTEST},{LONGEST}}}\Z")
_UP: Final = "01234567890"
_DOWN: Final = _UP[::-1]


def is_weak(pin: str, phone: str) -> bool:
    """Whether a PIN is not 4 to 6 digits, one digit repeated, a run such as 1234, or a piece of the phone number.

    These few are what people choose most and strangers try first; a birthday cannot be told here.
    """
    if not _DIGITS.match(pin) or len(set(pin)) == 1:
        return True
    return pin in _UP or pin in _DOWN or bool(phone and (phone.endswith(pin) or phone[3:].startswith(pin)))
