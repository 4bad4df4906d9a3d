"""PINs of the keypad: verifiers by argon2id, as text."""

import re
from collections.abc import Iterable
from typing import Final

from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

MEMORY_BYTES: Final = 19 * 1024 * 1024
PASSES: Final = 2
"""argon2id with 19 MiB and 2 passes: the lowest cost in OWASP's password storage cheat sheet; about 15-40 ms."""

_PIN: Final = re.compile(r"\A[0-9]{4,8}\Z")


class PinError(ValueError):
    """Not a PIN; the message says what is accepted and never what was found."""


def make_verifier(pin: str) -> str:
    """A text by which the PIN can be checked and not be read; each call salts anew.

    Raises:
        PinError: not 4 to 8 digits.
    """
    if not _PIN.match(pin):
        raise PinError("PIN: accepted are 4 to 8 digits")
    return argon2id.str(pin.encode("ascii"), opslimit=PASSES, memlimit=MEMORY_BYTES).decode("ascii")


def is_right(pin: str, verifier: str) -> bool:
    """Whether this is the PIN of the verifier; takes as long as making one."""
    if not _PIN.match(pin):
        return False
    try:
        return argon2id.verify(verifier.encode("ascii"), pin.encode("ascii"))
    except InvalidkeyError:
        return False


def is_one_of(pin: str, verifiers: Iterable[str]) -> bool:
    """Whether a PIN is that of somebody with the same number: it must not be, for a login could not tell the two apart.

    Args:
        pin: the one that is wished for.
        verifiers: of all the others with the number; each takes as long as making one.
    """
    return any(is_right(pin, verifier) for verifier in verifiers)
