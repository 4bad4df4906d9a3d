"""A cache of Textual's that kept every closed screen alive.

`StylesCache.get_inner_outer` is an `lru_cache` around a method, so each of its 1024 entries holds the `StylesCache`
that asked, and with it the drawn lines of a widget that may be long gone: about 0.5 MB for each visit of a rider, until
the cache is full. Seen in Textual 8.2.8. What it computes depends on two colours alone, so they alone are the key here.
"""

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style


@lru_cache(256)
def _inner_outer(base_background: Color, background: Color) -> tuple[Style, Style]:
    """The styles inside and outside of a border."""
    return Style(background=base_background + background), Style(background=base_background)


def _get_inner_outer(_cache: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
    return _inner_outer(base_background, background)


def let_closed_screens_go() -> None:
    """Put the cache right, for every app of this process; once is enough, and again does nothing."""
    StylesCache.get_inner_outer = _get_inner_outer  # type: ignore[method-assign, assignment]
