"""Names by the nine keys of a phone: pinyin in, characters out, those of names first. Loaded when somebody enrols.

As on every phone, a syllable may be spelled or begun: 志远 is found by `zhiyuan`, `zhiy`, `zy`. After a first character
those stand in front that names go on with.

The table in `screens/pinyin.txt` names its sources and their licences; `tests/make_pinyin.py` makes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, product
from pathlib import Path
from typing import Final

from msgspec import Struct

TABLE: Final = Path(__file__).with_name("pinyin.txt")

DOT: Final = "·"
"""Stands between the parts of a longer name."""

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

WHOLE_WEIGHT: Final = 3.0
"""A syllable that was typed to its end counts so many times as much as one that goes on."""

FLATTER: Final = 20
"""The place n of a list by frequency weighs 1 / (n + this): the first of it are about as frequent as one another."""
COMPOUND_PLACE: Final = 60
"""The commonest compound surname stands so far back among the surnames, parts of names by sound twice as far."""
FOLLOWS_WEIGHT: Final = 4.0
"""How much more a given name that is known whole weighs than two characters that are only frequent."""


class Candidate(Struct, frozen=True):
    """Characters that may be meant: one, a whole surname, a whole given name, or a part of a longer name."""

    letter: str
    syllable: str
    """Without its tone; empty where none was typed."""


class _Syllable(Struct, frozen=True):
    """A line of the table."""

    syllable: str
    code: str
    usual: str
    seldom: str


class _Word(Struct, frozen=True):
    """Several characters that are offered as one, in one of their readings."""

    candidate: Candidate
    weight: float
    codes: tuple[str, ...]
    """The keys of each syllable."""


class Pinyin:
    """The table: characters by what is typed.

    Args:
        lines: of the table: `= surnames`, `== surnames of several characters`, `& parts of names by sound`,
            `+ characters of given names`, `* given names of two`, then `syllable characters`, behind another space
            those that are seldom read so; the commonest first.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._surnames: dict[str, float] = {}
        self._given: dict[str, float] = {}
        compounds: dict[str, float] = {}
        by_sound: dict[str, float] = {}
        pairs: dict[str, float] = {}
        self._syllables: dict[str, list[_Syllable]] = defaultdict(list)
        self._readings: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            name, _, letters = line.strip().partition(" ")
            if name == "=":
                self._surnames = _weights(letters)
            elif name == "==":
                compounds = _weights(letters.split(), behind=COMPOUND_PLACE)
            elif name == "&":
                by_sound = _weights(letters.split(), behind=2 * COMPOUND_PLACE)
            elif name == "+":
                self._given = _weights(letters)
            elif name == "*":
                pairs = _weights([letters[at : at + 2] for at in range(0, len(letters), 2)])
            elif name and not name.startswith("#"):
                self._read(name, *letters.partition(" ")[::2])
        self._several = (*compounds, *by_sound)
        self._parts = tuple(by_sound)
        self._surname_words = self._words(compounds | by_sound)
        self._part_words = self._words(by_sound)
        self._given_words = self._words(pairs)
        self._follows: dict[str, dict[str, float]] = defaultdict(dict)
        for pair, weight in pairs.items():
            self._follows[pair[0]][pair[1]] = weight

    def _read(self, syllable: str, usual: str, seldom: str) -> None:
        code = code_of(syllable)
        self._syllables[code[0]].append(_Syllable(syllable, code, usual, seldom))
        for letter in usual:
            self._readings[letter].append(syllable)

    def candidates(self, keys: str, *, name: str = "") -> tuple[Candidate, ...]:
        """The characters that may be meant, the likeliest first.

        Args:
            keys: what was typed, digits 2 to 9; empty for the commonest.
            name: what stands there already.
        """
        if not name:
            return self._ranked(keys, self._surnames, self._surname_words)
        if name.endswith((DOT, *self._parts)):
            return self._ranked(keys, self._given, self._part_words)
        given = self.given_of(name)
        if given:
            return self._ranked(keys, self._going_on(given[-1]), {})
        return self._ranked(keys, self._given, self._given_words, by_share=True)

    def letters(self, keys: str) -> tuple[Candidate, ...]:
        """The single characters that may be meant in any words, the likeliest first; none where nothing was typed."""
        return self._ranked(keys, {}, {}) if keys else ()

    def given_of(self, name: str) -> str:
        """What stands behind the surname, or behind the last dot."""
        if DOT in name:
            return name.rpartition(DOT)[2]
        surname = next((one for one in self._several if name.startswith(one)), name[:1])
        return name.removeprefix(surname)

    def _going_on(self, last: str) -> dict[str, float]:
        following = self._follows.get(last, {})
        whole = sum(following.values())
        known = {letter: FOLLOWS_WEIGHT * weight / whole for letter, weight in following.items()}
        return {letter: known.get(letter, 0.0) + self._given.get(letter, 0.0) for letter in {**known, **self._given}}

    def goes_on(self, keys: str, *, name: str = "") -> bool:
        """Whether anything is found by these keys."""
        return bool(self.candidates(keys, name=name))

    def _ranked(
        self, keys: str, letters: dict[str, float], words: dict[str, list[_Word]], *, by_share: bool = False
    ) -> tuple[Candidate, ...]:
        """Single characters and words in one order.

        Args:
            keys: what was typed.
            letters: weights of single characters.
            words: by their first key.
            by_share: each weighs its share of all of its sort that the keys allow: nobody knows how the rider types.
        """
        if not keys:
            order = sorted(letters, key=lambda one: -letters[one])
            return tuple(Candidate(letter, "") for letter in order)
        found: dict[str, tuple[float, Candidate]] = {}
        for sort in (self._letters(keys, letters), _matching(keys, words.get(keys[0], ()))):
            best: dict[str, tuple[float, Candidate]] = {}
            for weight, candidate in sort:
                if candidate.letter not in best or weight > best[candidate.letter][0]:
                    best[candidate.letter] = weight, candidate
            whole = sum(weight for weight, _ in best.values()) if by_share else 1.0
            found.update((letter, (weight / whole, one)) for letter, (weight, one) in best.items())
        return tuple(candidate for _, candidate in sorted(found.values(), key=lambda one: -one[0]))

    def _letters(self, keys: str, weights: dict[str, float]) -> Iterator[tuple[float, Candidate]]:
        lightest = min(weights.values(), default=1.0)
        for one in self._syllables.get(keys[0], ()):
            if one.code.startswith(keys):
                times = WHOLE_WEIGHT if one.code == keys else 1.0
                for place, letter in enumerate(one.usual + one.seldom):
                    known = weights.get(letter) if place < len(one.usual) else None
                    weight = lightest / (place + 2) if known is None else known
                    yield times * weight, Candidate(letter, one.syllable)

    def _words(self, weights: dict[str, float]) -> dict[str, list[_Word]]:
        words: dict[str, list[_Word]] = defaultdict(list)
        for word, weight in weights.items():
            for syllables in product(*(self._readings[letter] for letter in word)):
                codes = tuple(code_of(syllable) for syllable in syllables)
                words[codes[0][0]].append(_Word(Candidate(word, "".join(syllables)), weight, codes))
        return words


