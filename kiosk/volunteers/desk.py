"""What screens may ask of the station about volunteers, check-ins and notes: behind a volunteer's PIN, by role."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, Protocol

from kiosk import audit, checkin, riders, volunteers
from kiosk.box import Box
from kiosk.checkin import notes
from kiosk.identity.pin import PinError
from kiosk.login import tries
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import (
    ActView,
    CheckinsView,
    NotePhrase,
    RiderNoteView,
    Role,
    StaffOutcome,
    StaffRefusal,
    VolunteerOutcome,
    VolunteerRefusal,
    VolunteerView,
)
from kiosk.volunteers.roles import Right, may


class VolunteersFacade(Protocol):
    """The volunteers' desk as screens see it. While their area is closed everything is empty or refused."""

    @property
    def role(self) -> Role | None:
        """The role of who opened the area; None while it is closed."""

    @property
    def own_id(self) -> str | None:
        """The id of who opened the area."""

    async def unlock(self, volunteer_id: str | None, pin: str) -> StaffOutcome:
        """Check a volunteer's PIN; a right one opens the area until `lock`."""

    async def unlock_by_code(self, code: str) -> StaffOutcome:
        """Open the area with a code for one entry."""

    def lock(self) -> None:
        """Close the area."""

    async def acts(self, page: int, per_page: int, day: date | None) -> tuple[tuple[ActView, ...], int]:
        """One page (from 0) of all acts, or of a day's, newest first, and the number of pages."""

    async def checkins(self, page: int, per_page: int) -> CheckinsView:
        """One page (from 0) of today's check-ins, newest first."""

    async def notes(self, rider_id: str) -> tuple[RiderNoteView, ...]:
        """What a rider is to be told."""

    async def leave_note(
        self, rider_id: str, phrase: NotePhrase | None, *, once: bool, text: str = ""
    ) -> VolunteerOutcome:
        """Let a rider be told a ready phrase at the next check-in, or own words where there is none."""

    async def clear_note(self, note_id: str) -> VolunteerOutcome:
        """Tell a note no more."""

    async def listing(self) -> tuple[VolunteerView, ...]:
        """All volunteers."""

    async def sign_on(self) -> VolunteerOutcome:
        """Begin the own time on duty."""

    async def sign_off(self, volunteer_id: str | None = None) -> VolunteerOutcome:
        """End the own time on duty, or another volunteer's."""

    async def create(self, name: str, pin: str, role: Role) -> VolunteerOutcome:
        """Enter a volunteer; the outcome has the card."""

    async def revoke(self, volunteer_id: str) -> VolunteerOutcome:
        """Strike a volunteer off."""

    async def set_pin(self, volunteer_id: str, pin: str) -> VolunteerOutcome:
        """Give a volunteer another PIN."""


