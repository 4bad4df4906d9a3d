"""Persons who were enrolled at two stations that were offline: found by the phone number's look-up, merged by the hub.

A phone that was sealed anew, because its station had no hub yet, is looked at like an enrolment.

The same number *and* the same name is one person: merged at once, and `kiosk hub rider unmerge` takes it back for good.
The same number with another name may be a family's one phone, a number that was handed on, or a name written
differently: an exception for a person, told once for two persons. To take two of a family for one would be worse than
to ask: while one charges, the other would be told to have a slot already. Where a volunteer has seen at the enrolment
that they are two, nobody is asked. What a look-up is worth stands in docs/keys.md.
"""

import hashlib
import logging
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

import msgspec
import peewee as pw

from kiosk.hub import streams
from kiosk.hub.office import merges
from kiosk.hub.office.deeds import OfficeError, checked
from kiosk.hub.people.doubles import aliases_of
from kiosk.hub.people.generations import Fold
from kiosk.hub.store import HubStore
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.riders.aliases import beneath_in, root_in
from kiosk.riders.kinds import (
    EnrolmentRecord,
    PhoneRecord,
    PhoneSealed,
    RiderEnrolled,
    RiderTwinSuspected,
    RiderUnmerged,
)
from models.hub import HubEvent, HubRecord

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE: Final = 1000
"""Enrolments looked through at once."""

_Row = tuple[int, str, str, bytes]
"""Position, event, subject, record."""


@dataclass(slots=True)
class _Seen:
    """What is remembered of an area's enrolments while the process lives: hashes of look-ups, and ids."""

    upto: int = 0
    riders: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Riders by look-up, the earliest enrolment first."""


class Twins:
    """Looks at new enrolments. Nothing is stored for it: a process that begins reads all enrolments once."""

    def __init__(self) -> None:
        self._areas: dict[str, _Seen] = defaultdict(_Seen)

    def settle(self, store: HubStore, shown: Fold) -> int:
        """Merge twins among the enrolments that came since this was done last; how many were merged.

        Args:
            store: the hub's database.
            shown: an area's tables, as far as they have come.
        """
        count, seen = 0, self._areas[shown.area]
        while seen.upto < shown.position:
            with store.reading():
                rows = _enrolments(shown.area, seen.upto, shown.position)
                into = aliases_of(shown) if rows else {}
            for position, _, subject, data in rows:
                key, rider = _key(data), subject.partition(":")[2]
                if key is not None and rider not in seen.riders[key]:
                    seen.riders[key].append(rider)
                    if len(seen.riders[key]) > 1:
                        count += _Number(store, shown.area, seen.riders[key], into).settle(rider)
                seen.upto = position
            if len(rows) < AT_ONCE:
                seen.upto = shown.position
        return count


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same, however their characters, and what stands between them, were typed.

    The dot within a name has a handful of codes, and some leave it out.
    """
    return _letters(one) == _letters(other)


def _letters(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] not in "PSZC") or folded


def _enrolments(area: str, before: int, upto: int) -> list[_Row]:
    rows = (
        HubEvent.select(HubEvent.position, HubEvent.id, HubEvent.subject, HubRecord.data)
        .join(HubRecord, on=(HubRecord.event == HubEvent.id))
        .where(
            (HubEvent.area == area)
            & (HubEvent.position > before)
            & (HubEvent.position <= upto)
            & HubEvent.kind.in_([streams.known_kinds().of_type(body).name for body in (RiderEnrolled, PhoneSealed)])
        )
        .order_by(HubEvent.position)
        .limit(AT_ONCE)
    )
    return list(cast("Iterable[_Row]", rows.tuples()))


def _key(data: bytes) -> bytes | None:
    try:
        lookup = msgspec.json.decode(bytes(data), type=PhoneRecord).lookup
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return hashlib.blake2b(lookup.encode(), digest_size=16).digest()


def _record(data: bytes) -> EnrolmentRecord | None:
    try:
        return msgspec.json.decode(bytes(data), type=EnrolmentRecord)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """An enrolment of somebody who is not erased. Not to be kept."""

    name: str = field(repr=False)
    beside: frozenset[str]
    """Riders of the number whom a volunteer knew to be others."""


