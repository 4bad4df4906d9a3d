"""The reading desk of a running station: what screens ask for, on the database thread."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from kiosk import parcels
from kiosk.box import Box
from kiosk.reading import catalogue, copies, history, holds, lending, stocktaking
from kiosk.reading.intake import Intake
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import (
    BookHoldView,
    Condition,
    CopyView,
    HoldBlock,
    HoldOutcome,
    LoanView,
    ParcelOutcome,
    ParcelRefusal,
    ParcelView,
    PastLoanView,
    PrintProblem,
    RenewOutcome,
    RiderView,
    StocktakeView,
    Task,
    TitleView,
)

T = TypeVar("T")

_CLOSED = ParcelOutcome("", ParcelRefusal.NOT_IDENTIFIED)


class ReadingDesk:
    """See `kiosk.reading_facade.ReadingFacade`.

    Args:
        box: the box.
        database: the database thread.
        visitor: who is identified now.
        actor: the volunteer whose area is open, if any.
    """

    def __init__(
        self,
        box: Box,
        database: DatabaseThread,
        visitor: Callable[[], RiderView | None],
        actor: Callable[[], str | None],
    ) -> None:
        self._box = box
        self._database = database
        self._visitor = visitor
        self._actor = actor
        self.intake = Intake(actor)
        self._looking = asyncio.Lock()
        self._printing = asyncio.Lock()
        self._asked_looks = self._answered_looks = 0
        self._looked: StocktakeView | None = None

    def _known(self) -> RiderView | None:
        """The visitor, when it is certain who it is: a card that nobody vouches for may be anybody's."""
        visitor = self._visitor()
        return visitor if visitor is not None and visitor.verified else None

    async def _run(self, work: Callable[[], T]) -> T:
        return await self._database.run(Priority.COUNTER, work)

    def begin(self, task: Task | None) -> None:
        """What is done with books that are scanned from now on; None is lending and taking back, as ever."""
        self.intake.task = task

    async def search(self, typed: str, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
        """One page of what begins as typed."""
        return await self._run(lambda: catalogue.search(self._box, typed, page, per_page))

    async def titles(self, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
        """One page (from 0) of the catalogue, and the number of pages."""
        return await self._run(lambda: catalogue.titles(self._box, page, per_page))

    async def loans(self) -> tuple[LoanView, ...]:
        """The visitor's open loans."""
        visitor = self._known()
        return () if visitor is None else await self._run(lambda: lending.loans(self._box, visitor.id))

    async def renew(self) -> tuple[RenewOutcome, ...]:
        """Keep each of the visitor's books longer, or hear why not."""
        visitor = self._known()
        if visitor is None:
            return ()

        def work() -> tuple[RenewOutcome, ...]:
            return tuple(lending.renew(self._box, visitor, loan.label) for loan in lending.loans(self._box, visitor.id))

        return await self._run(work)

    async def past_loans(self, page: int, per_page: int) -> tuple[tuple[PastLoanView, ...], int]:
        """One page of what the visitor has read."""
        visitor = self._known()
        if visitor is None:
            return (), 1
        return await self._run(lambda: history.past_loans(self._box, visitor.id, page, per_page))

    async def holds(self) -> tuple[BookHoldView, ...]:
        """What the visitor waits for."""
        visitor = self._known()
        return () if visitor is None else await self._run(lambda: holds.own(self._box, visitor.id))

    async def reserve(self, title: str) -> HoldOutcome:
        """Let the visitor wait for a title."""
        visitor = self._visitor()
        if visitor is None:
            return HoldOutcome((HoldBlock.UNVERIFIED_CARD,))
        return await self._run(lambda: holds.reserve(self._box, visitor, title))

    async def cancel_hold(self, hold: str) -> bool:
        """The visitor waits no longer."""
        visitor = self._known()
        return False if visitor is None else await self._run(lambda: holds.cancel(self._box, visitor, hold))

    async def own_parcels(self) -> tuple[ParcelView, ...]:
        """What the visitor has to bring to somebody."""
        visitor = self._known()
        return () if visitor is None else await self._run(lambda: parcels.own(self._box, visitor.id))

    async def deliver(self, parcel: str) -> ParcelOutcome:
        """The visitor handed a parcel over, without a code."""
        visitor = self._known()
        return _CLOSED if visitor is None else await self._run(lambda: parcels.deliver(self._box, visitor, parcel))

    async def deliver_with_code(self, parcel: str, code: str) -> ParcelOutcome:
        """The visitor handed a parcel over, and was told the recipient's code."""
        visitor = self._known()
        if visitor is None:
            return _CLOSED
        return await self._run(lambda: parcels.confirm_by_code(self._box, visitor, parcel, code))

    # The volunteers' area; nothing is told or done while it is closed.

    async def shelves(self) -> tuple[str, ...]:
        """The station's shelf marks."""
        return () if self._actor() is None else await self._run(lambda: catalogue.shelves(self._box))

    async def add_copy(self, isbn: str, shelf: str) -> tuple[str, TitleView] | None:
        """A new copy of the title with this ISBN: its label; None when nobody knows the title."""
        actor = self._actor()
        if actor is None:
            return None
        return await self._run(lambda: catalogue.add_scanned(self._box, isbn, shelf=shelf, actor=actor))

    async def mark(self, label: str, condition: Condition) -> CopyView | None:
        """Note a copy's condition."""
        actor = self._actor()
        return None if actor is None else await self._run(lambda: copies.mark(self._box, label, condition, actor))

    async def in_transit(self, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
        """One page of what travels to or from this station."""
        if self._actor() is None:
            return (), 1
        return await self._run(lambda: copies.in_transit(self._box, page, per_page))

    async def out_of_order(self, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
        """One page of what is missing, withdrawn or in repair."""
        if self._actor() is None:
            return (), 1
        return await self._run(lambda: copies.out_of_order(self._box, page, per_page))

    async def pick_up_shelf(self) -> tuple[BookHoldView, ...]:
        """What should stand on the pick-up shelf, and for whom; what was not fetched in time is let go first."""
        if self._actor() is None:
            return ()

        def work() -> tuple[BookHoldView, ...]:
            holds.expire(self._box)
            return holds.pick_up_shelf(self._box)

        return await self._run(work)

    async def stocktake(self) -> StocktakeView | None:
        """The stocktaking that is open.

        One look at a time: whoever asks during it, as after each scan, shares the next one.
        """
        if self._actor() is None:
            return None
        self._asked_looks += 1
        mine = self._asked_looks
        async with self._looking:
            if self._answered_looks < mine:
                upto, look = self._asked_looks, stocktaking.Look(self._box)
                await self._steps(look.step)
                self._answered_looks, self._looked = upto, look.view
            return self._looked

    async def begin_stocktake(self, shelf: str) -> StocktakeView | None:
        """Begin to count the shelf marks that begin so; "" for all."""
        actor = self._actor()
        if actor is None:
            return None
        await self._run(lambda: stocktaking.begin(self._box, shelf, actor))
        return await self.stocktake()

    async def end_stocktake(self, *, mark_missing: bool) -> int:
        """End it; how many copies were marked as missing."""
        actor = self._actor()
        if actor is None:
            return 0
        closing = stocktaking.Closing(self._box, actor, mark_missing=mark_missing)
        await self._steps(closing.step)
        await self._steps(stocktaking.Forgetting(self._box).step)
        return closing.missing

    async def _steps(self, step: Callable[[], bool]) -> None:
        """A long task in short jobs, with the jobs of others between them."""
        while not await self._run(step):
            pass

    async def parcels(self, page: int, per_page: int) -> tuple[tuple[ParcelView, ...], int]:
        """One page of the parcels that are not closed, late ones first."""
        if self._actor() is None:
            return (), 1
        return await self._run(lambda: parcels.open_parcels(self._box, page, per_page))

    async def pack(self, labels: tuple[str, ...], booklets: int, name: str, place: str) -> ParcelOutcome:
        """Pack a parcel; its code is told once."""
        actor = self._actor()
        if actor is None:
            return _CLOSED
        return await self._run(
            lambda: parcels.pack(self._box, labels=labels, booklets=booklets, name=name, place=place, actor=actor)
        )

    async def confirm_parcel(self, parcel: str) -> ParcelOutcome:
        """A volunteer knows that it came."""
        actor = self._actor()
        return _CLOSED if actor is None else await self._run(lambda: parcels.confirm(self._box, parcel, actor))

    async def shelve_parcel(self, parcel: str) -> ParcelOutcome:
        """It came back: nobody was at home."""
        actor = self._actor()
        return _CLOSED if actor is None else await self._run(lambda: parcels.brought_back(self._box, parcel, actor))

    async def print_label(self, code: str) -> PrintProblem | None:
        """Print a label to be stuck on a book or a parcel; None when it came out. Takes some seconds."""
        if self._actor() is None or not self._box.settings.printer.port:
            return PrintProblem.NO_PRINTER
        from kiosk.printing.slip import print_label, problem_of  # noqa: PLC0415 - few stations have a printer
        from kiosk.reading.labelled import label_at  # noqa: PLC0415

        label = await self._run(lambda: label_at(self._box, code))
        async with self._printing:
            return await asyncio.to_thread(problem_of, lambda: print_label(label, self._box.settings))

    async def cancel_parcel(self, parcel: str) -> ParcelOutcome:
        """It is unpacked."""
        actor = self._actor()
        return _CLOSED if actor is None else await self._run(lambda: parcels.cancel(self._box, parcel, actor))
