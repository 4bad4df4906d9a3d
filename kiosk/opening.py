"""Opening hours as people write them: "06:00-22:00", "Mo-Fr 06:00-22:00; Sa,Su 08:00-20:00", "周一至周五 06:00-22:00".

A small part of OpenStreetMap's opening_hours; days may be Chinese, and dashes of any kind are understood, because the
same text is shown to riders as it is.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from kiosk.hours import Hours

ACCEPTED: Final = 'such as "06:00-22:00", "06:00-12:00, 14:00-22:00" or "Mo-Fr 06:00-22:00; Sa,Su 08:00-20:00"'

_EVERY_DAY: Final = frozenset(range(7))
_DAYS: Final = {
    **{name: day for day, name in enumerate(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"))},
    **{f"周{name}": day for day, name in enumerate("一二三四五六日")},
    "周天": 6,
}
_DASHES: Final = re.compile(r"\s*[-–—−~～至]\s*")
_RULE: Final = re.compile(r"^(?:(?P<days>(?:[A-Z][a-z]|周.)(?:[-,](?:[A-Z][a-z]|周.))*)\s+)?(?P<hours>[0-9:,-]+)$")
_WEEK: Final = timedelta(days=7)


class _Span(Struct, frozen=True):
    """Hours of some days of the week; what passes midnight belongs to the day on which it begins."""

    days: frozenset[int]
    """Monday is 0."""
    hours: Hours

    def include(self, local: datetime) -> bool:
        if not self.hours.include(local):
            return False
        past_midnight = self.hours.start > self.hours.end and local.hour * 60 + local.minute < self.hours.end
        began = local - timedelta(days=1) if past_midnight else local
        return began.weekday() in self.days

    def end_after(self, local: datetime) -> datetime:
        """When it ends next, having been open just before."""
        end = self.hours.end_after(local)
        while not self.include(end - timedelta(minutes=1)):
            end += timedelta(days=1)
        return end


class OpeningHours(Struct, frozen=True):
    """When the door is open, in the time of the place."""

    spans: tuple[_Span, ...]

    @classmethod
    def parse(cls, text: str) -> "OpeningHours":
        """Read what people wrote.

        Raises:
            ValueError: it is something else.
        """
        rules = [rule.strip() for rule in re.split(r"[;；\n]", text.replace("：", ":").replace("，", ","))]
        spans = [span for rule in rules if rule for span in _spans(rule)]
        if not spans:
            raise ValueError(text)
        return cls(tuple(spans))

    def include(self, local: datetime) -> bool:
        """Whether the door is open at a moment, given in the time of the place."""
        return any(span.include(local) for span in self.spans)

    def end_after(self, local: datetime) -> datetime:
        """When the door closes next, in the time of the place: spans that follow each other at once count as one."""
        end = min(span.end_after(local) for span in self.spans)
        latest = local + _WEEK
        while self.include(end) and end < latest:
            end = min(span.end_after(end) for span in self.spans)
        return end


def _spans(rule: str) -> list[_Span]:
    found = _RULE.match(re.sub(r"\s*,\s*", ",", _DASHES.sub("-", rule)))
    if found is None:
        raise ValueError(rule)
    days = _EVERY_DAY if found["days"] is None else _days(found["days"])
    return [_Span(days, hours) for text in found["hours"].split(",") for hours in _hours(text)]


def _hours(text: str) -> list[Hours]:
    """Hours of a day; "24:00" is its midnight, and "00:00-24:00" all of it."""
    if text == "00:00-24:00":
        return [Hours.parse("00:00-12:00"), Hours.parse("12:00-00:00")]
    return [Hours.parse(text.replace("-24:00", "-00:00"))]


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(text)
        start, end = _DAYS[first], _DAYS[last or first]
        found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(found)
