"""What is told beneath a wrong PIN or code: how many tries are left, or until when nothing is tried, and what then."""

from datetime import datetime
from zoneinfo import ZoneInfo

from screens.language import _, n_


def left_words(tries: int | None) -> str:
    """The line that says how many tries are left, with its line break; empty when that was not told."""
    return "" if tries is None else "\n" + n_("{n} try left.", "{n} tries left.", tries).format(n=tries)


def tries_words(tries: int | None, locked_until: datetime | None, zone: ZoneInfo) -> str:
    """The line that says until when nothing is tried, or else how many tries are left; empty when neither was told."""
    if locked_until is None:
        return left_words(tries)
    return "\n" + _("Locked until {time}.").format(time=f"{locked_until.astimezone(zone):%H:%M}")


def forgotten_words() -> str:
    """The line for a rider who has forgotten the PIN, with its line break."""
    return "\n" + _("Forgotten? A volunteer sets a new PIN.")
