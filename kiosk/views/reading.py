"""What is shown of reading matter."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class LoanView:
    """One open loan."""

    label: str
    title: str
    due: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class TitleView:
    """A title with what is on the shelf."""

    title: str
    author: str
    shelf: str
    copies: int
    available: int


class LoanBlock(StrEnum):
    """Why a copy is not lent; all that apply are shown."""

    LIMIT = "limit"
    OVERDUE = "overdue"
    UNKNOWN_COPY = "unknown_copy"
    OWN_ALREADY = "own_already"
    NOT_FOR_LOAN = "not_for_loan"
    UNVERIFIED_CARD = "unverified_card"
