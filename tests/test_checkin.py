"""Check-in: greeted once a day, every refusal recorded with its reason, and the next scan always works."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from kiosk import checkin, points, reading, riders
from kiosk.box import Box
from kiosk.checkin import CheckinRecorded, ScanRefusedRecorded
from kiosk.checkin.admission import Good, judge
from kiosk.identity import card as cards
from kiosk.identity.card import Card
from kiosk.identity.keys import IssuingKey
from kiosk.journal.envelope import Event, decode
from kiosk.points import ledger_sums_to_zero
from kiosk.riders import Enrolled, RiderStatus, RiderStatusSet
from kiosk.views import CheckedIn, RiderView, ScanRefusal, ScanRefused
from models.checkin import CheckinRow, RefusedScanRow
from models.journal import EventRow
from models.riders import CardRow, RiderRow
from tests.helpers.area import HubVoice, carry, outgoing
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.riders import add_rider

STRANGER = IssuingKey(b"s" * 32)
"""An issuing key that nobody certified."""


@pytest.fixture
def clock() -> VirtualClock:
    """Noon at the station."""
    return VirtualClock()


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A box without riders."""
    return make_box(tmp_path, clock)


@pytest.fixture
def rider(box: Box) -> Enrolled:
    """王小强 with a card of this station."""
    return add_rider(box, vanguard=True)


def greeted(box: Box, text: str) -> CheckedIn:
    """Present a card that is good."""
    outcome = checkin.present_card(box, text)
    assert isinstance(outcome, CheckedIn)
    return outcome


def signed(box: Box, holder: str, *, issued: date | None = None, key: IssuingKey | None = None) -> str:
    """A card that was signed but never recorded."""
    signing = key or box.keys.issuing
    return cards.write(Card(signing.key_id, riders.new_id(), holder, issued or box.today), signing)


def events(kind: str) -> list[Event]:
    """The events of a kind in the order of arrival."""
    rows = EventRow.select().where(EventRow.kind == kind).order_by(EventRow.arrival)
    return [decode(bytes(row.envelope)) for row in rows]


def recorded_reasons() -> list[ScanRefusal]:
    """The reasons of all refused scans, as they stand in the journal."""
    bodies = [msgspec.json.decode(event.body, type=ScanRefusedRecorded) for event in events("scan.refused")]
    return [ScanRefusal(body.reason) for body in bodies]


