"""The reading desk as screens hold it: everything about books and parcels that they can ask for."""

from typing import Protocol

from kiosk.views import (
    BookHoldView,
    Condition,
    CopyView,
    HoldOutcome,
    LoanView,
    ParcelOutcome,
    ParcelView,
    PastLoanView,
    PrintProblem,
    RenewOutcome,
    StocktakeView,
    Task,
    TitleView,
)


class ReadingFacade(Protocol):
    """What screens may ask of the reading desk. None of it raises for what a person did."""

    def begin(self, task: Task | None) -> None:
        """What is done with books that are scanned from now on; None is lending and taking back, as ever."""

    async def search(self, typed: str, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
        """One page of what begins as typed."""

    async def titles(self, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
        """One page (from 0) of the catalogue, and the number of pages."""

    async def loans(self) -> tuple[LoanView, ...]:
        """The visitor's open loans."""

    async def renew(self) -> tuple[RenewOutcome, ...]:
        """Keep each of the visitor's books longer, or hear why not."""

    async def past_loans(self, page: int, per_page: int) -> tuple[tuple[PastLoanView, ...], int]:
        """One page of what the visitor has read."""

    async def holds(self) -> tuple[BookHoldView, ...]:
        """What the visitor waits for."""

    async def reserve(self, title: str) -> HoldOutcome:
        """Let the visitor wait for a title."""

    async def cancel_hold(self, hold: str) -> bool:
        """The visitor waits no longer."""

    async def own_parcels(self) -> tuple[ParcelView, ...]:
        """What the visitor has to bring to somebody."""

    async def deliver(self, parcel: str) -> ParcelOutcome:
        """The visitor handed a parcel over, without a code."""

    async def deliver_with_code(self, parcel: str, code: str) -> ParcelOutcome:
        """The visitor handed a parcel over, and was told the recipient's code."""

    # The volunteers' area; nothing is told or done while it is closed.

    async def shelves(self) -> tuple[str, ...]:
        """The station's shelf marks."""

    async def add_copy(self, isbn: str, shelf: str) -> tuple[str, TitleView] | None:
        """A new copy of the title with this ISBN: its label; None when nobody knows the title."""

    async def mark(self, label: str, condition: Condition) -> CopyView | None:
        """Note a copy's condition."""

    async def in_transit(self, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
        """One page of what travels to or from this station."""

    async def out_of_order(self, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
        """One page of what is missing, withdrawn or in repair."""

    async def pick_up_shelf(self) -> tuple[BookHoldView, ...]:
        """What should stand on the pick-up shelf, and for whom; what was not fetched in time is let go first."""

    async def stocktake(self) -> StocktakeView | None:
        """The stocktaking that is open."""

    async def begin_stocktake(self, shelf: str) -> StocktakeView | None:
        """Begin to count the shelf marks that begin so; "" for all."""

    async def end_stocktake(self, *, mark_missing: bool) -> int:
        """End it; how many copies were marked as missing."""

    async def parcels(self, page: int, per_page: int) -> tuple[tuple[ParcelView, ...], int]:
        """One page of the parcels that are not closed, late ones first."""

    async def pack(self, labels: tuple[str, ...], booklets: int, name: str, place: str) -> ParcelOutcome:
        """Pack a parcel; its code is told once."""

    async def print_label(self, code: str) -> PrintProblem | None:
        """Print a label to be stuck on a book or a parcel; None when it came out. Takes some seconds."""

    async def confirm_parcel(self, parcel: str) -> ParcelOutcome:
        """A volunteer knows that it came."""

    async def shelve_parcel(self, parcel: str) -> ParcelOutcome:
        """It came back: nobody was at home."""

    async def cancel_parcel(self, parcel: str) -> ParcelOutcome:
        """It is unpacked."""
