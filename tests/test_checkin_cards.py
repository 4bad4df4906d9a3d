"""Which cards check nobody in and why, and what a card is worth whose issuer nobody knows."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from kiosk import checkin, points, reading, riders
from kiosk.box import Box
from kiosk.checkin import CheckinRecorded, ScanRefusedRecorded
from kiosk.checkin.admission import Good, judge
from kiosk.identity import card as cards
from kiosk.identity.card import Card
from kiosk.identity.keys import IssuingKey
from kiosk.riders import Enrolled, RiderStatus, RiderStatusSet
from kiosk.views import CheckedIn, RiderView, ScanRefusal, ScanRefused
from models.checkin import RefusedScanRow
from models.journal import EventRow
from tests.helpers.area import HubVoice
from tests.helpers.checkins import events, greeted
from tests.helpers.clock import VirtualClock
from tests.helpers.riders import add_rider

STRANGER = IssuingKey(b"s" * 32)
"""An issuing key that nobody certified."""


def signed(box: Box, holder: str, *, issued: date | None = None, key: IssuingKey | None = None) -> str:
    """A card that was signed but never recorded."""
    signing = key or box.keys.issuing
    return cards.write(Card(signing.key_id, riders.new_id(), holder, issued or box.today), signing)


def recorded_reasons() -> list[ScanRefusal]:
    """The reasons of all refused scans, as they stand in the journal."""
    bodies = [msgspec.json.decode(event.body, type=ScanRefusedRecorded) for event in events("scan.refused")]
    return [ScanRefusal(body.reason) for body in bodies]


def bad_cards(box: Box, rider: Enrolled) -> dict[ScanRefusal, str]:
    """A text for each reason for which a card is refused."""
    hub = HubVoice()
    text, holder = rider.card_text, rider.rider.id
    payload = cards.read(text).payload
    revoked, blocked = add_rider(box, phone="13800001002"), add_rider(box, phone="13800001003")
    riders.revoke_card(box, 2, "lost", actor="cli")
    hub.say("rider.status_set", f"rider:{blocked.rider.id}", RiderStatusSet(status=RiderStatus.BLOCKED), [box])
    return {
        ScanRefusal.UNKNOWN: "0" * 131,
        ScanRefusal.FORGED: cards._text(payload + STRANGER.sign(payload)),
        ScanRefusal.REVOKED: revoked.card_text,
        ScanRefusal.BLOCKED: blocked.card_text,
        ScanRefusal.UNKNOWN_RIDER: signed(box, riders.new_id()),
        ScanRefusal.EXPIRED: signed(box, holder, issued=box.today - timedelta(days=731)),
        ScanRefusal.TRUNCATED: text[:100],
        ScanRefusal.TOO_LONG: text + "0",
    }


def test_each_refusal_is_recorded_with_its_reason_and_the_next_scan_works(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    texts = bad_cards(box, rider)
    for reason, text in texts.items():
        clock.advance(86_400)
        assert checkin.present_card(box, text) == ScanRefused(reason)
        assert not greeted(box, rider.card_text).already, f"after {reason}"
        assert greeted(box, rider.card_text).already, f"twice after {reason}"
    assert recorded_reasons() == list(texts)
    assert [row.reason for row in RefusedScanRow.select().order_by(RefusedScanRow.at)] == [str(why) for why in texts]


@pytest.mark.parametrize("reason", list(ScanRefusal))
def test_a_scan_refused_elsewhere_is_recorded_too(box: Box, rider: Enrolled, reason: ScanRefusal) -> None:
    assert checkin.refuse(box, reason) == ScanRefused(reason)
    assert recorded_reasons() == [reason]
    assert not greeted(box, rider.card_text).already


def test_what_was_scanned_is_kept_nowhere(box: Box, rider: Enrolled) -> None:
    texts = bad_cards(box, rider)
    for text in texts.values():
        checkin.present_card(box, text)
    kept = b"".join(bytes(row.envelope) for row in EventRow.select())
    assert not any(text.encode() in kept for text in texts.values())


def test_a_refused_card_is_named_by_its_id(box: Box, rider: Enrolled) -> None:
    text = bad_cards(box, rider)[ScanRefusal.REVOKED]
    checkin.present_card(box, text)
    assert RefusedScanRow.get().card == cards.read(text).card.card_id


def test_another_character_anywhere_on_a_card_checks_nobody_in(box: Box, rider: Enrolled) -> None:
    text = rider.card_text
    for place, right in enumerate(text):
        outcome = checkin.present_card(box, text[:place] + ("A" if right != "A" else "B") + text[place + 1 :])
        assert isinstance(outcome, ScanRefused) or not outcome_is_verified(outcome)
    assert points.summary(box, rider.rider.id).entries == ()


def outcome_is_verified(outcome: object) -> bool:
    """Whether somebody was greeted as verified."""
    return isinstance(outcome, CheckedIn) and outcome.rider.verified


@pytest.mark.parametrize(("age_days", "good"), [(-2, False), (-1, True), (0, True), (730, True), (731, False)])
def test_a_card_is_good_from_a_day_ahead_to_its_last_day(box: Box, rider: Enrolled, age_days: int, good: bool) -> None:
    outcome = checkin.present_card(box, signed(box, rider.rider.id, issued=box.today - timedelta(days=age_days)))
    assert isinstance(outcome, CheckedIn) if good else outcome == ScanRefused(ScanRefusal.EXPIRED)


def test_the_first_thing_wrong_is_the_one_that_is_told(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    hub = HubVoice()
    riders.revoke_card(box, 1, "lost", actor="cli")
    hub.say("rider.status_set", f"rider:{rider.rider.id}", RiderStatusSet(status=RiderStatus.BLOCKED), [box])
    clock.advance(800 * 86_400)
    payload = cards.read(rider.card_text).payload
    forged = cards._text(payload + STRANGER.sign(payload))
    assert checkin.present_card(box, forged) == ScanRefused(ScanRefusal.FORGED)
    assert checkin.present_card(box, rider.card_text) == ScanRefused(ScanRefusal.REVOKED)
    riders.issue_card(box, 1, actor="cli")
    assert checkin.present_card(box, riders.card_text(box, 1)) == ScanRefused(ScanRefusal.BLOCKED)


def test_a_card_is_judged_by_few_questions_to_the_database(box: Box, rider: Enrolled) -> None:
    """Each costs about 0.3 ms of a small machine's processor, and each scan waits for all of them."""
    asked: list[str] = []
    connection = box.journal.store.connection
    connection.set_trace_callback(asked.append)
    assert isinstance(judge(box, rider.card_text), Good)
    connection.set_trace_callback(None)
    assert 0 < len(asked) <= 8, asked


