"""Enrolment at the kiosk: offline, with a PIN and the accepted consent; and what a volunteer does for a rider."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import checkin, riders
from kiosk.box import Box
from kiosk.counter import Counter
from kiosk.identity import card as cards
from kiosk.journal.envelope import decode
from kiosk.login import KIOSK_TRIES
from kiosk.reading.intake import Intake
from kiosk.rider_desk import RiderDesk
from kiosk.riders.consent import CONSENT_VERSION
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import CheckedIn, RiderView, ScanDone, ScanRefusal, ScanRefused, StationNotice, VisitorChanged
from kiosk.views.login import EnrolOutcome, EnrolRefusal, LoginOutcome, LoginRefusal, PhoneOutcome
from models.journal import EventRow, RecordRow
from models.login import RiderConsentRow
from tests.helpers.box import make_box

PHONE, OTHER_PHONE, NAME, PIN = "13800001001", "13800001002", "王小强", "2580"
VOLUNTEER = "volunteer:00112233445566cc"


class Place:
    """A desk over a box of its own thread, with what the station tells."""

    def __init__(self, box: Box, database: DatabaseThread) -> None:
        self.box = box
        self.actor: str | None = None
        self.told: list[StationNotice] = []

        async def recognise(rider: RiderView) -> None:
            del rider

        self.counter = Counter(box, database, self.told.append, recognise, Intake(lambda: None))
        self.desk = RiderDesk(box, database, self.counter, lambda: self.actor)


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """A desk whose look-ups are cheap, all but those of a test that says so."""
    monkeypatch.setattr("kiosk.identity.phone.SCRYPT_N", 2)
    box = make_box(tmp_path, on_disk=True)
    box.journal.store.close()
    database = DatabaseThread(box.journal.store)
    yield Place(box, database)
    await asyncio.to_thread(database.close)


async def enrol(place: Place, phone: str = PHONE, name: str = NAME, pin: str = PIN) -> EnrolOutcome:
    """Enrol somebody who must be taken."""
    outcome = await place.desk.enrol(phone, name, pin)
    assert outcome.refusal is None
    return outcome


async def test_a_new_rider_gets_a_card_that_checks_in_and_a_pin_that_does_the_same(place: Place) -> None:
    assert await place.desk.check_phone(PHONE) == PhoneOutcome()
    outcome = await enrol(place)
    assert outcome.rider is not None
    assert (outcome.rider.masked_name, outcome.rider.number, outcome.rider.has_pin) == ("王*强", 1, True)
    with place.box.journal.store.use():
        greeted = checkin.present_card(place.box, outcome.card_text)
    assert isinstance(greeted, CheckedIn)
    assert greeted.rider == outcome.rider
    assert await place.desk.login(PHONE, PIN) == LoginOutcome()
    assert place.counter.visitor == outcome.rider
    (changed, done) = place.told
    assert isinstance(changed, VisitorChanged)
    assert isinstance(done, ScanDone)
    assert isinstance(done.outcome, CheckedIn)
    assert done.outcome.already


async def test_the_events_name_nobody_and_hold_the_consents_version(place: Place) -> None:
    await enrol(place)
    with place.box.journal.store.use():
        events = [decode(bytes(row.envelope)) for row in EventRow.select().order_by(EventRow.arrival)]
        assert RiderConsentRow.get().version == CONSENT_VERSION
        (record,) = [json.loads(bytes(row.data)) for row in RecordRow.select()]
    own = [event for event in events if event.kind.startswith(("rider.", "card."))]
    assert [event.kind for event in own] == ["rider.enrolled", "rider.consented", "card.issued"]
    assert json.loads(bytes(own[1].body)) == {"version": CONSENT_VERSION}
    text = b"".join(bytes(event.body) for event in own).decode()
    assert not any(secret in text for secret in (NAME, PHONE, PIN))
    assert record["name"] == NAME
    assert PHONE not in json.dumps(record)
    assert PIN not in json.dumps(record["pin"])


async def test_a_known_number_is_said_to_be_known_and_not_whose(place: Place) -> None:
    await enrol(place)
    assert await place.desk.check_phone(PHONE) == PhoneOutcome(EnrolRefusal.KNOWN_PHONE)
    outcome = await place.desk.enrol(PHONE, "李建国", "7306")
    assert outcome == EnrolOutcome(refusal=EnrolRefusal.KNOWN_PHONE)


async def test_who_tries_numbers_to_learn_who_is_enrolled_is_stopped(place: Place) -> None:
    await enrol(place)
    for _ in range(KIOSK_TRIES):
        assert (await place.desk.check_phone(PHONE)).refusal is EnrolRefusal.KNOWN_PHONE
    stopped = await place.desk.check_phone(OTHER_PHONE)
    assert stopped.refusal is EnrolRefusal.LOCKED_OUT
    assert stopped.locked_until is not None
    place.actor = VOLUNTEER
    assert await place.desk.check_phone(OTHER_PHONE) == PhoneOutcome(), "a volunteer goes on"


async def test_what_is_no_phone_no_name_or_no_good_pin_enrols_nobody(place: Place) -> None:
    assert (await place.desk.check_phone("23800001001")).refusal is EnrolRefusal.NOT_A_PHONE
    refusals = [
        (await place.desk.enrol(phone, name, pin)).refusal
        for phone, name, pin in (("138", NAME, PIN), (PHONE, " ", PIN), (PHONE, NAME, "1234"), (PHONE, NAME, "1001"))
    ]
    expected = [EnrolRefusal.NOT_A_PHONE, EnrolRefusal.NOT_A_NAME, EnrolRefusal.WEAK_PIN, EnrolRefusal.WEAK_PIN]
    assert refusals == expected
    with place.box.journal.store.use():
        assert riders.count() == 0


async def test_the_mark_and_a_number_handed_on_need_a_volunteer(place: Place) -> None:
    await enrol(place)
    assert (await place.desk.enrol(OTHER_PHONE, NAME, PIN, vanguard=True)).refusal is EnrolRefusal.NOT_ALLOWED
    assert (await place.desk.enrol(PHONE, "李建国", "7306", handed_on=True)).refusal is EnrolRefusal.NOT_ALLOWED
    place.actor = VOLUNTEER
    outcome = await place.desk.enrol(PHONE, "李建国", "7306", vanguard=True, handed_on=True)
    assert outcome.rider is not None
    assert outcome.rider.vanguard
    assert [rider.masked_name for rider in await place.desk.find(PHONE)] == ["李*国", "王*强"]


async def test_a_number_handed_on_is_not_taken_with_the_other_riders_pin(place: Place) -> None:
    await enrol(place)
    place.actor = VOLUNTEER
    same = await place.desk.enrol(PHONE, "李建国", PIN, handed_on=True)
    assert same.refusal is EnrolRefusal.WEAK_PIN, "phone and PIN could not tell them apart"


async def test_nor_does_a_volunteer_set_the_pin_of_who_shares_the_number(place: Place) -> None:
    first = await enrol(place)
    place.actor = VOLUNTEER
    second = await place.desk.enrol(PHONE, "李建国", "7306", handed_on=True)
    assert first.rider is not None
    assert second.rider is not None
    assert (await place.desk.set_pin(first.rider.id, "7306")).refusal is EnrolRefusal.WEAK_PIN
    assert (await place.desk.set_pin(second.rider.id, PIN, PHONE)).refusal is EnrolRefusal.WEAK_PIN
    assert (await place.desk.set_pin(first.rider.id, PIN)).refusal is None, "one's own again"


async def test_who_is_enrolled_beside_another_rider_of_the_number_is_said_to_be_so(place: Place) -> None:
    first = await enrol(place)
    place.actor = VOLUNTEER
    await place.desk.enrol(PHONE, "李建国", "7306", handed_on=True)
    assert first.rider is not None
    with place.box.journal.store.use():
        rows = EventRow.select().where(EventRow.kind == "rider.enrolled").order_by(EventRow.arrival)
        alone, beside = [json.loads(bytes(decode(bytes(row.envelope)).body)) for row in rows]
    assert "beside" not in alone
    assert beside["beside"] == [first.rider.id]


async def test_a_visitor_has_the_new_pin_and_the_mark_at_once_and_is_gone_when_erased(place: Place) -> None:
    outcome = await enrol(place)
    assert outcome.rider is not None
    assert await place.desk.login(PHONE, PIN) == LoginOutcome()
    place.actor = VOLUNTEER
    await place.desk.set_vanguard(outcome.rider.id, vanguard=True)
    place.counter.erased(("0" * 16,))
    assert place.counter.visitor == replace(outcome.rider, vanguard=True), "somebody else was erased"
    place.counter.erased((outcome.rider.id,))
    assert place.told[-1:] == [VisitorChanged(None)]


async def test_with_the_staff_area_closed_a_volunteers_acts_do_nothing(place: Place) -> None:
    outcome = await enrol(place)
    assert outcome.rider is not None
    rider = outcome.rider.id
    assert await place.desk.find(PHONE) == ()
    assert await place.desk.rider(rider) is None
    refused = [
        await place.desk.set_pin(rider, "7306"),
        await place.desk.set_vanguard(rider, vanguard=True),
        await place.desk.new_card(rider),
    ]
    assert {one.refusal for one in refused} == {EnrolRefusal.NOT_ALLOWED}


@pytest.mark.parametrize("typed", [PHONE, ""], ids=["by number", "by card"])
async def test_a_volunteer_sets_a_new_pin_and_the_tries_begin_anew(place: Place, typed: str) -> None:
    outcome = await enrol(place)
    assert outcome.rider is not None
    for _ in range(5):
        await place.desk.login(PHONE, "1379")
    assert (await place.desk.login(PHONE, PIN)).refusal is LoginRefusal.LOCKED_OUT
    place.actor = VOLUNTEER
    assert (await place.desk.set_pin(outcome.rider.id, "7306", typed)).refusal is None
    place.actor = None
    assert (await place.desk.login(PHONE, PIN)).refusal is LoginRefusal.WRONG
    assert await place.desk.login(PHONE, "7306") == LoginOutcome()
    with place.box.journal.store.use():
        (row,) = EventRow.select().where(EventRow.kind == "rider.pin_set")
    assert decode(bytes(row.envelope)).actor == VOLUNTEER


async def test_a_volunteer_confirms_the_mark_and_takes_it_back(place: Place) -> None:
    outcome = await enrol(place)
    assert outcome.rider is not None
    place.actor = VOLUNTEER
    for vanguard in (True, False):
        done = await place.desk.set_vanguard(outcome.rider.id, vanguard=vanguard)
        assert done.rider is not None
        assert done.rider.vanguard is vanguard


async def test_a_new_card_ends_the_lost_one(place: Place) -> None:
    outcome = await enrol(place)
    assert outcome.rider is not None
    place.actor = VOLUNTEER
    new = await place.desk.new_card(outcome.rider.id)
    with place.box.journal.store.use():
        assert checkin.present_card(place.box, outcome.card_text) == ScanRefused(ScanRefusal.REVOKED)
        assert isinstance(checkin.present_card(place.box, new.card_text), CheckedIn)
    assert cards.read(new.card_text).card.rider_id == outcome.rider.id


async def test_the_slow_look_up_leaves_the_database_thread_free(tmp_path: Path) -> None:
    box = make_box(tmp_path, on_disk=True)
    box.journal.store.close()
    database = DatabaseThread(box.journal.store)
    place = Place(box, database)
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(place.desk.check_phone(PHONE))
        answered = 0
        while not slow.done():
            await database.run(Priority.CHARGING, lambda: None)
            answered += 1
    assert answered > 10
    assert slow.result() == PhoneOutcome()
    await asyncio.to_thread(database.close)


def test_nothing_personal_shows_in_what_is_handed_about() -> None:
    shown = repr(EnrolOutcome(card_text="SECRET")) + repr(
        riders.Prepared(NAME, ("look",), "sealed", "pin", vanguard=True)
    )
    assert not any(secret in shown for secret in ("SECRET", NAME, "look", "sealed"))
