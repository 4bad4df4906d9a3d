"""A scripted reading desk for screen tests: it answers with whatever stands in its fields."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.views import (
    BookHoldView,
    Condition,
    CopyNote,
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


def _page(of: tuple[object, ...], per_page: int) -> int:
    return max(1, -(-len(of) // per_page))


@dataclass
class FakeReading:
    """See `kiosk.reading_facade.ReadingFacade`.

    Args:
        asked: every request in order, by name and arguments.
        fail_if_told: raises when the test wants trouble.
    """

    asked: list[tuple[str, ...]]
    fail_if_told: Callable[[], None]
    loan_views: tuple[LoanView, ...] = ()
    title_views: tuple[TitleView, ...] = ()
    task: Task | None = None
    found: tuple[TitleView, ...] = ()
    renewals: tuple[RenewOutcome, ...] = ()
    past: tuple[PastLoanView, ...] = ()
    hold_views: tuple[BookHoldView, ...] = ()
    hold_outcome: HoldOutcome = field(default_factory=HoldOutcome)
    mine: tuple[ParcelView, ...] = ()
    outcome: ParcelOutcome = field(default_factory=lambda: ParcelOutcome("PKG-7K2M9QXC"))
    marks: tuple[str, ...] = ("A1", "B2")
    added: tuple[str, TitleView] | None = None
    copy: CopyView | None = None
    travelling: tuple[CopyView, ...] = ()
    odd: tuple[CopyView, ...] = ()
    aside: tuple[BookHoldView, ...] = ()
    taken: StocktakeView | None = None
    open: tuple[ParcelView, ...] = ()
    print_problem: PrintProblem | None = None

    def begin(self, task: Task | None) -> None:
        """What is done with scans."""
        self.task = task

    async def search(self, typed: str, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
        """One page of what was found."""
        self.asked.append(("search", typed))
        return self.found[page * per_page : (page + 1) * per_page], _page(self.found, per_page)

    async def loans(self) -> tuple[LoanView, ...]:
        """The visitor's open loans."""
        self.fail_if_told()
        return self.loan_views

    async def titles(self, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
        """One page of the catalogue, and the number of pages."""
        self.fail_if_told()
        pages = max(1, -(-len(self.title_views) // per_page))
        return self.title_views[page * per_page : (page + 1) * per_page], pages

    async def renew(self) -> tuple[RenewOutcome, ...]:
        """Renewals."""
        self.asked.append(("renew",))
        return self.renewals

    async def past_loans(self, page: int, per_page: int) -> tuple[tuple[PastLoanView, ...], int]:
        """One page of the history."""
        return self.past[page * per_page : (page + 1) * per_page], _page(self.past, per_page)

    async def holds(self) -> tuple[BookHoldView, ...]:
        """Own holds."""
        return self.hold_views

    async def reserve(self, title: str) -> HoldOutcome:
        """Reserve."""
        self.asked.append(("reserve", title))
        return self.hold_outcome

    async def cancel_hold(self, hold: str) -> bool:
        """Give a hold up."""
        self.asked.append(("cancel_hold", hold))
        self.hold_views = tuple(view for view in self.hold_views if view.id != hold)
        return True

    async def own_parcels(self) -> tuple[ParcelView, ...]:
        """Own parcels."""
        return self.mine

    async def deliver(self, parcel: str) -> ParcelOutcome:
        """Handed over."""
        self.asked.append(("deliver", parcel))
        return self.outcome

    async def deliver_with_code(self, parcel: str, code: str) -> ParcelOutcome:
        """Handed over, with the code."""
        self.asked.append(("deliver_with_code", parcel, code))
        return self.outcome

    async def shelves(self) -> tuple[str, ...]:
        """Shelf marks."""
        return self.marks

    async def add_copy(self, isbn: str, shelf: str) -> tuple[str, TitleView] | None:
        """A new copy."""
        self.asked.append(("add_copy", isbn, shelf))
        return self.added

    async def mark(self, label: str, condition: Condition) -> CopyView | None:
        """Note a condition."""
        self.asked.append(("mark", label, condition.value))
        note = None if condition is Condition.SHELF else CopyNote(condition.value)
        return None if self.copy is None else CopyView(label, self.copy.title, self.copy.shelf, note)

    async def in_transit(self, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
        """What travels."""
        return self.travelling[page * per_page : (page + 1) * per_page], _page(self.travelling, per_page)

    async def out_of_order(self, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
        """What is missing."""
        return self.odd[page * per_page : (page + 1) * per_page], _page(self.odd, per_page)

    async def pick_up_shelf(self) -> tuple[BookHoldView, ...]:
        """What is set aside."""
        return self.aside

    async def stocktake(self) -> StocktakeView | None:
        """The open stocktaking."""
        return self.taken

    async def begin_stocktake(self, shelf: str) -> StocktakeView | None:
        """Begin one."""
        self.asked.append(("begin_stocktake", shelf))
        self.taken = self.taken or StocktakeView("1", shelf, 3, 0, (), ())
        return self.taken

    async def end_stocktake(self, *, mark_missing: bool) -> int:
        """End it."""
        self.asked.append(("end_stocktake", str(mark_missing)))
        missing = len(self.taken.missing) if self.taken is not None and mark_missing else 0
        self.taken = None
        return missing

    async def parcels(self, page: int, per_page: int) -> tuple[tuple[ParcelView, ...], int]:
        """Open parcels."""
        return self.open[page * per_page : (page + 1) * per_page], _page(self.open, per_page)

    async def pack(self, labels: tuple[str, ...], booklets: int, name: str, place: str) -> ParcelOutcome:
        """Pack one."""
        self.asked.append(("pack", " ".join(labels), str(booklets), name, place))
        return self.outcome

    async def confirm_parcel(self, parcel: str) -> ParcelOutcome:
        """It came."""
        self.asked.append(("confirm_parcel", parcel))
        return self.outcome

    async def shelve_parcel(self, parcel: str) -> ParcelOutcome:
        """It is back."""
        self.asked.append(("shelve_parcel", parcel))
        return self.outcome

    async def print_label(self, code: str) -> PrintProblem | None:
        """A label."""
        self.asked.append(("print_label", code))
        return self.print_problem

    async def cancel_parcel(self, parcel: str) -> ParcelOutcome:
        """It is unpacked."""
        self.asked.append(("cancel_parcel", parcel))
        return self.outcome
