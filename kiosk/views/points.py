"""What is shown of a rider's points."""

from datetime import date, datetime

from msgspec import Struct


class PointsEntry(Struct, frozen=True):
    """One line of a rider's ledger."""

    day: date
    reason: str
    """Rule name such as "check_in"; screens translate it."""
    part: str
    """"daily", "review" or "bonus"."""
    amount: int
    station: str
    counted: bool = True
    """False for the second of two offline awards of the same thing."""


class PointsView(Struct, frozen=True):
    """A rider's points for a year: total = (daily + review) / 2 + bonus."""

    year: int
    daily: int
    """0..100, after the clamp."""
    review: int | None
    """0..100, None until the hub has told it."""
    bonus: int
    total_half_points: int
    provisional: bool
    """True while the review is missing: the total shown is daily + bonus (暂计)."""
    entries: tuple[PointsEntry, ...]
    as_of: datetime | None
    """When the box was last in touch with the hub; None for never."""
    named: bool = False
    """Whether the rider lets the quarter's ranking show their name."""


class RankedView(Struct, frozen=True):
    """One place of a ranking, of a rider who agreed to be named."""

    place: int
    name: str
    """In full: that is what they agreed to."""
    half_points: int


class RankingView(Struct, frozen=True):
    """The service stars of a quarter (季度服务标兵)."""

    year: int
    quarter: int
    places: tuple[RankedView, ...]
    """Never empty; places of riders who did not agree are left out."""
