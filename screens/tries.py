"""What is told beneath a wrong PIN or code: how many tries are left, or until when nothing is tried, and what then."""

from datetime import datetime

from screens.language import _, n_
from screens.words import day_words


def left_words(tries: int | None) -> str:
    """The line that says how many tries are left, with its line break; empty when that was not told."""
    return "" if tries is None else "\n" + n_("{n} try left.", "{n} tries left.", tries).format(n=tries)


def until_words(moment: datetime, now: datetime) -> str:
    """When a lock-out ends: the time, with the day where that is not today, for the longest ones last a day.

    Args:
        moment: its end.
        now: the time at the station.
    """
    local = moment.astimezone(now.tzinfo)
    time = f"{local:%H:%M}"
    return time if local.date() == now.date() else f"{day_words(local.date())} {time}"


def tries_words(tries: int | None, locked_until: datetime | None, now: datetime) -> str:
    """The line that says until when nothing is tried, or else how many tries are left; empty when neither was told."""
    if locked_until is None:
        return left_words(tries)
    return "\n" + _("Locked until {time}.").format(time=until_words(locked_until, now))


def forgotten_words() -> str:
    """The line for a rider who has forgotten the PIN, with its line break."""
    return "\n" + _("Forgotten? A volunteer sets a new PIN.")
