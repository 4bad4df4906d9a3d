"""Phone numbers: parsed, turned into a keyed look-up, and sealed so that the box itself cannot read them back."""

import hashlib
import re
import unicodedata
from typing import Final

from nacl.public import PrivateKey, PublicKey, SealedBox

ACCEPTED: Final = "11 digits that begin with 1, such as 13800001001; spaces, dashes and +86 in front may stand"

SCRYPT_N: Final = 2**15
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
SCRYPT_MEMORY: Final = 64 * 1024 * 1024
"""More than the 128 * n * r = 32 MiB that scrypt needs; hashlib's own limit is just 32 MiB and would refuse."""

_SEPARATORS: Final = re.compile(r"[\s().\-\u2010-\u2015\u2212]+")
_NUMBER: Final = re.compile(r"\A(?:\+86|0086)?(1[0-9]{10})\Z")


class PhoneError(ValueError):
    """Not a mobile number of the mainland's numbering plan.

    The message shows what was found: for the person who typed it, never for a log.
    """

    def __init__(self, found: str) -> None:
        self.found = found
        self.accepted = ACCEPTED
        super().__init__(f"phone: found {found!r}; accepted are {ACCEPTED}")


def parse_phone(text: str) -> str:
    """The 11 digits of a mobile number, however it was typed (full-width digits too).

    Raises:
        PhoneError: it is none.
    """
    found = _NUMBER.match(_SEPARATORS.sub("", unicodedata.normalize("NFKC", text)))
    if found is None:
        raise PhoneError(text.strip())
    return found[1]


def lookup_of(phone: str, area_key: bytes) -> str:
    """What a parsed number is found by: scrypt keyed with the area's secret, 64 hex digits; takes about 100 ms.

    Nobody without the key can try numbers; with it, each try costs as much as it does here.
    """
    digest = hashlib.scrypt(
        phone.encode("ascii"), salt=area_key, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=SCRYPT_MEMORY, dklen=32
    )
    return digest.hex()


def seal(phone: str, seal_key: bytes) -> str:
    """A parsed number that only the holder of the private half of `seal_key` can read, as hex."""
    return SealedBox(PublicKey(seal_key)).encrypt(phone.encode("ascii")).hex()


def unseal(sealed: str, private_key: bytes) -> str:
    """The number in a sealed text, for the holder of the private key (32 bytes).

    Raises:
        nacl.exceptions.CryptoError: it was sealed to another key.
    """
    return SealedBox(PrivateKey(private_key)).decrypt(bytes.fromhex(sealed)).decode("ascii")
