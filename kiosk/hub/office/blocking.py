"""Who may not be served: said of an enrolment, and true of the person, under whichever id."""

from dataclasses import dataclass

from kiosk.hub.office.deeds import Act, decided
from kiosk.hub.office.roll import roll, who
from kiosk.hub.store import HubStore
from kiosk.riders import RiderStatus, RiderStatusSet


@dataclass(frozen=True, slots=True)
class Standing:
    """What came of it."""

    changed: bool
    """False when it was so already: then nothing was written."""
    who: str | None
    """The person in words; None when no such rider has come to this hub so far."""


def block(store: HubStore, area: str, rider: str) -> Standing:
    """Let no station serve a person from now on. The rider need not have come here yet.

    Raises:
        OfficeError: there is no such area.
    """
    return _set(store, area, rider, RiderStatus.BLOCKED)


def unblock(store: HubStore, area: str, rider: str) -> Standing:
    """Let a person in again, under whichever of the ids it was that they were blocked.

    Raises:
        OfficeError: there is no such area.
    """
    return _set(store, area, rider, RiderStatus.ACTIVE)


def _set(store: HubStore, area: str, rider: str, status: RiderStatus) -> Standing:
    def plan() -> tuple[Standing, list[Act]]:
        people = roll(area)
        told = who(people, rider) if rider in people.enrolments else None
        blocked = [one for one in people.person(rider) if one in people.blocked]
        new = [] if blocked else [rider]
        ids = new if status is RiderStatus.BLOCKED else blocked
        acts: list[Act] = [(RiderStatusSet(status=status), f"rider:{one}") for one in ids]
        return Standing(bool(acts), told), acts

    return decided(store, area, plan)
