"""How much a rider wants before a start: until full, a time, or an energy; values and their words, pure."""

from enum import StrEnum
from typing import Final, NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from screens.language import N_, _

TIME_STEP: Final = 30
"""Minutes of a step."""

ENERGY_STEP: Final = 100
"""Wh of a step."""

FIRST_MINUTES: Final = 120
"""The time that is offered first: what a rider's break after the noon peak leaves, min."""

FIRST_WH: Final = 500
"""The energy that is offered first: about half of a usual battery of 48 V and 20 Ah, Wh."""

LARGEST_WH: Final = 3000
"""No battery of a rider's takes more, so no tap goes there, Wh."""


class Until(StrEnum):
    """What ends the session, if nothing else does before."""

    FULL = "full"
    TIME = "time"
    ENERGY = "energy"


UNTIL_WORDS: Final = {
    Until.FULL: N_("Until full"),
    Until.TIME: N_("By time"),
    Until.ENERGY: N_("By energy"),
}
"""The tabs (message ids), each of at most 12 cells."""


class Bounds(NamedTuple):
    """What a stepper may take."""

    lowest: int
    highest: int
    step: int


class Choice(Struct, frozen=True):
    """A rider's choice; both numbers are kept while tabs are tried.

    Attributes:
        until: which of them counts.
        minutes: the time, min.
        wh: the energy, Wh.
    """

    until: Until = Until.FULL
    minutes: int = FIRST_MINUTES
    wh: int = FIRST_WH

    @property
    def value(self) -> int:
        """The number that counts; 0 for "until full"."""
        return {Until.FULL: 0, Until.TIME: self.minutes, Until.ENERGY: self.wh}[self.until]

    @property
    def words(self) -> str:
        """The choice in words, as it stands on the start tile."""
        if self.until is Until.FULL:
            return _("Ends by itself when full")
        return _("Charge for {amount}").format(amount=amount_words(self.until, self.value))

    def of(self, until: Until) -> Self:
        """The same numbers under another tab."""
        return replace(self, until=until)

    def with_value(self, value: int) -> Self:
        """Another number under the same tab."""
        if self.until is Until.TIME:
            return replace(self, minutes=value)
        return replace(self, wh=value) if self.until is Until.ENERGY else self

    def within(self, limits: "Reach") -> Self:
        """Moved into what the station can give."""
        return replace(
            self,
            minutes=min(max(self.minutes, TIME_STEP), limits.minutes),
            wh=min(max(self.wh, ENERGY_STEP), limits.wh),
        )


class Reach(NamedTuple):
    """The most that can be chosen at a station: whole steps of minutes and Wh, one step at least."""

    minutes: int
    wh: int

    def bounds(self, until: Until) -> Bounds:
        """The stepper's bounds under a tab."""
        if until is Until.ENERGY:
            return Bounds(ENERGY_STEP, self.wh, ENERGY_STEP)
        return Bounds(TIME_STEP, self.minutes, TIME_STEP)


def reach(longest_s: float, slot_limit_w: float) -> Reach:
    """What can be chosen where a session may last so long and a slot may draw so much.

    Args:
        longest_s: the longest session, s.
        slot_limit_w: the most that a slot may draw, W.
    """
    minutes = int(longest_s // 60)
    wh = min(LARGEST_WH, int(longest_s * slot_limit_w / 3600))
    return Reach(max(TIME_STEP, minutes - minutes % TIME_STEP), max(ENERGY_STEP, wh - wh % ENERGY_STEP))


def amount_words(until: Until, value: int) -> str:
    """An amount in at most 12 cells: "30 min", "2.5 h", "500 Wh"; only what no tap can choose is longer."""
    if until is Until.ENERGY:
        return f"{value} Wh"
    if value < 60:
        return _("{m} min").format(m=value)
    if value % TIME_STEP:
        return _("{h} h {m} min").format(h=value // 60, m=value % 60)
    return _("{h} h").format(h=f"{value / 60:g}")
