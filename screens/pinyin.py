"""Names by the nine keys of a phone: pinyin in, characters out, those of names first. Loaded when somebody enrols.

The table in `screens/pinyin.txt` names its sources and their licences; `tests/make_pinyin.py` makes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("pinyin.txt")

LETTERS: Final = {
    "2": "abc",
    "3": "def",
    "4": "ghi",
    "5": "jkl",
    "6": "mno",
    "7": "pqrs",
    "8": "tuv",
    "9": "wxyz",
}
"""As on every phone (ISO/IEC 9995-8); ü is typed as v."""

_KEY_OF: Final = {letter: key for key, letters in LETTERS.items() for letter in letters}

WHOLE_WEIGHT: Final = 3
"""A syllable that was typed to its end counts so many times as much as one that goes on."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A character that may be meant."""

    letter: str
    syllable: str
    """Without its tone; empty where none was typed."""


class Pinyin:
    """The table: characters by what is typed.

    Args:
        lines: of the table: `= surnames`, `+ characters of names`, then `syllable characters`, behind another space
            those that are seldom read so; the commonest first.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._surnames: dict[str, int] = {}
        self._given: dict[str, int] = {}
        self._syllables: dict[str, tuple[str, str]] = {}
        for line in lines:
            name, _, letters = line.strip().partition(" ")
            if name == "=":
                self._surnames = {letter: place for place, letter in enumerate(letters)}
            elif name == "+":
                self._given = {letter: place for place, letter in enumerate(letters)}
            elif name and not name.startswith("#"):
                mostly, _, seldom = letters.partition(" ")
                self._syllables[name] = (mostly, seldom)

    def candidates(self, keys: str, *, surname: bool) -> tuple[Candidate, ...]:
        """The characters that may be meant, the likeliest first.

        Args:
            keys: what was typed, digits 2 to 9; empty for the commonest.
            surname: whether the name begins with it.
        """
        order = self._surnames if surname else self._given
        if not keys:
            return tuple(Candidate(letter, "") for letter in order)
        best: dict[str, tuple[float, str]] = {}
        for syllable, (mostly, seldom) in self._syllables.items():
            code = code_of(syllable)
            if code.startswith(keys):
                weight = WHOLE_WEIGHT if code == keys else 1
                for place, letter in enumerate(mostly + seldom):
                    known = None if place >= len(mostly) else order.get(letter)
                    rank = len(order) + place / weight if known is None else known / weight
                    if letter not in best or rank < best[letter][0]:
                        best[letter] = (rank, syllable)
        return tuple(Candidate(letter, best[letter][1]) for letter in sorted(best, key=lambda one: best[one][0]))

    def goes_on(self, keys: str) -> bool:
        """Whether any syllable begins so."""
        return any(code_of(syllable).startswith(keys) for syllable in self._syllables)


def code_of(syllable: str) -> str:
    """The keys that a syllable is typed with."""
    return "".join(_KEY_OF[letter] for letter in syllable)


@lru_cache(maxsize=1)
def pinyin() -> Pinyin:
    """The table in the package, read once (a few ms)."""
    return Pinyin(TABLE.read_text(encoding="utf-8").splitlines())
