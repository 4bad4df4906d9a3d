"""Who may take part: stations, their one-time codes, and the boxes' keys."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import get_args

from msgspec import Meta
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.hub import bulk, streams
from kiosk.hub.certificates import standing_of
from kiosk.hub.refusal import RefusedError
from kiosk.hub.store import HubStore
from kiosk.identity.certificate import certify
from kiosk.identity.keys import key_id_of
from kiosk.journal.envelope import ZERO, new_incarnation
from kiosk.riders.kinds import IssuerCertified
from kiosk.settings import Area, Code
from kiosk.sync.kinds import BoxRevoked
from kiosk.sync.wire import EnrolAnswer, EnrolRequest
from kiosk.system.clock import from_iso, iso
from models.hub import HubArea, HubBox, HubMoved, HubStation

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which people mistake for one another; 32 letters, so 5 bits each."""
CODE_LETTERS = 16
"""80 bits: nobody guesses one in the days that it is good."""
CODE_DAYS = 7

_BOX_WITH = (
    f"SELECT moved.moved_to, {bulk.columns(HubBox, 'box')} FROM hub_box AS box"  # noqa: S608 - the schema's own names
    " LEFT JOIN hub_moved AS moved ON moved.area = box.area WHERE box.key_hash = ?"
)
_HAS_OPEN = "SELECT 1 FROM hub_station WHERE code = ? AND enrol_origin = ?"
_USE_UP = (
    "UPDATE hub_station SET enrol_hash = NULL, enrol_until = NULL, enrol_origin = NULL"
    " WHERE code = ? AND enrol_origin = ?"
)
_ORIGIN = re.compile(r"\A[0-9a-f]{32}\Z")
_KEY = re.compile(r"\A[0-9a-f]{64}\Z")


class StationError(Exception):
    """A station could not be added or revoked; the message says why."""


@dataclass(frozen=True, slots=True)
class StationLine:
    """One station, as the list shows it."""

    code: str
    area: str
    state: str
    """See `state_of`."""
    code_until: str | None
    """Until when its unused one-time code is, or was, good, ISO-8601 UTC; None without one."""
    seen: str | None
    """When a box of it last said hello, ISO-8601 UTC."""
    software: str | None


