"""Phones taken before the box had a hub: sealed to the hub's key and looked up by the area's, whatever is cut off."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from nacl.signing import SigningKey

from kiosk import privacy, riders
from kiosk.box import Box
from kiosk.identity.keys import Keys
from kiosk.identity.phone import unseal
from kiosk.journal import records
from kiosk.riders import KeysChangedError, resealing
from kiosk.riders.kinds import EnrolmentRecord, PhoneRecord
from kiosk.riders.resealing import Resealing
from kiosk.system.database import DatabaseThread
from models.journal import EventRow
from models.riders import RiderRow
from tests.helpers.area import HubVoice, carry
from tests.helpers.box import make_box
from tests.helpers.hub import Inline
from tests.helpers.riders import PHONE, add_rider, cheap_lookup
from tests.helpers.searched import holding

PHONES = (PHONE, "13800001002", "13800001003")
HUB_PRIVATE = bytes(SigningKey(bytes(32)).to_curve25519_private_key())
AREA_KEY = b"a" * 32


class PowerCutError(Exception):
    """The box stops here."""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "lookup_of", cheap_lookup)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box that has enrolled three riders, and got a hub then."""
    box = make_box(tmp_path)
    for phone in PHONES:
        add_rider(box, phone=phone)
    HubVoice().enrol(box)
    return box


def anew() -> list[PhoneRecord]:
    """What stands beside the events of phones sealed anew."""
    rows = EventRow.select().where(EventRow.kind == "rider.phone_sealed").order_by(EventRow.arrival)
    found = [records.load(str(row.id), PhoneRecord) for row in rows]
    return [record for record in found if record is not None]


def found(phone: str, area_key: bytes = AREA_KEY) -> list[str]:
    """The numbers of the riders who are found by a phone."""
    ids = riders.riders_with((cheap_lookup(phone, area_key),))
    return [str(row.number) for row in RiderRow.select().where(RiderRow.id.in_(ids))]


async def test_each_phone_is_sealed_to_the_hubs_key_and_the_boxs_own_is_deleted(box: Box, tmp_path: Path) -> None:
    own = box.keys.own_sealing_key
    assert own is not None
    assert found(PHONE) == []
    add_rider(box, phone="13800001004")  # sealed to the hub's key, as all from now on
    job = Resealing(box, cast("DatabaseThread", Inline(box)))
    for _ in range(2):
        await job.look_after()
        assert [unseal(record.sealed_phone, HUB_PRIVATE) for record in anew()] == list(PHONES)
    assert [found(phone) for phone in PHONES] == [["1"], ["2"], ["3"]]
    assert box.keys.own_sealing_key is None
    assert holding(tmp_path, own.hex()) == []
    keys = tmp_path / "LX01" / "keys"
    assert {Keys.load(keys).own_sealing_key, Keys.create(keys).own_sealing_key} == {None}, "and none is made anew"


def test_the_other_stations_find_the_rider_then(box: Box, tmp_path: Path) -> None:
    other = make_box(tmp_path, code="LX02")
    HubVoice().enrol(other)
    with box.journal.store.use():
        resealing.reseal(box)
    carry(box, other)
    with other.journal.store.use(), pytest.raises(riders.AlreadyEnrolledError):
        add_rider(other)


def test_an_erased_rider_is_left_out_and_erasing_later_takes_the_new_seal_with_it(box: Box) -> None:
    first, second, _ = (str(row.id) for row in RiderRow.select().order_by(RiderRow.number))
    page = resealing.next_page(box, resealing.BEGIN)
    privacy.erase(box, first, actor="cli")
    for early in page.riders:
        resealing.keep(box, early, resealing.sealed_anew(box.keys, early))
    assert len(anew()) == 2
    privacy.erase(box, second, actor="cli")
    assert len(anew()) == 1
    assert (found(PHONES[0]), found(PHONES[1]), found(PHONES[2])) == ([], [], ["3"])


def test_cut_off_at_any_statement_it_is_taken_up_again_and_no_phone_is_lost_or_sealed_twice(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, private = box.journal.store.database, box.keys._sealing
    run: Callable[..., object] = database.execute_sql
    left = 0

    def counted(sql: str, *rest: object) -> object:
        nonlocal left
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            left -= 1
            if left == 0:
                raise PowerCutError
        return run(sql, *rest)

    monkeypatch.setattr(database, "execute_sql", counted)
    monkeypatch.setattr(Keys, "forget_own_sealing_key", lambda keys: setattr(keys, "_sealing", None))
    cuts, whole = 0, False
    while not whole:
        cuts += 1
        with database.atomic() as everything:
            left = cuts
            try:
                resealing.reseal(box)
                whole = True
            except PowerCutError:
                assert box.keys._sealing is private, "it is needed still"
                left = 0
                resealing.reseal(box)
            left = 0
            assert [unseal(record.sealed_phone, HUB_PRIVATE) for record in anew()] == list(PHONES)
            assert box.keys.own_sealing_key is None
            everything.rollback()
            box.keys._sealing = private
    assert cuts > 20, "it did stop at many places"


def test_who_was_prepared_with_the_keys_of_before_is_prepared_again(box: Box) -> None:
    before = box.keys.handovers
    HubVoice().enrol(box)
    prepared = riders.prepared_with(
        box.keys, ("ab" * 32,), "李建国", "13800001009", pin=None, vanguard=False, handovers=before
    )
    with pytest.raises(KeysChangedError):
        riders.enrol_prepared(box, prepared, actor="cli")
    assert len(list(RiderRow.select())) == len(PHONES)
    assert records.load(str(RiderRow.get().event), EnrolmentRecord) is not None