def test_a_rider_is_greeted_with_masked_name_points_and_mark(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    outcome = greeted(box, rider.card_text)
    assert outcome.rider == RiderView(rider.rider.id, "王*强", number=1, vanguard=True)
    assert outcome.at == clock.now()
    assert outcome.at.utcoffset() == timedelta(hours=8)
    assert (outcome.already, outcome.points_earned, outcome.clock_trusted) == (False, 1, True)
    assert outcome.total_half_points == points.summary(box, rider.rider.id).total_half_points
    assert outcome.total_provisional
    assert checkin.today_count(box) == 1


def test_a_greeting_tells_what_is_due(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    (label,) = reading.add_title(box, "论语", author="孔子", isbn="", shelf="A1", copies=1, actor="cli")
    reading.borrow(box, rider.rider, label)
    assert greeted(box, rider.card_text).due == ()
    clock.advance(12 * 86_400)
    assert [loan.label for loan in greeted(box, rider.card_text).due] == [label]


def test_the_event_names_day_card_rule_version_and_points(box: Box, rider: Enrolled) -> None:
    greeted(box, rider.card_text)
    (event,) = events("checkin.recorded")
    assert event.subject == f"visit:{rider.rider.id}/2026-11-24"
    assert event.actor == f"rider:{rider.rider.id}"
    assert msgspec.json.decode(event.body, type=CheckinRecorded) == CheckinRecorded(
        rider=rider.rider.id,
        day="2026-11-24",
        card=cards.read(rider.card_text).card.card_id,
        verified=True,
        rule_version=points.RULES_VERSION,
        points=1,
    )


def test_second_scan_the_same_day_says_already_with_the_firsts_time(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    first = greeted(box, rider.card_text)
    clock.advance(3600)
    second = greeted(box, rider.card_text)
    assert second == replace(first, already=True, points_earned=0, checkin="")
    assert CheckinRow.select().count() == 1
    assert checkin.today_count(box) == 1


def test_the_next_day_begins_at_midnight_of_the_station(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert not greeted(box, rider.card_text).already
    clock.advance(59)
    assert greeted(box, rider.card_text).already
    clock.advance(1)
    outcome = greeted(box, rider.card_text)
    assert (outcome.already, outcome.points_earned) == (False, 1)
    assert [row.day for row in CheckinRow.select().order_by(CheckinRow.day)] == ["2026-11-24", "2026-11-25"]
    assert checkin.today_count(box) == 1


def test_nothing_is_recorded_when_the_points_cannot_be(
    box: Box, rider: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(points, "award", broken)
    with pytest.raises(OSError, match="no space"):
        checkin.present_card(box, rider.card_text)
    monkeypatch.undo()
    assert not CheckinRow.select().exists()
    assert not greeted(box, rider.card_text).already


# Refusals


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


# Not me


def test_not_me_takes_the_check_in_and_its_points_back(box: Box, rider: Enrolled) -> None:
    before = points.summary(box, rider.rider.id)
    assert checkin.undo(box, greeted(box, rider.card_text))
    after = points.summary(box, rider.rider.id)
    assert (after.daily, after.total_half_points) == (before.daily, before.total_half_points)
    assert ledger_sums_to_zero()
    assert checkin.today_count(box) == 0


def test_after_not_me_the_rider_checks_in_again_and_earns_the_points(box: Box, rider: Enrolled) -> None:
    checkin.undo(box, greeted(box, rider.card_text))
    outcome = greeted(box, rider.card_text)
    assert (outcome.already, outcome.points_earned) == (False, 1)
    assert checkin.today_count(box) == 1


def test_not_me_takes_nothing_back_twice(box: Box, rider: Enrolled) -> None:
    greeting = greeted(box, rider.card_text)
    assert checkin.undo(box, greeting)
    assert not checkin.undo(box, greeting)
    greeted(box, rider.card_text)
    assert not checkin.undo(box, greeting), "nor what came after it"
    assert checkin.today_count(box) == 1


def test_not_me_on_already_today_leaves_the_riders_own_check_in(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    greeted(box, rider.card_text)
    clock.advance(60)
    already = greeted(box, rider.card_text)
    assert already.already
    assert not checkin.undo(box, already)
    assert checkin.today_count(box) == 1
    assert points.summary(box, rider.rider.id).entries[0].counted


def test_not_me_leaves_a_check_in_from_before_a_reboot_or_from_long_ago(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    greeting = greeted(box, rider.card_text)
    clock.advance(121)
    assert not checkin.undo(box, greeting)
    other = greeted(box, add_rider(box, "李建国", "13800001002").card_text)
    clock.reboot()
    assert not checkin.undo(box, other)


def test_not_me_just_after_midnight_finds_yesterdays_check_in(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall = datetime(2026, 11, 24, 15, 59, 50, tzinfo=UTC)
    greeting = greeted(box, rider.card_text)
    clock.advance(20)
    assert checkin.undo(box, greeting)


# The clock


def test_with_an_untrusted_clock_only_a_check_in_of_the_same_boot_is_already(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    clock.trust_wall = False
    assert not greeted(box, rider.card_text).already
    again = greeted(box, rider.card_text)
    assert (again.already, again.points_earned, again.clock_trusted) == (True, 0, False)
    clock.reboot()
    assert not greeted(box, rider.card_text).already, "how long ago that was is not known after a reboot"
    assert [event.trusted for event in events("checkin.recorded")] == [False, False]


def test_a_day_that_was_a_wrong_guess_makes_no_later_scan_already(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    clock.trust_wall = False
    clock.jump(13 * 3600)
    greeted(box, rider.card_text)  # an hour after midnight, as far as this clock knows
    clock.advance(2 * 3600)
    clock.jump(-2.5 * 3600)  # it is half past midnight, so that was on the day before
    clock.trust_wall = True
    assert not greeted(box, rider.card_text).already
    assert greeted(box, rider.card_text).already


def test_a_clock_that_is_told_the_time_after_a_check_in_still_says_already(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    clock.trust_wall = False
    greeted(box, rider.card_text)
    clock.trust_wall = True
    assert greeted(box, rider.card_text).already


def test_a_clock_in_1970_never_goes_below_the_journal(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall, clock.trust_wall = datetime(1970, 1, 1, tzinfo=UTC), False
    outcome = greeted(box, rider.card_text)
    assert outcome.at.year == 2026
    assert CheckinRow.get().day == "2026-11-24"


def test_a_clock_that_cannot_be_believed_expires_no_card(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall, clock.trust_wall = datetime(2099, 1, 1, tzinfo=UTC), False
    assert isinstance(checkin.present_card(box, rider.card_text), CheckedIn)


# Two stations


def two_stations(folder: Path, clock: VirtualClock) -> tuple[Box, Box, Enrolled]:
    """Two boxes of one area that know each other's keys, and a rider of the first."""
    one, other = make_box(folder, clock, code="LX01"), make_box(folder, clock, code="LX02")
    hub = HubVoice()
    hub.enrol(one, other)
    for box in (one, other):
        hub.certify(box, [one, other])
    rider = add_rider(one)
    carry(one, other)
    return one, other, rider


def present(box: Box, text: str) -> CheckedIn:
    """Present a good card at one of several boxes."""
    with box.journal.store.use():
        return greeted(box, text)


def test_a_check_in_at_another_station_counts_for_the_day(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    first = present(one, rider.card_text)
    carry(one, other)
    clock.advance(3600)
    second = present(other, rider.card_text)
    assert (second.already, second.at) == (True, first.at)
    assert (checkin.today_count(one), checkin.today_count(other)) == (1, 0)


def test_of_two_offline_check_ins_the_fold_counts_one_and_shows_the_other(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    assert present(one, rider.card_text).points_earned == 1
    clock.advance(60)
    assert present(other, rider.card_text).points_earned == 1
    carry(one, other)
    carry(other, one)
    seen = []
    for box in (one, other):
        with box.journal.store.use():
            summary = points.summary(box, rider.rider.id)
            assert sorted(entry.counted for entry in summary.entries) == [False, True]
            assert ledger_sums_to_zero()
            rows = [row.__data__ for row in CheckinRow.select().order_by(CheckinRow.place)]
            seen.append((summary.total_half_points, summary.entries, rows))
    assert seen[0] == seen[1]
    again = [present(box, rider.card_text) for box in (one, other)]
    assert again[0].already
    assert again[0].at == again[1].at


@pytest.mark.parametrize("met", ["before", "after"])
def test_after_not_me_at_one_station_the_riders_own_check_in_at_another_earns_the_point(
    tmp_path: Path, clock: VirtualClock, met: str
) -> None:
    """Whether the stations hear of each other before or after "not me"."""
    one, other, rider = two_stations(tmp_path, clock)
    wrong, right = present(one, rider.card_text), present(other, rider.card_text)
    assert (wrong.points_earned, right.points_earned) == (1, 1)
    if met == "before":
        carry(other, one)
    with one.journal.store.use():
        assert checkin.undo(one, wrong)
    carry(one, other)
    carry(other, one)
    for box in (one, other):
        with box.journal.store.use():
            assert points.summary(box, rider.rider.id).daily == points.rules_of(2026).daily_base + 1
            assert ledger_sums_to_zero()
        assert present(box, rider.card_text).already


@pytest.mark.parametrize("whose", ["the rider's own", "not me either"])
def test_already_of_a_check_in_that_is_taken_back_elsewhere_becomes_the_riders_own_with_its_point(
    tmp_path: Path, clock: VirtualClock, whose: str
) -> None:
    """Without another scan, and with the time when the rider stood there; unless that was somebody else, too."""
    one, other, rider = two_stations(tmp_path, clock)
    wrong = present(one, rider.card_text)
    carry(one, other)
    clock.advance(60)
    own = present(other, rider.card_text)
    assert own.already
    with other.journal.store.use():
        assert checkin.amend(other) == 0, "nothing was taken back yet"
    if whose == "not me either":
        with other.journal.store.use():
            assert not checkin.undo(other, own)
    with one.journal.store.use():
        assert checkin.undo(one, wrong)
    clock.advance(30)
    carry(one, other)
    expected = whose == "the rider's own"
    with other.journal.store.use():
        assert checkin.amend(other) == int(expected)
        assert checkin.amend(other) == 0
    carry(other, one)
    for box in (one, other):
        with box.journal.store.use():
            earned = points.summary(box, rider.rider.id).daily - points.rules_of(2026).daily_base
            assert earned == int(expected)
            assert ledger_sums_to_zero()
    assert checkin.today_count(other) == int(expected)
    seen = present(other, rider.card_text)
    assert seen.already is expected
    if expected:
        assert seen.at == wrong.at + timedelta(seconds=60)


def test_an_undo_that_arrives_before_its_check_in_holds(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    with one.journal.store.use():
        checkin.undo(one, greeted(one, rider.card_text))
    for kind in ("checkin.undone", "checkin.recorded"):
        carry(one, other, kind)
    with other.journal.store.use():
        assert [row.undone for row in CheckinRow.select()] == [True]
        assert not greeted(other, rider.card_text).already


def test_any_order_of_arrival_gives_the_same_tables(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    for box in (one, other):
        with box.journal.store.use():
            checkin.undo(box, greeted(box, rider.card_text))
            greeted(box, rider.card_text)
            checkin.refuse(box, ScanRefusal.BINARY)
    with one.journal.store.use():
        riders.revoke_card(one, 1, "lost", actor="cli")
    items = outgoing(one) + outgoing(other)
    chooser = random.Random(7)  # noqa: S311 - repeatable order, no secret
    seen = []
    for number in range(6):
        chooser.shuffle(items)
        third = make_box(tmp_path / str(number), clock, code="LX03")
        for item in items:
            third.journal.receive([item, item])
        tables = (CheckinRow, RefusedScanRow, CardRow, RiderRow)
        seen.append([sorted(repr(row) for row in table.select().dicts()) for table in tables])
    assert all(tables == seen[0] for tables in seen)
    assert [len(table) for table in seen[0]] == [4, 2, 1, 1]
