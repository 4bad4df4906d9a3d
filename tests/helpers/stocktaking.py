"""Stocktaking in one go, as short tests want it; the station goes step by step."""

from kiosk.box import Box
from kiosk.reading.stocktaking import Closing, Forgetting, Look, begin, scan
from kiosk.views import StocktakeView

__all__ = ["begin", "close", "current", "scan"]


def current(box: Box) -> StocktakeView | None:
    """How far it has come."""
    look = Look(box)
    while not look.step():
        pass
    return look.view


def close(box: Box, actor: str, *, mark_missing: bool) -> int:
    """End it; how many copies were marked as missing."""
    closing = Closing(box, actor, mark_missing=mark_missing)
    while not closing.step():
        pass
    while not Forgetting(box).step():
        pass
    return closing.missing