class VolunteersDesk:
    """Serves `VolunteersFacade`.

    Args:
        box: the box.
        database: its thread.
        on_change: called when the idle screen may show something else.
    """

    def __init__(self, box: Box, database: DatabaseThread, on_change: Callable[[], None]) -> None:
        self._box = box
        self._database = database
        self._on_change = on_change
        self._id: str | None = None
        self._role: Role | None = None

    @property
    def role(self) -> Role | None:
        """The role of who opened the area; None while it is closed."""
        return self._role

    @property
    def own_id(self) -> str | None:
        """The id of who opened the area; None while it is closed."""
        return self._id

    @property
    def actor(self) -> str | None:
        """Who acts; None while the area is closed."""
        return None if self._id is None else f"volunteer:{self._id}"

    def actor_with(self, right: Right) -> str | None:
        """Who acts, when their role lets them do this; None for anybody else, and while the area is closed."""
        return self.actor if may(self._role, right) else None

    async def unlock(self, volunteer_id: str | None, pin: str) -> StaffOutcome:
        """Check the PIN that goes with a card; a right one opens the area until `lock`."""
        if volunteer_id is None:
            return StaffOutcome(StaffRefusal.NO_CARD)
        outcome = await self._database.run(Priority.COUNTER, lambda: volunteers.enter(self._box, volunteer_id, pin))
        await self._opened(volunteer_id if outcome.refusal is None else None)
        return outcome

    async def unlock_by_code(self, code: str) -> StaffOutcome:
        """Open the area with a code for one entry."""
        who, outcome = await self._database.run(Priority.COUNTER, lambda: volunteers.enter_by_code(self._box, code))
        await self._opened(who)
        return outcome

    def lock(self) -> None:
        """Close the area."""
        self._id = self._role = None

    async def acts(self, page: int, per_page: int, day: date | None) -> tuple[tuple[ActView, ...], int]:
        """One page (from 0) of all acts, or of a day's, newest first, and the number of pages."""
        if not may(self._role, Right.ACTS):
            return (), 1
        return await self._database.run(Priority.COUNTER, lambda: audit.acts(self._box, page, per_page, day))

    async def checkins(self, page: int, per_page: int) -> CheckinsView:
        """One page (from 0) of today's check-ins, newest first."""
        if not may(self._role, Right.CHECKINS):
            return CheckinsView((), 1, ())
        return await self._database.run(Priority.COUNTER, lambda: checkin.checkins(self._box, page, per_page))

    async def notes(self, rider_id: str) -> tuple[RiderNoteView, ...]:
        """What a rider is to be told."""
        if not may(self._role, Right.CHECKINS):
            return ()
        return await self._database.run(Priority.COUNTER, lambda: notes.standing(self._box, rider_id))

    async def leave_note(
        self, rider_id: str, phrase: NotePhrase | None, *, once: bool, text: str = ""
    ) -> VolunteerOutcome:
        """Let a rider be told a ready phrase at the next check-in, or own words where there is none."""

        def leave(actor: str) -> None:
            notes.leave(self._box, rider_id, phrase=phrase, text=text, once=once, actor=actor)

        return await self._do(Right.CHECKINS, leave)

    async def clear_note(self, note_id: str) -> VolunteerOutcome:
        """Tell a note no more."""

        def clear(actor: str) -> VolunteerRefusal | None:
            return None if notes.clear(self._box, note_id, actor=actor) else VolunteerRefusal.NO_SUCH_NOTE

        return await self._do(Right.CHECKINS, clear)

    async def listing(self) -> tuple[VolunteerView, ...]:
        """All volunteers."""
        if not may(self._role, Right.OWN_SHIFT):
            return ()
        return await self._database.run(Priority.COUNTER, lambda: volunteers.listing(self._box))

    async def sign_on(self) -> VolunteerOutcome:
        """Begin the own time on duty."""
        own = self._id or ""

        def sign_on(actor: str) -> VolunteerRefusal | None:
            return None if volunteers.sign_on(self._box, own, actor=actor) else VolunteerRefusal.ON_DUTY_ALREADY

        return await self._do(Right.OWN_SHIFT, sign_on)

    async def sign_off(self, volunteer_id: str | None = None) -> VolunteerOutcome:
        """End the own time on duty, or another volunteer's."""
        who = volunteer_id or self._id or ""

        def sign_off(actor: str) -> VolunteerRefusal | None:
            return None if volunteers.sign_off(self._box, who, actor=actor) else VolunteerRefusal.NOT_ON_DUTY

        return await self._do(Right.OWN_SHIFT if who == self._id else Right.OTHERS_SHIFTS, sign_off)

    async def create(self, name: str, pin: str, role: Role) -> VolunteerOutcome:
        """Enter a volunteer; the outcome has the card."""

        def create(actor: str) -> VolunteerOutcome:
            _, text = volunteers.create(self._box, name, pin, role, actor=actor)
            return VolunteerOutcome(card_text=text)

        return await self._do(Right.VOLUNTEERS, create)

    async def revoke(self, volunteer_id: str) -> VolunteerOutcome:
        """Strike a volunteer off."""
        return await self._do(Right.VOLUNTEERS, lambda actor: volunteers.revoke(self._box, volunteer_id, actor=actor))

    async def set_pin(self, volunteer_id: str, pin: str) -> VolunteerOutcome:
        """Give a volunteer another PIN."""
        return await self._do(
            Right.VOLUNTEERS, lambda actor: volunteers.set_pin(self._box, volunteer_id, pin, actor=actor)
        )

    async def _opened(self, volunteer_id: str | None) -> None:
        """Somebody is let in, as far as their role can be told; nobody for None."""
        self.lock()
        if volunteer_id is not None:
            role = await self._database.run(Priority.COUNTER, lambda: _received(self._box, volunteer_id))
            self._id, self._role = (volunteer_id, role) if role is not None else (None, None)

    async def _do(
        self, right: Right, act: Callable[[str], VolunteerOutcome | VolunteerRefusal | None]
    ) -> VolunteerOutcome:
        """Let who opened the area do something that their role allows."""
        actor = self.actor
        if actor is None:
            return VolunteerOutcome(VolunteerRefusal.LOCKED)
        if not may(self._role, right):
            return VolunteerOutcome(VolunteerRefusal.NOT_ALLOWED)
        outcome = await self._database.run(Priority.COUNTER, lambda: _attempt(act, actor))
        self._on_change()
        return outcome


_REFUSALS: Final[Mapping[type[Exception], VolunteerRefusal]] = {
    riders.PersonNameError: VolunteerRefusal.BAD_NAME,
    PinError: VolunteerRefusal.BAD_PIN,
    volunteers.NotAllowedError: VolunteerRefusal.NOT_ALLOWED,
    volunteers.NoSuchVolunteerError: VolunteerRefusal.NO_SUCH_VOLUNTEER,
    volunteers.LastKeeperError: VolunteerRefusal.LAST_KEEPER,
    notes.NoteTextError: VolunteerRefusal.BAD_NOTE,
}
"""What a rule raises for what somebody did."""


def _attempt(act: Callable[[str], VolunteerOutcome | VolunteerRefusal | None], actor: str) -> VolunteerOutcome:
    try:
        done = act(actor)
    except tuple(_REFUSALS) as error:
        return VolunteerOutcome(_REFUSALS[type(error)])
    return done if isinstance(done, VolunteerOutcome) else VolunteerOutcome(done)


def _received(box: Box, volunteer_id: str) -> Role | None:
    """The role of who is let in. They see who tries phone numbers: the kiosk's lock-out ends."""
    role = volunteers.role_of(volunteer_id)
    if role is not None:
        tries.end_kiosk_lock(box)
    return role
