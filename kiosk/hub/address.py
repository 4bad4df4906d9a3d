"""The hub database's URL: what is accepted, and how it is shown without its password."""

import re
from urllib.parse import unquote

POSTGRES_PREFIXES = ("postgresql://", "postgres://")
ACCEPTED = (
    "sqlite:///FILE, sqlite:////ABSOLUTE/FILE, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE "
    "(several hosts: HOST:PORT,HOST:PORT/DATABASE?target_session_attrs=read-write)"
)

_USER = re.compile(r"\A(?!sqlite:)(?P<before>(?:[a-z]+:/+)?+[^:/?#@]*:)(?P<secret>.*)@", re.DOTALL)
"""Up to the last @: rather too much is hidden than too little."""
_PARAMETER = re.compile(r"(?P<before>[?&][a-z_]*password=)(?P<secret>[^&]*)", re.IGNORECASE)
HIDDEN = "***"


def masked(url: str) -> str:
    """The URL with every password in it replaced.

    Args:
        url: as given, right or wrong.
    """
    without = _USER.sub(rf"\g<before>{HIDDEN}@", url)
    return _PARAMETER.sub(rf"\g<before>{HIDDEN}", without)


def scrubbed(text: str, url: str) -> str:
    """A message in one line, with no password of the URL in it, as written or as meant.

    Args:
        text: what a library said about the URL.
        url: the URL.
    """
    found = [match["secret"] for match in (_USER.search(url), *_PARAMETER.finditer(url)) if match is not None]
    found += [secret.partition("@")[0] for secret in found]
    for secret in sorted({*found, *map(unquote, found)} - {""}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return " ".join(text.split())
