"""What is shown of reading matter."""

from datetime import date
from enum import StrEnum

from msgspec import Struct


class Material(StrEnum):
    """What a title is; each may have limits of its own."""

    BOOK = "book"
    BOOKLET = "booklet"
    """Thin reading matter of the programme, of which there are stacks."""
    MAGAZINE = "magazine"


class Condition(StrEnum):
    """What is the matter with a copy."""

    SHELF = "shelf"
    """It is in order."""
    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    REPAIR = "repair"


class LoanBlock(StrEnum):
    """Why a copy is not lent, or a loan not renewed; all that apply are shown."""

    LIMIT = "limit"
    OVERDUE = "overdue"
    UNKNOWN_COPY = "unknown_copy"
    OWN_ALREADY = "own_already"
    NOT_FOR_LOAN = "not_for_loan"
    UNVERIFIED_CARD = "unverified_card"
    MATERIAL_LIMIT = "material_limit"
    """As many as one may have of this kind of reading matter."""
    SET_ASIDE = "set_aside"
    """It waits on the pick-up shelf for somebody else."""
    WITHDRAWN = "withdrawn"
    IN_REPAIR = "in_repair"
    NOT_YOURS = "not_yours"
    """A renewal of what is not on loan to this rider (any more)."""
    RENEWED_OFTEN = "renewed_often"
    WANTED = "wanted"
    """Others wait for this title."""


class HoldBlock(StrEnum):
    """Why a title is not reserved; all that apply are shown."""

    ON_SHELF = "on_shelf"
    """A copy stands there: it can be borrowed at once."""
    HELD_ALREADY = "held_already"
    LENT_ALREADY = "lent_already"
    """The rider has a copy of it."""
    LIMIT = "limit"
    OVERDUE = "overdue"
    NOT_FOR_LOAN = "not_for_loan"
    UNKNOWN_TITLE = "unknown_title"
    UNVERIFIED_CARD = "unverified_card"


class LoanView(Struct, frozen=True):
    """One open loan."""

    label: str
    title: str
    due: date
    overdue: bool


class PastLoanView(Struct, frozen=True):
    """One loan that is over, or is not."""

    label: str
    title: str
    day: date
    """It was borrowed on."""
    returned: date | None
    """None while it is out, and when nobody saw it come back."""
    lost: bool = False
    """It was marked as missing while it was out, and is missing still."""
    found: bool = False
    """It turned up since."""


class TitleView(Struct, frozen=True):
    """A title with what is on the shelf."""

    title: str
    author: str
    shelf: str
    copies: int
    """In circulation: neither missing, nor withdrawn, nor in repair."""
    available: int
    id: str = ""
    isbn: str = ""
    waiting: int = 0
    """Riders who wait for it."""


class BookHoldView(Struct, frozen=True):
    """A title that a rider reserved."""

    id: str
    title: str
    place: int
    """1 is next; 0 when a copy is set aside."""
    label: str | None = None
    """The copy that is set aside."""
    until: date | None = None
    """Last day that it is."""
    rider: str = ""
    """Masked name, for volunteers alone."""

    @property
    def ready(self) -> bool:
        """Whether a copy waits on the pick-up shelf."""
        return self.label is not None


class HoldOutcome(Struct, frozen=True):
    """What came of a wish to reserve a title, or to give that up."""

    blocks: tuple[HoldBlock, ...] = ()
    hold: BookHoldView | None = None


class RenewOutcome(Struct, frozen=True):
    """What came of a wish to keep a copy longer."""

    label: str
    title: str
    due: date | None
    """The new last day; None when it was refused."""
    blocks: tuple[LoanBlock, ...] = ()


class CopyNote(StrEnum):
    """What is said of a copy in a list for volunteers."""

    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    REPAIR = "repair"
    ON_LOAN = "on_loan"
    """Scanned on the shelf, and shown as lent."""
    OTHER_SHELF = "other_shelf"
    OTHER_STATION = "other_station"
    UNKNOWN = "unknown"
    ARRIVING = "arriving"
    """Handed in at another station, on its way to this one."""
    LEAVING = "leaving"
    """Handed in here, belongs to another station."""
    SET_ASIDE = "set_aside"
    UNSEEN = "unseen"
    """Expected by the stocktaking that is open, and not scanned yet."""


class CopyView(Struct, frozen=True):
    """One copy in a list for volunteers."""

    label: str
    title: str
    shelf: str
    note: CopyNote | None = None
    where: str = ""
    """Code of the other station, where one matters."""


class StocktakeView(Struct, frozen=True):
    """The stocktaking that is open, as far as it has come."""

    id: str
    shelf: str
    expected: int
    seen: int
    missing: tuple[CopyView, ...]
    """The first ones, in the order of the shelves; of all it is `expected` less `seen`."""
    unexpected: tuple[CopyView, ...]


class KnownBook(Struct, frozen=True):
    """What an ISBN stands for, of the imported list."""

    isbn: str
    title: str
    author: str