class _Number:
    """The enrolments of one phone number. Not to be kept.

    Args:
        store: the hub's database.
        area: the area.
        riders: who was enrolled with it, the earliest first.
        into: what each alias leads to; kept up to date.
    """

    def __init__(self, store: HubStore, area: str, riders: Sequence[str], into: dict[str, str]) -> None:
        self._store = store
        self._area = area
        self._riders = riders
        self._into = into
        with store.reading():
            self._people = _enrolled(area, riders)

    def settle(self, rider: str) -> int:
        """Merge the newest one with those of the same name, and ask about the others; how many were merged."""
        if rider not in self._people:
            return 0  # erased meanwhile
        others = [other for other in self._riders if other in self._people and other != rider]
        same = [other for other in others if same_name(self._people[other].name, self._people[rider].name)]
        count = sum(self._merged(other, rider) for other in same)
        for other in others:
            if other not in same:
                self._ask_about(other, rider)
        return count

    def _merged(self, first: str, second: str) -> int:
        """Merge two enrolments, unless they are one already or a person took that back; 1 when they were merged."""
        if root_in(self._into, first) == root_in(self._into, second):
            return 0
        try:
            with self._store.transaction():
                if _taken_apart(self._area, (first, second)):
                    return 0
                merged = merges.merge(self._store, self._area, first, second)
        except OfficeError as error:
            log.info("two enrolments of one number in %s were not merged: %s", self._area, error)
            return 0
        self._into[second] = merged.into
        log.info("rider %s is rider %s from now on: the same number and name", second, merged.into)
        return 1

    def _ask_about(self, first: str, second: str) -> None:
        """Tell a person of two persons with one number, unless that was done, or a volunteer knew that they are two."""
        top, other = root_in(self._into, first), root_in(self._into, second)
        one, two = beneath_in(self._into, top), beneath_in(self._into, other)
        if top == other or self._seen_to_be_two(one, two) or self._seen_to_be_two(two, one):
            return
        try:
            with self._store.transaction():
                checked(self._area)  # an event that is written once an area has moved would prove a restore to stations
                if not _taken_apart(self._area, (first, second)) and not _was_told(self._area, one, two):
                    streams.record(self._area, RiderTwinSuspected(other=first), subject=f"rider:{second}")
        except OfficeError as error:
            log.info("nobody was told of two riders of one number in %s: %s", self._area, error)

    def _seen_to_be_two(self, one: Iterable[str], other: Iterable[str]) -> bool:
        """Whether somebody was enrolled under one of these ids beside one of the others."""
        return any(not self._people[rider].beside.isdisjoint(other) for rider in one if rider in self._people)


def _enrolled(area: str, riders: Iterable[str]) -> Mapping[str, _Enrolled]:
    rows = (
        HubEvent.select(HubEvent.subject, HubEvent.envelope, HubRecord.data)
        .join(HubRecord, on=(HubRecord.event == HubEvent.id))
        .where(
            (HubEvent.area == area)
            & HubEvent.subject.in_([f"rider:{rider}" for rider in riders])
            & (HubEvent.kind == streams.known_kinds().of_type(RiderEnrolled).name)
        )
    )
    found: dict[str, _Enrolled] = {}
    for subject, envelope, data in cast("Iterable[tuple[str, bytes, bytes]]", rows.tuples()):
        record, body = _record(data), _body(envelope, RiderEnrolled)
        if record is not None and body is not None:
            found[subject.partition(":")[2]] = _Enrolled(record.name, frozenset(body.beside))
    return found


def _taken_apart(area: str, riders: Iterable[str]) -> bool:
    """Whether a person took a merge of one of them back."""
    return _said_of(area, RiderUnmerged, riders).exists()


def _was_told(area: str, one: Collection[str], other: Collection[str]) -> bool:
    """Whether a person was told of two persons already, under whichever of their ids."""
    for subject, envelope in cast(
        "Iterable[tuple[str, bytes]]", _said_of(area, RiderTwinSuspected, (*one, *other)).tuples()
    ):
        body, rider = _body(envelope, RiderTwinSuspected), subject.partition(":")[2]
        if body is not None and body.other in (other if rider in one else one):
            return True
    return False


def _said_of(area: str, kind: type[msgspec.Struct], riders: Iterable[str]) -> "pw.ModelSelect[HubEvent]":
    return HubEvent.select(HubEvent.subject, HubEvent.envelope).where(
        (HubEvent.area == area)
        & HubEvent.subject.in_([f"rider:{rider}" for rider in riders])
        & (HubEvent.kind == streams.known_kinds().of_type(kind).name)
    )


def _body(envelope: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(decode(bytes(envelope)).body, type=kind)
    except (EnvelopeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
