"""What the board says of the sync: a state, why, what to do, and that nothing is lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from kiosk.sync.alarms import Alarm
from kiosk.sync.link import BY_STATUS, PROBLEMS
from kiosk.views import Health, SyncView
from screens import drain
from screens.drain import Drain
from screens.language import set_language
from screens.sync_words import (
    ALARMS,
    LOOKS,
    REMEDIES,
    STATES,
    SyncState,
    can_be_seen,
    facts,
    needs_somebody,
    notes,
    state_of,
    why,
)
from screens.widgets.sign import SIGN_WIDTH, SIGNS
from screens.words import SYNC_PROBLEMS
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens import hub_scenes

CLOCK = VirtualClock()
ZONE = FakeStation(CLOCK).settings.station.zone


@pytest.fixture(autouse=True)
def _english() -> None:
    set_language("en")


def view(**values: object) -> SyncView:
    """A sync that is well, but for these."""
    return replace(FakeStation(CLOCK).sync, **values)


def scene(prepare: Callable[[FakeStation], None]) -> SyncView:
    """The sync of a scene."""
    station = FakeStation(CLOCK)
    prepare(station)
    return station.sync


@pytest.mark.parametrize(
    ("sync", "state"),
    [
        (view(), SyncState.TOLD),
        (view(pending=1), SyncState.TELLING),
        (view(health=Health.UNREACHABLE, problem="no_answer"), SyncState.WAITING),
        (view(health=Health.DEGRADED, problem="revoked"), SyncState.REFUSED),
        (view(health=Health.UNREACHABLE, problem="untrusted"), SyncState.UNSAFE),
        (view(health=Health.DEGRADED, problem="no_ca"), SyncState.UNSAFE),
        (view(health=Health.DEGRADED, problem="disk"), SyncState.DISK),
        (view(enrolled=False, health=Health.UNKNOWN), SyncState.NOT_ENROLLED),
        (view(health=Health.UNKNOWN), SyncState.STARTING),
        (view(health=Health.CONNECTED, problem="cloned", alarms=("cloned",)), SyncState.TOLD),
    ],
)
def test_one_state_says_how_it_stands(sync: SyncView, state: SyncState) -> None:
    assert state_of(sync) is state


def test_every_state_has_words_and_a_shape_with_colours_and_a_picture() -> None:
    assert set(STATES) == set(LOOKS) == set(SyncState)
    for look in LOOKS.values():
        assert [len(row) for row in SIGNS[look.shape]] == [SIGN_WIDTH] * 3


def test_every_problem_that_the_client_can_tell_has_words_and_a_remedy() -> None:
    told = {*PROBLEMS.values(), *BY_STATUS.values(), "no_answer", "untrusted", "no_ca", "disk", "refused"}
    assert told <= set(SYNC_PROBLEMS)
    assert told - {"no_answer"} <= set(REMEDIES)
    assert {alarm.value for alarm in Alarm} == set(ALARMS)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("problem", [*REMEDIES, "no_answer", "a word of the future"])
def test_whatever_is_in_the_way_it_is_said_that_nothing_is_lost(problem: str, language: str) -> None:
    set_language(language)
    health = Health.UNREACHABLE if problem == "no_answer" else Health.DEGRADED
    for last in (CLOCK.now(), None):
        words = why(view(health=health, problem=problem, last_success=last), CLOCK, ZONE)
        assert ("Nothing is lost" if language == "en" else "不会丢") in words, words


def test_since_when_the_hub_is_silent_or_refuses_is_said() -> None:
    assert why(scene(hub_scenes.waiting), CLOCK, ZONE).startswith("No answer since 10:00.")
    assert "cancelled this box's key (since 10:00)." in why(scene(hub_scenes.revoked), CLOCK, ZONE)
    last = CLOCK.now() - timedelta(days=3)
    assert "(since 11-21 12:00)" in why(view(health=Health.DEGRADED, problem="too_old", last_success=last), CLOCK, ZONE)


def test_the_tab_calls_for_what_does_not_mend_itself() -> None:
    six_minutes_ago, four_minutes_ago = (CLOCK.now() - timedelta(minutes=minutes) for minutes in (6, 4))
    silent = view(health=Health.UNREACHABLE, problem="no_answer")
    for sync in (
        view(alarms=("cloned",)),
        view(quarantined=1),
        scene(hub_scenes.revoked),
        replace(silent, last_success=six_minutes_ago),
        replace(silent, last_success=None),
        replace(silent, last_success=CLOCK.now() + timedelta(days=3653)),  # by a clock that was ten years ahead
    ):
        assert needs_somebody(sync, CLOCK), sync
    fresh = replace(silent, last_success=four_minutes_ago)
    for sync in (view(), view(pending=900), silent, fresh, scene(hub_scenes.alone)):
        assert not needs_somebody(sync, CLOCK), sync


def test_a_gap_is_told_with_its_beginning_at_the_station() -> None:
    since = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    (here,) = notes(view(alarms=("gap",), gap_since=since), ZONE)
    assert "from 11-20 12:00 on" in here.meaning
    (there,) = notes(view(alarms=("hub_gap",), hub_gap_since=since), ZONE)
    assert "from 11-20 12:00 on" in there.meaning
    (unknown,) = notes(view(alarms=("gap",)), ZONE)
    assert "an unknown time" in unknown.meaning


def test_only_the_boxs_own_alarms_can_be_seen_to_here() -> None:
    assert can_be_seen(view(alarms=("cloned", "hub_gap")))
    assert not can_be_seen(view(alarms=("hub_gap",)))
    assert not can_be_seen(view(clock_trusted=False))


def test_an_alarm_of_a_later_version_is_shown_by_its_word() -> None:
    assert [note.heading for note in notes(view(alarms=("haunted",)), ZONE)] == ["▲ haunted"]


def test_the_facts_are_what_one_is_asked_on_the_telephone() -> None:
    rows = dict(facts(scene(hub_scenes.waiting), CLOCK, "LX01", "0.1.0", ZONE))
    assert rows == {
        "Waiting": "14 records, oldest 118 minutes",
        "Last success": "2 hours ago (10:00)",
        "Last tried": "under a minute ago (11:59)",
        "Not taken": "none",
        "Clock": "● right, confirmed",
        "Hub": "泸溪县  version 0.1.0",
        "This box": "LX01  version 0.1.0",
    }


class TestDrain:
    """The bar of a long backlog."""

    def test_a_backlog_that_goes_in_one_request_has_no_bar(self) -> None:
        assert drain.share(view(pending=300, backlog=500)) is None
        assert drain.share(view(pending=0, backlog=5000)) is None

    def test_a_long_one_shows_its_share_once_some_of_it_was_sent(self) -> None:
        assert drain.share(view(pending=750, backlog=1000)) == 0.25
        assert drain.share(view(pending=1000, backlog=1000)) == 0.0
        silent = view(pending=1000, backlog=1000, health=Health.UNREACHABLE)
        assert drain.share(silent) is None
        assert drain.share(replace(silent, pending=900)) == pytest.approx(0.1)

    def test_the_rest_is_estimated_from_the_pace_of_the_last_minute(self) -> None:
        pace = Drain()
        assert pace.left_s() is None
        for second in range(0, 121, 5):
            pace.note(float(second), 12_000 - 10 * min(second, 60) - 50 * max(0, second - 60))
        assert pace.left_s() == pytest.approx(8400 / 50)

    def test_without_a_pace_nothing_is_promised(self) -> None:
        pace = Drain()
        for second in (0, 1, 2):
            pace.note(float(second), 1000 - second)
        assert pace.left_s() is None
        for second in range(3, 90):
            pace.note(float(second), 2000)
        assert pace.left_s() is None
        assert drain.drain_words(view(pending=400, backlog=1000), None) == "600 of 1,000 sent"
        assert drain.drain_words(view(pending=400, backlog=1000), 200.0) == "600 of 1,000 sent, about 3 minutes left"
