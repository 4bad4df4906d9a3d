"""The volunteers' desk that tests script: it satisfies `VolunteersFacade` and remembers what it was asked."""

from collections.abc import Callable
from datetime import date, datetime

from kiosk.views import (
    ActView,
    CheckinsView,
    NotePhrase,
    RiderNoteView,
    Role,
    StaffOutcome,
    VolunteerOutcome,
    VolunteerView,
)


class FakeVolunteers:
    """Answers what a test put in.

    Args:
        asked: the station's list of calls.
        all_acts: what volunteers did, newest first.
        fail_if_told: raises what the test set.
    """

    def __init__(
        self,
        asked: list[tuple[str, ...]],
        all_acts: Callable[[], tuple[ActView, ...]],
        fail_if_told: Callable[[], None],
    ) -> None:
        self._asked = asked
        self._all_acts = all_acts
        self._fail_if_told = fail_if_told
        self.role: Role | None = Role.KEEPER
        self.own_id: str | None = "99112233445566aa"
        self.staff_outcomes: list[StaffOutcome] = []
        self.code_outcome = StaffOutcome()
        self.checkins_view = CheckinsView((), 1, ())
        self.note_views: tuple[RiderNoteView, ...] = ()
        self.everybody: tuple[VolunteerView, ...] = ()
        self.outcome = VolunteerOutcome()

    async def unlock(self, volunteer_id: str | None, pin: str) -> StaffOutcome:
        """Check a volunteer's PIN: the next of `staff_outcomes`, or right."""
        self._asked.append(("unlock_staff", volunteer_id or "", pin))
        self._fail_if_told()
        return self.staff_outcomes.pop(0) if self.staff_outcomes else StaffOutcome()

    def lock(self) -> None:
        """Close the area."""
        self._asked.append(("lock_staff",))

    async def unlock_by_code(self, code: str) -> StaffOutcome:
        """Open the area with a code for one entry."""
        self._asked.append(("unlock_by_code", code))
        return self.code_outcome

    async def acts(self, page: int, per_page: int, day: date | None) -> tuple[tuple[ActView, ...], int]:
        """One page of what volunteers did, and the number of pages."""
        self._fail_if_told()
        found = [act for act in self._all_acts() if day is None or act.at.date() == day]
        return tuple(found[page * per_page : (page + 1) * per_page]), max(1, -(-len(found) // per_page))

    async def checkins(self, page: int, per_page: int) -> CheckinsView:  # noqa: ARG002 - one page is enough for tests
        """Today's check-ins."""
        self._fail_if_told()
        return self.checkins_view

    async def notes(self, rider_id: str) -> tuple[RiderNoteView, ...]:
        """What a rider is to be told."""
        self._asked.append(("notes", rider_id))
        return self.note_views

    async def leave_note(
        self, rider_id: str, phrase: NotePhrase | None, *, once: bool, text: str = ""
    ) -> VolunteerOutcome:
        """Let a rider be told a ready phrase, or own words."""
        return self._do("leave_note", rider_id, text if phrase is None else phrase.value, str(once))

    async def clear_note(self, note_id: str) -> VolunteerOutcome:
        """Tell a note no more."""
        return self._do("clear_note", note_id)

    async def listing(self) -> tuple[VolunteerView, ...]:
        """All volunteers."""
        self._fail_if_told()
        return self.everybody

    async def sign_on(self) -> VolunteerOutcome:
        """Begin the own time on duty."""
        return self._do("sign_on")

    async def sign_off(self, volunteer_id: str | None = None) -> VolunteerOutcome:
        """End a time on duty."""
        return self._do("sign_off", volunteer_id or "")

    async def create(self, name: str, pin: str, role: Role) -> VolunteerOutcome:
        """Enter a volunteer."""
        return self._do("create", name, pin, role.value)

    async def revoke(self, volunteer_id: str) -> VolunteerOutcome:
        """Strike a volunteer off."""
        return self._do("revoke", volunteer_id)

    async def set_pin(self, volunteer_id: str, pin: str) -> VolunteerOutcome:
        """Give a volunteer another PIN."""
        return self._do("set_pin", volunteer_id, pin)

    def _do(self, *call: str) -> VolunteerOutcome:
        self._asked.append(call)
        self._fail_if_told()
        return self.outcome


def some_volunteers(now: datetime) -> tuple[VolunteerView, ...]:
    """A keeper, two volunteers of the station, one of another."""
    return (
        VolunteerView("99112233445566aa", "周*兰", Role.KEEPER, here=True, on_duty_since=now.replace(hour=8, minute=5)),
        VolunteerView("99112233445566bb", "田*", Role.VOLUNTEER, here=True, on_duty_since=now.replace(hour=9)),
        VolunteerView("99112233445566cc", "向**云", Role.VOLUNTEER, here=True),
        VolunteerView("99112233445566dd", "石*", Role.VOLUNTEER, here=False),
    )