def add(store: HubStore, code: str, area: str) -> str:
    """Let a box enrol as this station; the area is made when it is new.

    A station that has a box already gets a code too: for the box that replaces it.

    Returns:
        The one-time code, good for `CODE_DAYS` days.

    Raises:
        StationError: code or area are not of their shape, the station belongs to another area, or the area has moved.
    """
    _check(code, Code, "The station's code")
    check_area(area)
    one_time = "-".join(_letters(4) for _ in range(CODE_LETTERS // 4))
    with store.transaction():
        ensure_area(area)
        HubStation.insert(code=code, area=area).on_conflict_ignore().execute()
        known = _lock_station(code)
        if known.area != area:
            raise StationError(f"The station {code} belongs to the area {known.area}; found {area}.")
        _lock_open_for_people(area)
        ticket = {
            "enrol_hash": _hash_code(one_time),
            "enrol_until": iso(datetime.now(UTC) + timedelta(days=CODE_DAYS)),
            "enrol_origin": None,
        }
        HubStation.update(**ticket).where(HubStation.code == code).execute()
    return one_time


def stations(store: HubStore) -> list[StationLine]:
    """All stations, by code."""
    with store.reading():
        boxes: dict[str, HubBox] = {}
        for box in HubBox.select().order_by(HubBox.enrolled_at):
            boxes[box.station] = box
        now = datetime.now(UTC)
        known = HubStation.select().order_by(HubStation.code)
        return [_line(station, boxes.get(station.code), now) for station in known]


def revoke(store: HubStore, code: str) -> bool:
    """Refuse this station's boxes, and its unused code, from now on; its events stay.

    Returns:
        Whether there was a box or a code to refuse.

    Raises:
        StationError: there is no such station, or its area has moved.
    """
    with store.transaction():
        known = _lock_station(code)
        _lock_open_for_people(str(known.area))
        HubStation.update(enrol_hash=None, enrol_until=None, enrol_origin=None).where(HubStation.code == code).execute()
        boxes = list(HubBox.select().where((HubBox.station == code) & HubBox.revoked_at.is_null()))
        for box in boxes:
            # As an event too: if this database is restored from a backup, the boxes of the area tell it again.
            streams.record(box.area, BoxRevoked(station=code), subject=f"box:{box.origin}")
            HubBox.update(revoked_at=streams.now()).where(HubBox.origin == box.origin).execute()
        return bool(boxes) or known.enrol_hash is not None


def enrol(store: HubStore, request: EnrolRequest) -> EnrolAnswer:
    """Use a one-time code up: a key for the box, and a certificate for its cards in the area's stream.

    The same box may ask again until its key was seen, because the answer can get lost. A box whose issuing key was
    called back is let in without a certificate: only by what it pulls does it hear of that, and draw a new key.

    Raises:
        RefusedError: the code is unknown, used or too old, it or the box is another station's, the issuing key is
            another box's, or the request is malformed.
    """
    _check_request(request)
    api_key = secrets.token_urlsafe(32)
    with store.transaction():
        station = _station_of_code(request)
        area = lock_open(str(station.area))
        _refuse_another_stations(request.origin, str(station.code))
        standing = standing_of(str(station.area), request.key_id, request.origin)
        HubStation.update(enrol_origin=request.origin).where(HubStation.code == station.code).execute()
        state = store.state()
        seed = bytes.fromhex(state.signing_seed)
        HubBox.delete().where(HubBox.origin == request.origin).execute()
        HubBox.create(
            origin=request.origin,
            station=station.code,
            area=station.area,
            key_hash=hash_key(api_key),
            issuing_key_id=request.key_id,
            software=request.software,
            enrolled_at=streams.now(),
        )
        if not standing.called_back:
            public_key = bytes.fromhex(request.public_key)
            certificate = IssuerCertified(
                public_key=request.public_key,
                station=station.code,
                origin=request.origin,
                signature=certify(seed, public_key, station.code, request.origin),
            )
            streams.record(station.area, certificate, subject=f"issuer:{request.key_id}")
        return EnrolAnswer(
            api_key=api_key,
            station=station.code,
            area=station.area,
            hub_name=state.name,
            verify_key=bytes(SigningKey(seed).verify_key).hex(),
            seal_key=bytes(PrivateKey(bytes.fromhex(state.sealing_key)).public_key).hex(),
            area_key=area.area_key,
        )


def ensure_area(name: str) -> None:
    """Make an area unless it is there; inside a transaction."""
    HubArea.insert(
        name=name, area_key=os.urandom(32).hex(), epoch=new_incarnation(), digest=ZERO
    ).on_conflict_ignore().execute()


def check_area(name: str) -> None:
    """Refuse a name that is not an area's.

    Raises:
        StationError: the message says what is accepted.
    """
    _check(name, Area, "The area")


def authenticate(api_key: str | None) -> HubBox:
    """The box that shows this key; inside a transaction.

    Raises:
        RefusedError: 401, with "unknown_key" or "revoked"; 503 "moved" while its area is closed here.
    """
    found = None if api_key is None else _box_with(hash_key(api_key))
    if found is None:
        raise RefusedError(401, "unknown_key", "This hub does not know the key; enrol the box.")
    box, where = found
    if box.revoked_at is not None:
        raise RefusedError(401, "revoked", f"The key of station {box.station} was revoked.")
    refuse_moved(str(box.area), where)
    return box


def has_open_code(box: HubBox) -> bool:
    """Whether the code of the box's enrolment is not used up yet; inside a transaction."""
    return bool(bulk.execute(_HAS_OPEN, box.station, box.origin))


def lock_open(name: str) -> HubArea:
    """The row of an area that is open here, locked until the transaction ends.

    Whether it is open is asked behind the lock: whoever waited for it may have waited for somebody who closed the area,
    and nothing is taken in that the file of the move does not hold.

    Raises:
        RefusedError: 503.
        peewee.DoesNotExist: there is no such area.
    """
    area = streams.lock_area(name)
    refuse_moved(name, moved_to(name))
    return area


def use_up_code(box: HubBox) -> None:
    """The answer to the box's enrolment has arrived: its code is used up for good."""
    bulk.execute(_USE_UP, box.station, box.origin)


def moved_to(area: str) -> str | None:
    """Where an area that is closed here is served; None for one that is open. Inside a transaction."""
    row = bulk.first(HubMoved, "area = ?", area)
    return None if row is None else str(row.moved_to)


def refuse_moved(area: str, where: str | None) -> None:
    """Refuse what is asked of a closed area, as something that will go well later: stations keep what they have.

    Raises:
        RefusedError: 503.
    """
    if where is not None:
        raise RefusedError(503, "moved", f"The area {area} has moved to {where}.")


def _lock_station(code: str) -> HubStation:
    """The row of a station, locked until the transaction ends; before its area's, as enrolling locks the two."""
    HubStation.update(code=code).where(HubStation.code == code).execute()
    known: HubStation | None = HubStation.get_or_none(HubStation.code == code)
    if known is None:
        raise StationError(f"There is no station {code} at this hub; `kiosk hub station list` shows all.")
    return known


def _lock_open_for_people(area: str) -> None:
    """As `lock_open`, for who can do it at the other hub: what is done behind a move stands in no file."""
    streams.lock_area(area)
    where = moved_to(area)
    if where is not None:
        raise StationError(f"The area {area} has moved to {where}: do it there.")


def _box_with(key_hash: str) -> tuple[HubBox, str | None] | None:
    """The box with this key, and what closed its area: one query, for every request begins so."""
    for moved_to, *columns in bulk.execute(_BOX_WITH, key_hash):
        return bulk.made(HubBox, columns), None if moved_to is None else str(moved_to)
    return None


def hash_key(api_key: str) -> str:
    """What the hub keeps of a key."""
    return hashlib.sha256(api_key.encode()).hexdigest()


def _hash_code(code: str) -> str:
    letters = code.upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(letters.encode()).hexdigest()


def _letters(count: int) -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(count))


def state_of(*, code_until: str | None, has_box: bool, revoked: bool, now: datetime) -> str:
    """What a list calls it: "waiting" for a box to enrol, "expired", "enrolled" or "revoked".

    "expired" is a station without a box whose code ran out: it waits in vain until it is given a new one.

    Args:
        code_until: until when a one-time code of the station is good; None without one.
        has_box: whether a box has enrolled.
        revoked: whether its newest box was revoked.
        now: the time.
    """
    if has_box and not revoked:
        return "enrolled"
    if code_until is None:
        return "revoked"
    return "expired" if _is_over(code_until, now) else "waiting"


def _is_over(code_until: str, now: datetime) -> bool:
    return from_iso(code_until) < now


def _line(station: HubStation, box: HubBox | None, now: datetime) -> StationLine:
    state = state_of(
        code_until=station.enrol_until,
        has_box=box is not None,
        revoked=box is not None and box.revoked_at is not None,
        now=now,
    )
    return StationLine(
        station.code,
        station.area,
        state,
        station.enrol_until,
        None if box is None else box.seen_at,
        None if box is None else box.software,
    )


def _station_of_code(request: EnrolRequest) -> HubStation:
    with_code = HubStation.enrol_hash == _hash_code(request.code)
    # An update, because that locks the row on every database: two boxes with one code come one after the other.
    HubStation.update(enrol_hash=HubStation.enrol_hash).where(with_code).execute()
    station = HubStation.get_or_none(with_code)
    if station is None:
        raise RefusedError(
            403, "code_unknown", "This code is not known, or it was used already; ask the hub for a new one."
        )
    if station.enrol_until is None or _is_over(station.enrol_until, datetime.now(UTC)):
        raise RefusedError(403, "code_too_old", f"This code was good for {CODE_DAYS} days; ask the hub for a new one.")
    if station.enrol_origin not in (None, request.origin):
        raise RefusedError(403, "code_unknown", "Another box has used this code already; ask the hub for a new one.")
    if (station.code, station.area) != (request.station, request.area):
        raise RefusedError(
            409,
            "other_station",
            f"This code is for station {station.code} in area {station.area}; "
            f"the settings say {request.station} in {request.area}.",
        )
    found: HubStation = station
    return found


def _refuse_another_stations(origin: str, code: str) -> None:
    """A box speaks for one station: with a copied disk, enrolling the copy elsewhere would end the key of the other."""
    known = HubBox.get_or_none(HubBox.origin == origin)
    if known is not None and known.station != code and known.revoked_at is None:
        raise RefusedError(
            409,
            "other_station",
            f"This box, or the one whose disk was copied for it, is enrolled as station {known.station}. "
            f"A copy needs a data folder of its own; for a box that moves, revoke {known.station} first.",
        )


def _check_request(request: EnrolRequest) -> None:
    if not _ORIGIN.match(request.origin):
        raise RefusedError(422, "origin", "origin: accepted are 32 hex digits.")
    check_issuing_key(request.public_key, request.key_id)


def check_issuing_key(public_key: str, key_id: str) -> None:
    """Refuse what is no public half of an issuing key, or has another id.

    Raises:
        RefusedError: 422.
    """
    if not _KEY.match(public_key) or key_id_of(bytes.fromhex(public_key)) != key_id:
        raise RefusedError(422, "public_key", "public_key: accepted are 64 hex digits whose id is key_id.")


def _check(value: str, shape: object, what: str) -> None:
    (meta,) = _metas(get_args(shape))
    if meta.pattern is None or not re.match(meta.pattern, value):
        raise StationError(f"{what}: found {value!r}; accepted are {meta.description}.")


def _metas(parts: Iterable[object]) -> list[Meta]:
    return [part for part in parts if isinstance(part, Meta)]
