"""What screens ask for riders without a card, new ones, and those in trouble: phone and PIN, enrolment, a new PIN."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from kiosk import login, riders
from kiosk.box import Box
from kiosk.counter import Counter
from kiosk.identity.phone import PhoneError, parse_phone
from kiosk.identity.pin import is_one_of, make_verifier
from kiosk.riders import AlreadyEnrolledError, KeysChangedError, PersonNameError, aliases, marks
from kiosk.riders.consent import CONSENT_VERSION
from kiosk.riders.pin_rules import is_weak
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import RiderView
from kiosk.views.login import EnrolOutcome, EnrolRefusal, LoginOutcome, LoginRefusal, PhoneOutcome

_NOT_ALLOWED = EnrolOutcome(refusal=EnrolRefusal.NOT_ALLOWED)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A number that was looked up a moment ago: it is typed long before the rest, and costs 0.1 s."""

    phone: str = field(repr=False)
    lookups: tuple[str, ...] = field(repr=False)
    handovers: int = 0
    """`Keys.handovers` before it was looked up."""


class RiderDesk:
    """Serves one person at a time; what is slow on purpose runs in a thread of its own.

    Args:
        box: the box.
        database: the database thread.
        counter: greets whoever was let in.
        actor: who acts in the staff area; None while it is closed.
    """

    def __init__(self, box: Box, database: DatabaseThread, counter: Counter, actor: Callable[[], str | None]) -> None:
        self._box = box
        self._database = database
        self._counter = counter
        self._actor = actor
        self._one_at_a_time = asyncio.Lock()
        self._looked = _Looked("", ())

    async def login(self, phone: str, pin: str) -> LoginOutcome:
        """Let a rider in by phone and PIN; the greeting follows as after a scan.

        The answer never says whether the phone or the PIN was wrong. Tries are counted for each number, known or not,
        and for the kiosk, before anything is looked at.
        """
        async with self._one_at_a_time:
            lookups = await self._lookups(phone)
            if not lookups:
                return LoginOutcome(LoginRefusal.WRONG)
            attempt = await self._database.run(Priority.COUNTER, lambda: login.begin(self._box, lookups))
            if isinstance(attempt, LoginOutcome):
                return attempt
            rider = await asyncio.to_thread(login.try_pin, attempt, pin)
            outcome = await self._database.run(Priority.COUNTER, lambda: login.admit(self._box, attempt, rider))
        if isinstance(outcome, LoginOutcome):
            return outcome
        await self._counter.admitted(outcome)
        return LoginOutcome()

    async def check_phone(self, phone: str) -> PhoneOutcome:
        """Whether a number can be enrolled. That it is known counts as a try of the kiosk: it tells of somebody."""
        async with self._one_at_a_time:
            lookups = await self._lookups(phone)
            if not lookups:
                return PhoneOutcome(EnrolRefusal.NOT_A_PHONE)
            return await self._database.run(Priority.COUNTER, lambda: _judge(self._box, lookups, self._actor()))

    async def enrol(
        self, phone: str, name: str, pin: str, *, vanguard: bool = False, handed_on: bool = False
    ) -> EnrolOutcome:
        """Enrol whoever accepted the consent text; the card is signed here and now, hub or no hub.

        Args:
            phone: 11 digits.
            name: in full.
            pin: 4 to 6 digits.
            vanguard: wears the mark; a volunteer confirms it.
            handed_on: the number was another rider's before; a volunteer has looked at it.
        """
        actor = self._actor()
        if (vanguard or handed_on) and actor is None:
            return _NOT_ALLOWED
        once = partial(self._enrol, phone, name, pin, vanguard=vanguard, handed_on=handed_on, actor=actor or "station")
        async with self._one_at_a_time:
            try:
                return await once()
            except KeysChangedError:  # the hub handed its keys over in these moments
                return await once()

    # For volunteers: nothing of it is answered while the staff area is closed.

    async def find(self, phone: str) -> tuple[RiderView, ...]:
        """The riders with a number, the newest first: none, one, or more after it was handed on."""
        if self._actor() is None:
            return ()
        async with self._one_at_a_time:
            lookups = await self._lookups(phone)
            return await self._database.run(Priority.COUNTER, lambda: _found(self._box, lookups))

    async def rider(self, rider_id: str) -> RiderView | None:
        """A rider as they are now."""
        if self._actor() is None:
            return None
        return await self._database.run(Priority.COUNTER, lambda: riders.view(self._box, rider_id))

    async def set_pin(self, rider_id: str, pin: str, phone: str = "") -> EnrolOutcome:
        """Give a rider a PIN, or another one: the volunteer has seen who it is.

        Args:
            rider_id: the rider's.
            pin: 4 to 6 digits.
            phone: when it was typed. The rider's wrong tries are forgotten, however they were found.
        """
        actor = self._actor()
        if actor is None:
            return _NOT_ALLOWED
        sharing = await self._database.run(Priority.COUNTER, lambda: login.verifiers_beside(rider_id))
        if is_weak(pin, phone) or await self._is_one_of(sharing, pin):
            return EnrolOutcome(refusal=EnrolRefusal.WEAK_PIN)
        verifier = await asyncio.to_thread(make_verifier, pin)

        def write() -> EnrolOutcome:
            marks.set_pin(self._box, rider_id, verifier, actor=actor)
            login.forget_tries(rider_id)
            return _as_is(self._box, rider_id)

        return self._told(await self._database.run(Priority.COUNTER, write))

    async def set_vanguard(self, rider_id: str, *, vanguard: bool) -> EnrolOutcome:
        """Confirm the vanguard mark, or take it back."""
        actor = self._actor()
        if actor is None:
            return _NOT_ALLOWED

        def write() -> EnrolOutcome:
            marks.set_vanguard(self._box, rider_id, vanguard=vanguard, actor=actor)
            return _as_is(self._box, rider_id)

        return self._told(await self._database.run(Priority.COUNTER, write))

    async def new_card(self, rider_id: str) -> EnrolOutcome:
        """A new card for one that was lost: every other one is revoked, wherever it was issued."""
        actor = self._actor()
        if actor is None:
            return _NOT_ALLOWED

        def write() -> EnrolOutcome:
            rider = riders.view(self._box, rider_id)
            if rider is None:
                return EnrolOutcome(refusal=EnrolRefusal.NO_CARD)
            return EnrolOutcome(rider, riders.replace_cards_of(self._box, rider, "lost", actor=actor))

        return await self._database.run(Priority.COUNTER, write)

    def _told(self, outcome: EnrolOutcome) -> EnrolOutcome:
        """The counter knows what has changed, should the rider stand there."""
        if outcome.rider is not None:
            self._counter.known_as(outcome.rider)
        return outcome

    async def _lookups(self, phone: str) -> tuple[str, ...]:
        """What a number is found by; empty for none. The one typed last is kept for a moment."""
        try:
            number = parse_phone(phone)
        except PhoneError:
            return ()
        handovers = self._box.keys.handovers
        if (number, handovers) != (self._looked.phone, self._looked.handovers):
            lookups = await asyncio.to_thread(login.lookups_of, self._box.keys, number)
            self._looked = _Looked(number, lookups, handovers)
        return self._looked.lookups

    async def _enrol(
        self, phone: str, name: str, pin: str, *, vanguard: bool, handed_on: bool, actor: str
    ) -> EnrolOutcome:
        """See `enrol`.

        Raises:
            KeysChangedError: to be done again.
        """
        lookups = await self._lookups(phone)
        if not lookups:
            return EnrolOutcome(refusal=EnrolRefusal.NOT_A_PHONE)
        if is_weak(pin, phone) or (handed_on and await self._is_anothers(lookups, pin)):
            return EnrolOutcome(refusal=EnrolRefusal.WEAK_PIN)
        try:
            prepared = await asyncio.to_thread(self._prepared, name, pin, vanguard)
            enrolled = await self._database.run(
                Priority.COUNTER,
                lambda: riders.enrol_prepared(self._box, prepared, actor=actor, handed_on=handed_on),
            )
        except PersonNameError:
            return EnrolOutcome(refusal=EnrolRefusal.NOT_A_NAME)
        except AlreadyEnrolledError:
            return EnrolOutcome(refusal=EnrolRefusal.KNOWN_PHONE)
        return EnrolOutcome(enrolled.rider, enrolled.card_text)

    async def _is_anothers(self, lookups: tuple[str, ...], pin: str) -> bool:
        """Whether phone and PIN would be those of the rider who had the number before."""
        verifiers = await self._database.run(Priority.COUNTER, lambda: login.verifiers_of(lookups))
        return await self._is_one_of(verifiers, pin)

    async def _is_one_of(self, verifiers: Iterable[tuple[str, str]], pin: str) -> bool:
        return await asyncio.to_thread(is_one_of, pin, [verifier for _, verifier in verifiers])

    def forget(self) -> None:
        """The screen was cleared: nobody's number stays in memory."""
        self._looked = _Looked("", ())

    def _prepared(self, name: str, pin: str, vanguard: bool) -> riders.Prepared:
        """A rider with the number that was looked up last."""
        looked = self._looked
        return riders.prepared_with(
            self._box.keys,
            looked.lookups,
            name,
            looked.phone,
            pin=pin,
            vanguard=vanguard,
            handovers=looked.handovers,
            consent=CONSENT_VERSION,
        )


def _judge(box: Box, lookups: tuple[str, ...], actor: str | None) -> PhoneOutcome:
    until = login.kiosk_locked_until(box)
    if until is not None and actor is None:
        return PhoneOutcome(EnrolRefusal.LOCKED_OUT, until)
    if not riders.enrolled_with(box, lookups):
        return PhoneOutcome()
    if actor is None:
        login.note_kiosk_try(box)
    return PhoneOutcome(EnrolRefusal.KNOWN_PHONE)


def _found(box: Box, lookups: tuple[str, ...]) -> tuple[RiderView, ...]:
    """Persons, each once."""
    ids = dict.fromkeys(aliases.root(rider) for rider in riders.riders_with(lookups)) if lookups else {}
    return tuple(view for rider in ids if (view := riders.view(box, rider)) is not None)


def _as_is(box: Box, rider_id: str) -> EnrolOutcome:
    rider = riders.view(box, rider_id)
    return EnrolOutcome(rider, refusal=None if rider is not None else EnrolRefusal.NO_CARD)
