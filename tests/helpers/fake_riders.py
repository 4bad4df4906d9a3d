"""The desk for riders that a scripted station has: it answers what a test put in."""

from collections.abc import Callable
from dataclasses import replace

from kiosk.views import RiderView
from kiosk.views.login import EnrolOutcome, LoginOutcome, PhoneOutcome

CARD = (
    "R70-09J5LPE4XS8-.C4CHCQLK+PS9U 10FY5/:PO%3XPTBVRVWC2%SRIUFMKA8BG72"
    "O F%VLOLH10N7ARXZJRI932B65MSJHP.7Z6HA-7 CSLTU2L1E%BMJAOYT2BL-1S30"
)
"""The published vector's text (docs/card.md)."""


class FakeRiders:
    """Keeps what was asked in the station's own list.

    Args:
        asked: where calls are kept.
        let_in: greets the rider as a scan does.
        rider: who is enrolled or let in.
    """

    def __init__(self, asked: list[tuple[str, ...]], let_in: Callable[[], None], rider: RiderView) -> None:
        self.asked = asked
        self.let_in = let_in
        self.known = rider
        self.riders: tuple[RiderView, ...] = ()
        self.login_outcomes: list[LoginOutcome] = []
        self.phone_outcomes: list[PhoneOutcome] = []
        self.enrol_outcomes: list[EnrolOutcome] = []

    async def login(self, phone: str, pin: str) -> LoginOutcome:
        """The next of `login_outcomes`, or let in."""
        self.asked.append(("login", phone, pin))
        if self.login_outcomes:
            return self.login_outcomes.pop(0)
        self.let_in()
        return LoginOutcome()

    async def check_phone(self, phone: str) -> PhoneOutcome:
        """The next of `phone_outcomes`, or free."""
        self.asked.append(("check_phone", phone))
        return self.phone_outcomes.pop(0) if self.phone_outcomes else PhoneOutcome()

    async def enrol(
        self, phone: str, name: str, pin: str, *, vanguard: bool = False, handed_on: bool = False
    ) -> EnrolOutcome:
        """The next of `enrol_outcomes`, or a card."""
        flags = [word for word, said in (("vanguard", vanguard), ("handed_on", handed_on)) if said]
        self.asked.append(("enrol", phone, name, pin, *flags))
        return self._next(EnrolOutcome(self.known, CARD))

    async def find(self, phone: str) -> tuple[RiderView, ...]:
        """Those of `riders`."""
        self.asked.append(("find", phone))
        return self.riders

    async def rider(self, rider_id: str) -> RiderView | None:
        """One of `riders`, or the known one."""
        found = [rider for rider in (*self.riders, self.known) if rider.id == rider_id]
        return found[0] if found else None

    async def set_pin(self, rider_id: str, pin: str, phone: str = "") -> EnrolOutcome:
        """The next of `enrol_outcomes`, or done."""
        self.asked.append(("set_pin", rider_id, pin, phone))
        return self._next(EnrolOutcome(self.known))

    async def set_vanguard(self, rider_id: str, *, vanguard: bool) -> EnrolOutcome:
        """The next of `enrol_outcomes`, or done."""
        self.asked.append(("set_vanguard", rider_id, str(vanguard)))
        return self._next(EnrolOutcome(replace(self.known, vanguard=vanguard)))

    async def new_card(self, rider_id: str) -> EnrolOutcome:
        """The next of `enrol_outcomes`, or a card."""
        self.asked.append(("new_card", rider_id))
        return self._next(EnrolOutcome(self.known, CARD))

    def _next(self, otherwise: EnrolOutcome) -> EnrolOutcome:
        return self.enrol_outcomes.pop(0) if self.enrol_outcomes else otherwise
