"""Older and newer versions of the software than this one: kinds that they lack, or have beyond it."""

from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec

from kiosk import board, charging, checkin, points, reading, riders, volunteers
from kiosk.features import registry
from kiosk.journal import Event, Feature, Kind, Registry, Scope, Writer, erasure, opened
from kiosk.sync import kinds as sync


class FutureNoted(msgspec.Struct, frozen=True, kw_only=True):
    """What a coming version records."""

    text: str
    more: dict[str, int]


def _nothing(event: Event, body: FutureNoted) -> None:
    """No table of today follows from it."""


class Version(StrEnum):
    """Of a box's software."""

    OLD = "0.0.9"
    CURRENT = "0.1.0"
    NEW = "0.2.0"


_BUT_POINTS = (opened, erasure, riders, volunteers, checkin, board, reading, charging, sync)
_FUTURE = Feature(kinds=(Kind("future.noted", FutureNoted, Writer.STATION, Scope.AREA, _nothing),))


def without_points() -> Registry:
    """An older version: it knows no points."""
    return Registry([module.FEATURE for module in _BUT_POINTS])


def with_future() -> Registry:
    """A newer version."""
    return Registry([*(module.FEATURE for module in _BUT_POINTS), points.FEATURE, _FUTURE])


KINDS: Mapping[Version, Callable[[], Registry]] = {
    Version.OLD: without_points,
    Version.CURRENT: registry,
    Version.NEW: with_future,
}
