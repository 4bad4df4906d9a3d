"""Stations' events in great numbers: whole chains with true digests, as bytes, cheap enough for ten million."""

import os
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import msgspec

from kiosk.checkin.kinds import CheckinRecorded
from kiosk.journal.envelope import ZERO, chain, encode_body
from kiosk.points.ledger import PointsAwarded, award_id
from kiosk.riders import CardRevoked
from kiosk.sync.wire import HeadMark, PushRequest, WireEvent

RIDERS: Final = 30
"""Of one station; their check-ins and points are spread over them."""
WEEK: Final = 2_000
"""Events of one incarnation: a station that is started anew each week."""
FIRST_DAY: Final = date(2024, 1, 1)
_BEGAN_MS: Final = 1_700_000_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """One event, and what of it stands in columns."""

    id: str
    incarnation: str
    seq: int
    digest: bytes
    lamport: int
    kind: str
    subject: str
    raw: bytes


@dataclass(slots=True)
class Writer:
    """A station that writes nothing but events: in turn a check-in, its points, and two revoked cards.

    Args:
        station: its code.
        riders: ids.
    """

    station: str
    origin: str = field(default_factory=lambda: os.urandom(16).hex())
    riders: Sequence[str] = field(default_factory=lambda: [os.urandom(8).hex() for _ in range(RIDERS)])
    incarnation: str = field(default_factory=lambda: os.urandom(8).hex())
    seq: int = 0
    digest: bytes = ZERO
    lamport: int = 0
    count: int = 0
    ended: list[HeadMark] = field(default_factory=list)
    """The heads of the incarnations before."""

    def write(self) -> Made:
        """The next event."""
        if self.seq == WEEK:
            self.ended.append(self.head())
            self.incarnation, self.seq, self.digest = os.urandom(8).hex(), 0, ZERO
        number = self.count
        self.count, self.seq, self.lamport = number + 1, self.seq + 1, self.lamport + 1
        kind, subject, actor, body = self._said(number)
        made = _id(number)
        raw = (
            f'{{"id":"{made}","origin":"{self.origin}","incarnation":"{self.incarnation}","seq":{self.seq},'
            f'"lamport":{self.lamport},"at":"2026-11-24T03:59:35.021+00:00","boot":"{self.incarnation * 2}",'
            f'"monotonic_ms":{number * 1000},"trusted":true,"kind":"{kind}","version":1,"subject":"{subject}",'
            f'"actor":"{actor}","body":{body}}}'
        ).encode()
        self.digest = chain(self.digest, raw)
        return Made(made, self.incarnation, self.seq, self.digest, self.lamport, kind, subject, raw)

    def head(self) -> HeadMark:
        """Of the incarnation that it writes in."""
        return HeadMark(incarnation=self.incarnation, seq=self.seq, digest=self.digest.hex())

    def _said(self, number: int) -> tuple[str, str, str, str]:
        """Kind, subject, actor and body."""
        if number % 4 > 1:
            return "card.revoked", f"card:{number:016x}", "cli", _REVOKED
        visit = number // 4
        rider = self.riders[visit % RIDERS]
        day = FIRST_DAY + timedelta(visit // RIDERS)
        if number % 4 == 0:
            body = _CHECKIN.replace("RIDER", rider).replace("DAY", day.isoformat())
            return "checkin.recorded", f"visit:{rider}/{day}", f"rider:{rider}", body
        award = award_id(rider, "check_in", day)
        body = _AWARD.replace("RIDER", rider).replace("DAY", day.isoformat()).replace("ACT", award)
        return "points.awarded", f"award:{award}", f"rider:{rider}", body.replace("2000", str(day.year))


def push_request(origin: str, made: Sequence[Made]) -> PushRequest:
    """Events as their station tells them."""
    return PushRequest(
        origin=origin,
        events=[
            WireEvent(
                raw=one.raw.decode(), digest=one.digest.hex(), incarnation=one.incarnation, seq=one.seq, scope="area"
            )
            for one in made
        ],
    )


def _id(number: int) -> str:
    """A UUIDv7, later for a later event, as a station draws it."""
    moment = _BEGAN_MS + number * 1000
    drawn = random.getrandbits(62)
    bits = (moment << 80) | (0x7 << 76) | (0x2 << 62) | drawn
    found = f"{bits:032x}"
    return f"{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}"


def _text(body: msgspec.Struct) -> str:
    return bytes(encode_body(body)).decode()


_REVOKED: Final = _text(CardRevoked(reason="lost"))
_CHECKIN: Final = _text(
    CheckinRecorded(rider="RIDER", day="DAY", card="0123456789abcdef", verified=True, rule_version=1, points=5)
)
_AWARD: Final = _text(
    PointsAwarded(
        award="ACT",
        rider="RIDER",
        year=2000,
        day=FIRST_DAY,
        rule="check_in",
        rule_version=1,
        part="daily",
        amount=5,
        station="LX01",
    )
).replace(FIRST_DAY.isoformat(), "DAY")

assert uuid.UUID(_id(7)).version == 7
