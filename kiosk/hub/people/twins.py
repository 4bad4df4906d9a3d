"""Persons who were enrolled at two stations that were offline: found by the phone number's look-up, merged by the hub.

A phone that was sealed anew, because its station had no hub yet, is looked at like an enrolment.

The same number *and* the same name is one person: merged at once, and `kiosk hub rider unmerge` takes it back for good.
The same number with another name may be a number that was handed on, or a name written differently: an exception for a
person. What a look-up is worth stands in docs/keys.md.
"""

import hashlib
import logging
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, cast

import msgspec

from kiosk.hub import streams
from kiosk.hub.office import merges
from kiosk.hub.office.deeds import OfficeError
from kiosk.hub.people.doubles import aliases_of
from kiosk.hub.people.generations import Fold
from kiosk.hub.store import HubStore
from kiosk.riders.aliases import root_in
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
                    count += sum(_settle_pair(store, shown.area, other, rider, into) for other in seen.riders[key])
                    seen.riders[key].append(rider)
                seen.upto = position
            if len(rows) < AT_ONCE:
                seen.upto = shown.position
        return count


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same, however their spaces and characters were typed."""
    tidied = [unicodedata.normalize("NFKC", "".join(name.split())).casefold() for name in (one, other)]
    return tidied[0] == tidied[1]


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


def _settle_pair(store: HubStore, area: str, first: str, second: str, into: dict[str, str]) -> int:
    """Merge two enrolments of one number, or tell a person of them; 1 when they were merged."""
    if root_in(into, first) == root_in(into, second):
        return 0
    try:
        with store.transaction():
            names = _names(area, (first, second))
            if len(names) < 2 or _was_judged(area, first, second):
                return 0
            if not same_name(*names):
                streams.record(area, RiderTwinSuspected(other=first), subject=f"rider:{second}")
                return 0
            merged = merges.merge(store, area, first, second)
    except OfficeError as error:
        log.info("two enrolments of one number in %s were not merged: %s", area, error)
        return 0
    into[second] = merged.into
    log.info("rider %s is rider %s from now on: the same number and name", second, merged.into)
    return 1


def _names(area: str, riders: tuple[str, str]) -> list[str]:
    """Names of those who are not erased."""
    rows = (
        HubEvent.select(HubEvent.subject, HubRecord.data)
        .join(HubRecord, on=(HubRecord.event == HubEvent.id))
        .where(
            (HubEvent.area == area)
            & HubEvent.subject.in_([f"rider:{rider}" for rider in riders])
            & (HubEvent.kind == streams.known_kinds().of_type(RiderEnrolled).name)
        )
    )
    records = [_record(data) for _, data in cast("Iterable[tuple[str, bytes]]", rows.tuples())]
    return [record.name for record in records if record is not None]


def _was_judged(area: str, first: str, second: str) -> bool:
    """Whether a person took a merge of one of them back, or was told of the two already."""
    kinds = {streams.known_kinds().of_type(body).name for body in (RiderUnmerged, RiderTwinSuspected)}
    subjects = [f"rider:{rider}" for rider in (first, second)]
    rows = HubEvent.select(HubEvent.id).where(
        (HubEvent.area == area) & HubEvent.subject.in_(subjects) & HubEvent.kind.in_(sorted(kinds))
    )
    return bool(rows.exists())
