"""Letters as they are typed on a number pad of nine keys, which every phone here has had (九宫格)."""

from typing import Final

KEYS: Final = ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
"""The letters on the keys 2 to 9 (ITU-T E.161)."""

_DIGITS: Final = str.maketrans(
    {letter: str(number) for number, letters in enumerate(KEYS, start=2) for letter in letters}
)


def digits_of(key: str) -> str:
    """A search key (small letters and digits) as it is typed on the pad."""
    return key.translate(_DIGITS)