def test_a_clock_that_cannot_be_believed_expires_no_card(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall, clock.trust_wall = datetime(2099, 1, 1, tzinfo=UTC), False
    assert isinstance(checkin.present_card(box, rider.card_text), CheckedIn)


# Unknown issuers


def test_a_card_of_an_unknown_issuer_checks_in_unverified_and_earns_nothing(box: Box, rider: Enrolled) -> None:
    outcome = greeted(box, signed(box, rider.rider.id, key=STRANGER))
    assert (outcome.rider.verified, outcome.already, outcome.points_earned) == (False, False, 0)
    assert points.summary(box, rider.rider.id).entries == ()
    (event,) = events("checkin.recorded")
    body = msgspec.json.decode(event.body, type=CheckinRecorded)
    assert (body.verified, body.doubt) == (False, ScanRefusal.UNKNOWN_ISSUER.value)


def test_a_card_of_an_unknown_issuer_is_told_nothing_of_the_riders_books(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    (label,) = reading.add_title(box, "红岩", author="罗广斌", isbn="", shelf="A1", copies=1, actor="cli")
    reading.borrow(box, rider.rider, label)
    clock.advance(13 * 86_400)
    riders.revoke_card(box, 1, "lost", actor="cli")
    outcome = greeted(box, signed(box, rider.rider.id, key=STRANGER))
    assert (outcome.rider.verified, outcome.due, outcome.waiting, outcome.notes) == (False, (), (), ())


def test_an_unknown_issuers_rider_who_is_unknown_too_has_no_name(box: Box) -> None:
    holder = riders.new_id()
    outcome = greeted(box, signed(box, holder, key=STRANGER))
    assert outcome.rider == RiderView(holder, "*", verified=False)


def test_a_stranger_cannot_use_up_a_riders_day(box: Box, rider: Enrolled) -> None:
    greeted(box, signed(box, rider.rider.id, key=STRANGER))
    outcome = greeted(box, rider.card_text)
    assert (outcome.already, outcome.points_earned, outcome.rider.verified) == (False, 1, True)
    assert checkin.today_count(box) == 1


def test_an_unknown_issuers_card_may_be_blocked_or_run_out(box: Box, rider: Enrolled) -> None:
    old = signed(box, rider.rider.id, key=STRANGER, issued=date(2020, 1, 1))
    assert checkin.present_card(box, old) == ScanRefused(ScanRefusal.EXPIRED)
    status = RiderStatusSet(status=RiderStatus.BLOCKED)
    HubVoice().say("rider.status_set", f"rider:{rider.rider.id}", status, [box])
    text = signed(box, rider.rider.id, key=STRANGER)
    assert checkin.present_card(box, text) == ScanRefused(ScanRefusal.BLOCKED)


def test_strangers_cards_are_no_riders_of_the_day_and_fill_no_journal(
    box: Box, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.checkin.desk.MOST_UNVERIFIED", 3)
    seen = [checkin.present_card(box, signed(box, riders.new_id(), key=STRANGER)) for _ in range(6)]
    assert seen[3:] == [ScanRefused(ScanRefusal.UNKNOWN_ISSUER)] * 3
    assert all(isinstance(outcome, CheckedIn) for outcome in seen[:3])
    assert (checkin.today_count(box), len(events("checkin.recorded")), len(events("scan.refused"))) == (0, 3, 1)
    view = checkin.checkins(box, 0, 9)
    assert [visit.rider.verified for visit in view.visits] == [False] * 3
    assert dict(view.refused) == {"unknown_issuer": 1}
    clock.advance(86_400)
    greeted(box, signed(box, riders.new_id(), key=STRANGER))


def test_a_strangers_card_in_a_riders_name_is_told_to_volunteers_as_unknown(box: Box, rider: Enrolled) -> None:
    greeted(box, signed(box, rider.rider.id, key=STRANGER))
    (visit,) = checkin.checkins(box, 0, 9).visits
    assert (visit.rider.number, visit.rider.verified) == (1, False)
