"""What a title is found by: the initials of its pinyin in all readings, its ISBN and its shelf mark.

Made when a title is catalogued, and kept in its event. Pinyin costs 65 MB and a second to load, so nothing that serves
riders calls this: commands do, in a process of their own.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby, islice, product
from typing import Final

MOST_READINGS: Final = 16
"""Of one text. The likeliest come first: the fewer characters are read otherwise than usual, the earlier."""

LONGEST: Final = 16
"""Characters of a text that are read: nobody types more, and long titles would have thousands of readings."""

SURNAMES: Final = {
    "单": "s",
    "仇": "q",
    "区": "o",
    "查": "z",
    "解": "x",
    "曾": "z",
    "盖": "g",
    "朴": "p",
    "翟": "z",
}
"""Initials of characters that are read otherwise in a surname (shàn, qiú, ōu, zhā, xiè, zēng, gě, piáo, zhái)."""
DOUBLE_SURNAMES: Final = {"尉迟": ("y", "c")}
"""Yùchí, not wèi."""

_BETWEEN_AUTHORS: Final = re.compile(r"[、，,;；/&]+")


def keys_of(title: str, author: str, isbn: str, shelf: str) -> tuple[str, ...]:
    """Every key of a title, each once: small letters and digits.

    Args:
        title: the title.
        author: one or several, with commas between.
        isbn: 13 digits, or empty.
        shelf: the shelf mark.
    """
    found = [*readings(title)]
    for name in _BETWEEN_AUTHORS.split(author):
        found += readings(name)
    found += [isbn, _plain(shelf)]
    return tuple(dict.fromkeys(key for key in found if key))


def readings(text: str) -> list[str]:
    """The initials of a text, at most `MOST_READINGS`; Latin letters and digits stand as they are."""
    characters = [character for character in _folded(text) if character.isalnum()][:LONGEST]
    return list(islice(_by_likelihood(_options(characters)), MOST_READINGS))


def _options(characters: Sequence[str]) -> list[list[str]]:
    """For each character its initials, the usual one first."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 - 65 MB; see the module

    usual: list[str] = []
    for is_latin, run in groupby(characters, str.isascii):
        text = "".join(run)  # whole runs, for what stands beside a character tells how it is read
        found = list(text) if is_latin else [reading[0] for reading in pinyin(text, style=Style.FIRST_LETTER)]
        usual += found if len(found) == len(text) else list(text)  # characters of another script are taken together
    surnames = _surname(characters)
    options = []
    for place, character in enumerate(characters):
        rare = [] if character.isascii() else pinyin(character, style=Style.FIRST_LETTER, heteronym=True)[0]
        first = [surnames[place]] if place < len(surnames) else []
        likely = [_plain(reading)[:1] for reading in (*first, usual[place], *rare)]
        options.append(list(dict.fromkeys(letter for letter in likely if letter)))
    return [letters for letters in options if letters]


def _surname(characters: Sequence[str]) -> Sequence[str]:
    double = DOUBLE_SURNAMES.get("".join(characters[:2]))
    if double is not None:
        return double
    single = SURNAMES.get(characters[0]) if characters else None
    return () if single is None else (single,)


def _by_likelihood(options: Sequence[Sequence[str]]) -> Iterator[str]:
    """Every combination: first as usual, then with one character read otherwise, then two, from the beginning on."""
    if not options:
        return
    doubtful = [place for place, letters in enumerate(options) if len(letters) > 1]
    for count in range(len(doubtful) + 1):
        for places in combinations(doubtful, count):
            for others in product(*(options[place][1:] for place in places)):
                letters = [choices[0] for choices in options]
                for place, other in zip(places, others, strict=True):
                    letters[place] = other
                yield "".join(letters)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _plain(text: str) -> str:
    """Small ASCII letters and digits alone; an accent is dropped."""
    letters: Iterable[str] = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())
