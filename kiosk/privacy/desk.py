"""What screens ask about a rider's own data: what is kept, the name in full, erasing."""

import asyncio
from collections.abc import Callable
from typing import Final

from kiosk import login
from kiosk.box import Box
from kiosk.counter import Counter
from kiosk.privacy import erasing, unseen
from kiosk.privacy.stored import stored
from kiosk.riders import aliases, people
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import RiderView
from kiosk.views.login import LoginOutcome
from kiosk.views.privacy import ErasureOutcome, NameOutcome, OpenMatter, PrivacyRefusal, StoredView, UnseenPage

_NOBODY: Final = NameOutcome(refusal=PrivacyRefusal.NOT_IDENTIFIED)
_RIGHT: Final = NameOutcome()


class PrivacyDesk:
    """Serves the visitor, and volunteers on a rider's behalf.

    A card can be in the wrong hands, so what it cannot show by itself needs the PIN. Tries are counted as at the login.

    Args:
        box: the box.
        database: the database thread.
        counter: knows the visitor.
        actor: who acts in the staff area; None while it is closed.
        on_erased: called when somebody was erased, or asked for it.
    """

    def __init__(
        self,
        box: Box,
        database: DatabaseThread,
        counter: Counter,
        actor: Callable[[], str | None],
        on_erased: Callable[[], None],
    ) -> None:
        self._box = box
        self._database = database
        self._counter = counter
        self._actor = actor
        self._on_erased = on_erased
        self._one_at_a_time = asyncio.Lock()

    async def stored(self) -> StoredView | None:
        """What is kept about the visitor; None when nobody is identified for certain."""
        visitor = self._visitor
        return None if visitor is None else await self._stored(visitor.id)

    async def name(self, pin: str) -> NameOutcome:
        """The visitor's own name in full."""
        visitor = self._visitor
        checked = await self._checked(visitor, pin)
        if visitor is None or checked.refusal is not None:
            return checked
        name = await self._database.run(Priority.COUNTER, lambda: people.name_of(visitor))
        return NameOutcome(name or "")

    async def erase(self, pin: str) -> ErasureOutcome:
        """The visitor asks to be erased: done at once when nothing is open, else as soon as that is so."""
        visitor = self._visitor
        checked = await self._checked(visitor, pin)
        if visitor is None or checked.refusal is not None:
            return ErasureOutcome(
                refusal=checked.refusal, tries_left=checked.tries_left, locked_until=checked.locked_until
            )
        return await self._erase(visitor.id, f"rider:{visitor.id}")

    async def keep(self) -> StoredView | None:
        """The visitor would rather stay; what is kept about them."""
        visitor = self._visitor
        if visitor is None:
            return None
        await self._database.run(
            Priority.COUNTER, lambda: erasing.withdraw(self._box, visitor.id, actor=f"rider:{visitor.id}")
        )
        return await self._stored(visitor.id)

    # For volunteers: nothing of it is answered while the staff area is closed.

    async def stored_of(self, rider_id: str) -> StoredView | None:
        """What is kept about a rider who stands at the counter."""
        return None if self._actor() is None else await self._stored(rider_id)

    async def unseen(self, after: int) -> UnseenPage:
        """Whom no station has seen for years, among the next few riders of this one after a number; 0 to begin."""
        if self._actor() is None:
            return UnseenPage((), None)
        return await self._database.run(Priority.COUNTER, lambda: unseen.page(self._box, after))

    async def erase_for(self, rider_id: str) -> ErasureOutcome:
        """A rider without a PIN asks to be erased; the volunteer has seen who it is."""
        actor = self._actor()
        if actor is None:
            return ErasureOutcome(refusal=PrivacyRefusal.NOT_IDENTIFIED)
        return await self._erase(rider_id, actor)

    @property
    def _visitor(self) -> RiderView | None:
        visitor = self._counter.visitor
        return visitor if visitor is not None and visitor.verified else None

    async def _stored(self, rider_id: str) -> StoredView | None:
        return await self._database.run(Priority.COUNTER, lambda: stored(self._box, rider_id))

    async def _erase(self, rider_id: str, actor: str) -> ErasureOutcome:
        def request() -> tuple[tuple[tuple[OpenMatter, int], ...], tuple[str, ...]]:
            return erasing.request(self._box, rider_id, actor=actor), aliases.ids(rider_id)

        matters, person = await self._database.run(Priority.COUNTER, request)
        self._on_erased()
        if not matters:
            self._counter.erased(person)
        return ErasureOutcome(erased=not matters, open=matters)

    async def _checked(self, visitor: RiderView | None, pin: str) -> NameOutcome:
        """Whether this is the visitor's PIN: an outcome without a refusal."""
        if visitor is None:
            return _NOBODY
        async with self._one_at_a_time:
            attempt = await self._database.run(Priority.COUNTER, lambda: _begin(self._box, visitor))
            if isinstance(attempt, NameOutcome):
                return attempt
            rider = await asyncio.to_thread(login.try_pin, attempt, pin)
            return await self._database.run(Priority.COUNTER, lambda: _judge(self._box, attempt, rider, visitor))


def _begin(box: Box, visitor: RiderView) -> login.Attempt | NameOutcome:
    """Count a try of the visitor's PIN, as the login does."""
    rider = people.view(box, visitor.id)
    if rider is None:
        return _NOBODY
    if not rider.has_pin:
        return NameOutcome(refusal=PrivacyRefusal.NO_PIN)
    attempt = login.begin_for(box, visitor.id)
    if isinstance(attempt, LoginOutcome):
        return NameOutcome(refusal=PrivacyRefusal.LOCKED_OUT, tries_left=0, locked_until=attempt.locked_until)
    return attempt


def _judge(box: Box, attempt: login.Attempt, rider: str, visitor: RiderView) -> NameOutcome:
    if rider and rider in aliases.ids(visitor.id):
        login.was_right(box, attempt, rider)
        return _RIGHT
    refusal = PrivacyRefusal.WRONG_PIN if attempt.left else PrivacyRefusal.LOCKED_OUT
    return NameOutcome(refusal=refusal, tries_left=attempt.left, locked_until=attempt.locked_until)
