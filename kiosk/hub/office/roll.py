"""Who is enrolled in an area, and who is whose alias, as the journal says now. Inside a transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from kiosk.hub.office.deeds import OfficeError, there
from kiosk.hub.office.reading import said
from kiosk.riders import mask
from kiosk.riders.aliases import beneath_in, root_in
from kiosk.riders.kinds import (
    EnrolmentRecord,
    PhoneRecord,
    PhoneSealed,
    RiderEnrolled,
    RiderMerged,
    RiderStatus,
    RiderStatusSet,
    RiderUnmerged,
)
from kiosk.sync.legible import harmless
from models.hub import HubBox, HubErased, HubRecord

AT_ONCE = 500
"""Ids in one query."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One enrolment. Nothing personal is in it."""

    rider: str
    number: int
    station: str
    """The station's code; the origin of a box that is no longer known."""
    event: str


@dataclass(slots=True)
class Roll:
    """The riders of an area."""

    area: str
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    """By rider."""
    into: dict[str, str] = field(default_factory=dict)
    """What each alias leads to."""
    blocked: set[str] = field(default_factory=set)

    def person(self, rider: str) -> tuple[str, ...]:
        """All ids of the person who has this one, the root first."""
        return beneath_in(self.into, self.root(rider))

    def root(self, rider: str) -> str:
        """The id that a person goes by."""
        return root_in(self.into, rider)

    def roots(self) -> list[str]:
        """Every person once, by station and number of the enrolment that they go by."""
        riders = [self.enrolments[rider] for rider in self.enrolments if self.root(rider) == rider]
        return [one.rider for one in sorted(riders, key=lambda one: (one.station, one.number, one.rider))]

    def is_blocked(self, rider: str) -> bool:
        """Whether the person may not be served, under whichever id the hub said so."""
        return not self.blocked.isdisjoint(self.person(rider))

    def known(self, rider: str) -> Enrolment:
        """The enrolment of a rider.

        Raises:
            OfficeError: there is none in the area.
        """
        if rider not in self.enrolments:
            raise OfficeError(f"There is no rider {rider} in the area {self.area}.")
        return self.enrolments[rider]

    def numbered(self, station: str, number: int) -> list[str]:
        """The riders with a number of a station, in capital letters: more than one when its box was replaced."""
        return [one.rider for one in self.enrolments.values() if (one.station.upper(), one.number) == (station, number)]


def roll(area: str) -> Roll:
    """Everybody who was enrolled in the area."""
    found = Roll(area)
    codes = {str(box.origin): str(box.station) for box in HubBox.select()}
    for one in said(area, (RiderEnrolled, RiderMerged, RiderUnmerged, RiderStatusSet)):
        event, body = one.event, one.body
        rider = event.subject_id
        match body:
            case RiderEnrolled():
                station = codes.get(event.origin, event.origin)
                found.enrolments[rider] = Enrolment(rider, body.number, station, event.id)
            case RiderMerged() if body.into != rider:
                found.into[rider] = body.into
            case RiderUnmerged():
                found.into.pop(rider, None)
            case RiderStatusSet() if body.status is RiderStatus.BLOCKED:
                found.blocked.add(rider)
            case RiderStatusSet():
                found.blocked.discard(rider)
    return found


def records(enrolments: Iterable[Enrolment]) -> Mapping[str, EnrolmentRecord]:
    """The personal records of riders that are not erased. Not to be kept."""
    riders = {one.event: one.rider for one in enrolments}
    found: dict[str, EnrolmentRecord] = {}
    for events in _pages(list(riders)):
        for row in HubRecord.select().where(HubRecord.event.in_(events)):
            try:
                found[riders[row.event]] = msgspec.json.decode(bytes(row.data), type=EnrolmentRecord)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
    return found


def who(people: Roll, rider: str) -> str:
    """A person in words: station, number and masked name of each enrolment, the one that the person goes by first.

    Raises:
        OfficeError: there is no such rider in the area.
    """
    people.known(rider)
    enrolled = [people.enrolments[one] for one in people.person(rider) if one in people.enrolments]
    names = {one: f" ({mask(record.name)})" for one, record in records(enrolled).items()}
    return harmless(" = ".join(f"{one.station} {one.number}{names.get(one.rider, '')}" for one in enrolled))


def erased(enrolments: Iterable[Enrolment]) -> set[str]:
    """The riders among these who were erased."""
    riders = {one.event: one.rider for one in enrolments}
    return {
        riders[str(row.event)]
        for events in _pages(list(riders))
        for row in HubErased.select(HubErased.event).where(HubErased.event.in_(events))
    }


def twins(area: str) -> list[list[Enrolment]]:
    """Enrolments of the same phone number that are not one person yet: each a group of two or more."""
    found = roll(there(area))
    by_phone: dict[str, list[Enrolment]] = defaultdict(list)
    sealed = _sealed_anew(area)
    for rider, record in records(found.enrolments.values()).items():
        by_phone[sealed.get(rider, record.lookup)].append(found.enrolments[rider])
    groups = [
        sorted(group, key=lambda one: (one.station, one.number))
        for group in by_phone.values()
        if len({found.root(one.rider) for one in group}) > 1
    ]
    return sorted(groups, key=lambda group: (group[0].station, group[0].number))


def _sealed_anew(area: str) -> Mapping[str, str]:
    """What the phones of riders that were enrolled before their station was are found by now."""
    riders = {one.event.id: one.event.subject_id for one in said(area, (PhoneSealed,))}
    found: dict[str, str] = {}
    for events in _pages(list(riders)):
        for row in HubRecord.select().where(HubRecord.event.in_(events)):
            try:
                found[riders[row.event]] = msgspec.json.decode(bytes(row.data), type=PhoneRecord).lookup
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
    return found


def _pages(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))
