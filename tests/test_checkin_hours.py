"""Check-in outside the opening hours, the same code again within moments, and what is heard of each outcome."""

import asyncio
import sys
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from kiosk import checkin, points
from kiosk.box import Box
from kiosk.checkin.cooldown import CoolDown
from kiosk.riders import Enrolled
from kiosk.sound import Speaker, sound_of, write_wav
from kiosk.views import (
    CheckedIn,
    LoanBlock,
    LoanRefused,
    Outcome,
    ParcelOutcome,
    ParcelRefusal,
    ParcelScanned,
    RiderNoteView,
    RiderView,
    ScanRefusal,
    ScanRefused,
    Sound,
    StaffCard,
    TitleFound,
    TitleView,
)
from models.checkin import CheckinRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.checkins import greeted
from tests.helpers.clock import VirtualClock
from tests.helpers.riders import add_rider

EARLY = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
"""05:30 of the 24th at the station."""


@pytest.fixture
def clock() -> VirtualClock:
    """Half past five in the morning, before the door is opened."""
    clock = VirtualClock()
    clock.wall = EARLY
    return clock


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A box of a station that is open from six to ten."""
    settings = make_settings(tmp_path / "LX01", station={"opening_hours": "06:00–22:00"})
    return make_box(tmp_path, clock, settings=settings)


def test_outside_the_opening_hours_a_check_in_is_recorded_as_such_and_earns_nothing(box: Box, rider: Enrolled) -> None:
    outcome = greeted(box, rider.card_text)
    assert (outcome.outside, outcome.already, outcome.points_earned) == (True, False, 0)
    assert CheckinRow.get().outside
    again = greeted(box, rider.card_text)
    assert (again.outside, again.already) == (True, True)
    assert checkin.today_count(box) == 1
    assert points.summary(box, rider.rider.id).entries == ()


def test_it_never_stands_in_the_way_of_the_days_check_in(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    greeted(box, rider.card_text)
    clock.advance(1800)
    outcome = greeted(box, rider.card_text)
    assert (outcome.outside, outcome.already, outcome.points_earned) == (False, False, 1)
    clock.advance(16.5 * 3600)
    late = greeted(box, rider.card_text)
    assert (late.outside, late.already) == (False, True)
    view = checkin.checkins(box, 0, 10)
    assert [(visit.outside, visit.first) for visit in view.visits] == [(False, True), (True, True)]
    assert checkin.today_count(box) == 1


def test_the_settings_may_let_it_earn_the_point(tmp_path: Path, clock: VirtualClock) -> None:
    hours = {"opening_hours": "06:00-22:00"}
    settings = make_settings(tmp_path / "LX01", station={**hours}, checkin={"points_outside_hours": True})
    box = make_box(tmp_path, clock, settings=settings)
    outcome = greeted(box, add_rider(box).card_text)
    assert (outcome.outside, outcome.points_earned) == (True, 1)


def test_a_clock_that_cannot_be_believed_never_says_that_the_door_is_closed(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    clock.trust_wall = False
    assert not greeted(box, rider.card_text).outside


def test_the_week_counts_riders_by_day(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    other = add_rider(box, phone="13800001002")
    for text in (rider.card_text, rider.card_text, other.card_text):
        greeted(box, text)
    clock.advance(2 * 86_400)
    greeted(box, rider.card_text)
    week = checkin.week(box)
    assert [one.riders for one in week] == [0, 0, 0, 0, 2, 0, 1]
    assert week[-1].day == box.today


def test_refused_scans_of_the_day_are_counted_by_reason(box: Box) -> None:
    for reason in (ScanRefusal.FORGED, ScanRefusal.UNKNOWN, ScanRefusal.FORGED):
        checkin.refuse(box, reason)
    assert checkin.checkins(box, 0, 10).refused == (("forged", 2), ("unknown", 1))


# The cool-down


def a_greeting(
    *,
    already: bool = False,
    outside: bool = False,
    clock_trusted: bool = True,
    repeated: bool = False,
    points_earned: int | None = None,
    notes: tuple[RiderNoteView, ...] = (),
) -> CheckedIn:
    """What is said to a rider."""
    earned = (0 if already else 1) if points_earned is None else points_earned
    return CheckedIn(
        RiderView("aa", "王*强"),
        EARLY,
        already,
        earned,
        2,
        total_provisional=True,
        outside=outside,
        clock_trusted=clock_trusted,
        repeated=repeated,
        notes=notes,
    )


def test_a_card_held_up_again_is_already_and_keeps_what_was_earned_and_told() -> None:
    cool = CoolDown(2.5)
    note = RiderNoteView("n", "aa", None, "钥匙", "周*兰", EARLY, once=True)
    assert cool.served(b"card", a_greeting(notes=(note,)), 0.0) == a_greeting(notes=(note,))
    for now in (0.4, 2.8, 5.2):
        said = cool.served(b"card", a_greeting(already=True), now)
        assert said == a_greeting(already=True, repeated=True, points_earned=1, notes=(note,))
    assert cool.served(b"card", a_greeting(already=True), 7.8) == a_greeting(already=True)


def test_a_refused_code_held_up_again_is_told_again_and_not_recorded() -> None:
    cool, refused = CoolDown(2.5), ScanRefused(ScanRefusal.FORGED)
    cool.served(b"bad", refused, 0.0)
    assert [cool.refused_again(b"bad", now) for now in (1.0, 3.0, 5.6)] == [refused, refused, None]
    cool.served(b"bad", refused, 10.0)
    cool.served(b"card", a_greeting(), 10.1)
    assert cool.refused_again(b"bad", 10.2) is None


def test_not_me_and_no_time_at_all_remember_nothing() -> None:
    cool, refused = CoolDown(2.5), ScanRefused(ScanRefusal.FORGED)
    cool.served(b"bad", refused, 0.0)
    cool.forget()
    assert cool.refused_again(b"bad", 0.1) is None
    never = CoolDown(0)
    never.served(b"bad", refused, 0.0)
    assert never.refused_again(b"bad", 0.0) is None


# Sounds


def test_each_of_five_kinds_of_outcome_has_a_sound_of_its_own() -> None:
    note = RiderNoteView("n", "aa", None, "钥匙", "周*兰", EARLY, once=True)
    heard = [
        sound_of(outcome)
        for outcome in (
            a_greeting(),
            a_greeting(already=True),
            a_greeting(outside=True),
            a_greeting(clock_trusted=False),
            ScanRefused(ScanRefusal.FORGED),
            a_greeting(notes=(note,)),
            a_greeting(notes=(note,), already=True, repeated=True),
            StaffCard("v", "周*兰"),
        )
    ]
    good, already, careful, refused, attention = Sound
    assert heard == [good, already, careful, careful, refused, attention, attention, good]


def test_a_parcel_or_book_that_comes_to_nothing_does_not_sound_like_success() -> None:
    title = TitleView("红岩", "罗广斌", "A1", 1, 1)
    heard: dict[Outcome, Sound] = {
        ParcelScanned(ParcelOutcome("P1")): Sound.GOOD,
        ParcelScanned(ParcelOutcome("P1", ParcelRefusal.NOT_IDENTIFIED)): Sound.CAREFUL,
        TitleFound("9787108009821", title): Sound.GOOD,
        TitleFound("9787108009821", replace(title, available=0)): Sound.CAREFUL,
        TitleFound("9787108009821", None): Sound.CAREFUL,
        LoanRefused("LX01-0001", (LoanBlock.LIMIT,)): Sound.REFUSED,
        LoanRefused("LX01-0001", (LoanBlock.OWN_ALREADY,)): Sound.CAREFUL,
    }
    heard |= {
        ParcelScanned(ParcelOutcome("P1", why)): Sound.REFUSED for why in ParcelRefusal if "identified" not in why
    }
    assert {outcome: sound_of(outcome) for outcome in heard} == heard


def test_the_files_are_short_and_differ(tmp_path: Path) -> None:
    for sound in Sound:
        write_wav(sound, tmp_path / sound.value)
        with wave.open(str(tmp_path / sound.value)) as file:
            assert 0.1 < file.getnframes() / file.getframerate() < 1.0
    assert len({(tmp_path / sound.value).read_bytes() for sound in Sound}) == len(Sound)


async def test_a_player_gets_the_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    out = tmp_path / "played"
    player = [sys.executable, "-c", f"import sys; open({str(out)!r}, 'w').write(sys.argv[1])"]
    speaker = Speaker(player, tmp_path / "sounds")
    speaker.play(Sound.GOOD)
    while not out.exists() or not out.read_text():  # noqa: ASYNC110 - a process is the subject
        await asyncio.sleep(0.01)
    assert Path(out.read_text()).name == "good.wav"
    await speaker.close()


async def test_a_missing_player_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    speaker = Speaker(["/nowhere/player"], tmp_path / "sounds")
    for _ in range(3):
        speaker.play(Sound.REFUSED)
        playing = speaker._playing
        assert playing is not None
        await playing
    assert len([record for record in caplog.records if "sound.player" in record.getMessage()]) == 1


async def test_no_player_plays_nothing(tmp_path: Path) -> None:
    speaker = Speaker([], tmp_path / "sounds")
    speaker.play(Sound.GOOD)
    await speaker.close()
    assert not (tmp_path / "sounds").exists()
