"""The language of the screens: Chinese first, English by one button.

Message ids are English sentences. The language is the screen's, not the process's: one person stands before it at a
time, so one current language is enough.
"""

import gettext
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("zh", "en")
"""The languages that the screens speak, the station's own first."""

DOMAIN: Final = "kiosk"
"""Name of the gettext catalogue."""

LOCALE: Final = Path(__file__).parent / "locale"
"""Where the catalogues are."""


class _Tongue:
    """The language spoken now."""

    def __init__(self) -> None:
        self.name = "en"
        self.catalogue: gettext.NullTranslations = gettext.NullTranslations()


_tongue = _Tongue()
_catalogues: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}


def set_language(language: str) -> None:
    """Speak this language from now on.

    Args:
        language: "zh" or "en".

    Raises:
        ValueError: for any other.
    """
    if language not in LANGUAGES:
        message = f"language: found {language!r}; accepted are {', '.join(LANGUAGES)}"
        raise ValueError(message)
    if language not in _catalogues:
        _catalogues[language] = gettext.translation(DOMAIN, str(LOCALE), languages=[language])
    _tongue.name = language
    _tongue.catalogue = _catalogues[language]


def language() -> str:
    """The language spoken now."""
    return _tongue.name


def other_language() -> str:
    """The one that the language button changes to."""
    return LANGUAGES[(LANGUAGES.index(_tongue.name) + 1) % len(LANGUAGES)]


def _(message: str) -> str:
    """A message in the language spoken now."""
    return _tongue.catalogue.gettext(message) if message else ""


def n_(singular: str, plural: str, count: int) -> str:
    """A message that depends on a count, in the language spoken now; the count is filled in by the caller."""
    return _tongue.catalogue.ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a message of a table for translation; `_` translates it when shown."""
    return message
