"""What screens ask for cards: the visitor's own after a PIN, a rider's for a volunteer, and a slip of paper."""

import asyncio
from collections.abc import Callable

from kiosk import login, riders
from kiosk.box import Box
from kiosk.counter import Counter
from kiosk.identity.card import CardError, read
from kiosk.login import Attempt
from kiosk.riders import people
from kiosk.riders.cards import newest_or_new, printed
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import CardOutcome, CardRefusal, PrintedCard, PrintProblem, RiderView
from kiosk.views.login import LoginOutcome

_NOBODY = CardOutcome(refusal=CardRefusal.NOT_IDENTIFIED)
_UNKNOWN = CardOutcome(refusal=CardRefusal.UNKNOWN_RIDER)


class CardDesk:
    """Shows cards and prints them.

    Args:
        box: the box.
        database: the database thread.
        counter: knows the visitor.
        actor: who acts in the staff area; None while it is closed.
    """

    def __init__(self, box: Box, database: DatabaseThread, counter: Counter, actor: Callable[[], str | None]) -> None:
        self._box = box
        self._database = database
        self._counter = counter
        self._actor = actor
        self._printing = asyncio.Lock()

    @property
    def printer(self) -> bool:
        """Whether there is a receipt printer."""
        return bool(self._box.settings.printer.port)

    async def own(self, pin: str) -> CardOutcome:
        """The visitor's own card after their PIN; its tries are those of phone and PIN.

        One that this station can write: a further one when the rider's card is another station's, or of a key that is
        gone. The others stay good.
        """
        visitor = self._counter.visitor
        if visitor is None or not visitor.verified:
            return _NOBODY
        attempt = await self._database.run(Priority.COUNTER, lambda: self._begin(visitor))
        if isinstance(attempt, CardOutcome):
            return attempt
        rider = await asyncio.to_thread(login.try_pin, attempt, pin)
        return await self._database.run(Priority.COUNTER, lambda: self._shown(visitor, attempt, rider))

    async def of(self, rider_id: str) -> CardOutcome:
        """A rider's card for a volunteer who has seen who it is; a further one when there is none to be written."""
        actor = self._actor()
        if actor is None:
            return _NOBODY

        def look() -> CardOutcome:
            rider = riders.view(self._box, rider_id)
            return _UNKNOWN if rider is None else CardOutcome(rider, newest_or_new(self._box, rider, actor=actor))

        return await self._database.run(Priority.COUNTER, look)

    async def print(self, text: str) -> PrintProblem | None:
        """Print a card that was shown; None when it came out. Takes some seconds."""
        if not self.printer:
            return PrintProblem.NO_PRINTER
        card = await self._database.run(Priority.COUNTER, lambda: self._to_print(text))
        if card is None:
            return PrintProblem.NO_CARD
        async with self._printing:
            return await asyncio.to_thread(self._on_paper, card)

    def _begin(self, visitor: RiderView) -> Attempt | CardOutcome:
        rider = people.view(self._box, visitor.id)
        if rider is None:
            return _UNKNOWN
        if not rider.has_pin:
            return CardOutcome(refusal=CardRefusal.NO_PIN)
        attempt = login.begin_for(self._box, visitor.id)
        if isinstance(attempt, LoginOutcome):
            return CardOutcome(refusal=CardRefusal.LOCKED_OUT, tries_left=0, locked_until=attempt.locked_until)
        return attempt

    def _shown(self, visitor: RiderView, attempt: Attempt, rider: str) -> CardOutcome:
        if rider not in (visitor.id, *visitor.also):
            refusal = CardRefusal.WRONG_PIN if attempt.left else CardRefusal.LOCKED_OUT
            return CardOutcome(refusal=refusal, tries_left=attempt.left, locked_until=attempt.locked_until)
        login.was_right(self._box, attempt, rider)
        return CardOutcome(visitor, newest_or_new(self._box, visitor, actor=f"rider:{visitor.id}"))

    def _to_print(self, text: str) -> PrintedCard | None:
        try:
            card = read(text).card
        except CardError:
            return None
        rider = riders.view(self._box, card.rider_id)
        return None if rider is None else printed(rider, text, card.issued)

    def _on_paper(self, card: PrintedCard) -> PrintProblem | None:
        from devices.printer import PrinterError  # noqa: PLC0415 - few stations have one
        from kiosk.printing.fonts import FontError  # noqa: PLC0415
        from kiosk.printing.slip import print_card  # noqa: PLC0415

        try:
            print_card(card, self._box.settings)
        except PrinterError as error:
            return PrintProblem(error.problem)
        except FontError:
            return PrintProblem.NO_FONT
        return None