def _matching(keys: str, words: Iterable[_Word]) -> Iterator[tuple[float, Candidate]]:
    for word in words:
        if fits(keys, word.codes):
            yield word.weight * (WHOLE_WEIGHT if keys in accumulate(word.codes) else 1.0), word.candidate


def fits(keys: str, codes: Sequence[str]) -> bool:
    """Whether keys begin to type syllables, each of them spelled or by its initial; the last as far as it goes.

    Args:
        keys: what was typed.
        codes: the keys of each whole syllable.
    """
    if not keys:
        return True
    if not codes:
        return False
    code, rest = codes[0], codes[1:]
    if code.startswith(keys):
        return True
    ends = (1, len(code), *((2,) if code[1:2] == _KEY_OF["h"] else ()))  # zh, ch, sh
    return any(keys.startswith(code[:end]) and fits(keys[end:], rest) for end in ends)


def _weights(ranked: Sequence[str], behind: int = 0) -> dict[str, float]:
    return {one: 1 / (place + behind + FLATTER) for place, one in enumerate(ranked)}


@lru_cache(maxsize=512)
def code_of(syllable: str) -> str:
    """The keys that a syllable is typed with."""
    return "".join(_KEY_OF[letter] for letter in syllable)


@lru_cache(maxsize=1)
def pinyin() -> Pinyin:
    """The table in the package, read once (some 10 ms)."""
    return Pinyin(TABLE.read_text(encoding="utf-8").splitlines())
