"""What stands beside the slot map, as a function of what the station tells: every value in plain words."""

import pytest

from kiosk.views import ChargingRefusal, SlotError, SlotState, SlotView, StopReason
from screens.charging_panel import panel
from screens.charging_scene import Ask, Refused, duration
from screens.charging_session import CALL_FIRST, LIVE_STILL, after_the_end
from screens.language import _, set_language
from screens.words import CHARGING_REFUSALS, SLOT_ERRORS, STOP_REASONS
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.charging_scenes import ended, own_session, slot_becomes
from tests.screens.charging_taps import scene


@pytest.mark.parametrize("refusal", ChargingRefusal)
def test_every_refusal_is_told_in_plain_words(station: FakeStation, refusal: ChargingRefusal) -> None:
    """In both languages, and beside the slot that was asked for."""
    station.now_visiting = RIDER
    told = {}
    for language in ("zh", "en"):
        set_language(language)
        told[language] = panel(scene(station, chosen="3", refused=Refused(refusal))).alert
        assert told[language] == _(CHARGING_REFUSALS[refusal])
    assert told["zh"] != told["en"]


@pytest.mark.parametrize("error", SlotError)
def test_every_error_is_told_in_plain_words(station: FakeStation, error: SlotError) -> None:
    """In both languages."""
    slot_becomes(station, SlotView("5", SlotState.FAULTED, errors=(error,)))
    told = {}
    for language in ("zh", "en"):
        set_language(language)
        told[language] = panel(scene(station, chosen="5")).lines
        assert _(SLOT_ERRORS[error]) in told[language]
    assert told["zh"] != told["en"]


def test_all_errors_are_told_not_the_first_alone(station: FakeStation) -> None:
    """A repairer reads them too."""
    slot_becomes(station, SlotView("5", SlotState.FAULTED, errors=tuple(SlotError)))
    lines = panel(scene(station, chosen="5")).lines
    assert all(_(words_of) in lines for words_of in SLOT_ERRORS.values())


def test_a_slot_in_use_says_whose_and_until_when(station: FakeStation) -> None:
    """Masked, with the latest end in local time."""
    lines = panel(scene(station, chosen="2")).lines
    assert "In use by 李*" in lines
    assert "412 W · 386 Wh" in lines
    assert "Ends at 17:00 at the latest" in lines


def test_a_slot_out_of_service_gives_the_volunteers_reason(station: FakeStation) -> None:
    """As it was typed."""
    assert "Out of service: 插座松动" in panel(scene(station, chosen="6")).lines


def test_watts_that_are_not_known_are_never_nought(station: FakeStation) -> None:
    """Two bad readings are "unknown"."""
    slot_becomes(station, SlotView("2", SlotState.CHARGING, rider="李*", watts=None, wh=386))
    lines = panel(scene(station, chosen="2")).lines
    assert "— W · 386 Wh" in lines


def test_a_bike_that_is_not_plugged_in_is_asked_for(station: FakeStation) -> None:
    """Power is on, nothing draws it."""
    own_session(station)
    assert panel(scene(station)).alert == ""
    slot_becomes(station, SlotView("4", SlotState.PREPARING, RIDER.masked_name, mine=True, watts=0.4, wh=0))
    waiting = panel(scene(station))
    assert waiting.alert == "Plug your charger in now."
    assert waiting.curve == ()


def test_an_error_under_a_running_session_is_told(station: FakeStation) -> None:
    """Its rider is the first who ought to know."""
    own_session(station)
    errors = (SlotError.METER_LOST,)
    slot_becomes(station, SlotView("4", SlotState.CHARGING, RIDER.masked_name, mine=True, errors=errors))
    assert "The meter does not answer" in panel(scene(station)).lines


@pytest.mark.parametrize("reason", StopReason)
def test_every_reason_is_told_in_plain_words(station: FakeStation, reason: StopReason) -> None:
    """In both languages, with the energy."""
    ended(station, reason)
    told = {}
    for language in ("zh", "en"):
        set_language(language)
        end = panel(scene(station))
        told[language] = end.heading
        assert _(STOP_REASONS[reason]) in end.heading
        assert (end.figure, end.unit) == ("486", "Wh")
    assert told["zh"] != told["en"]


def test_after_heat_or_smoke_nobody_is_sent_to_the_plug() -> None:
    """And after any other end the plug is what to do next."""
    for reason in CALL_FIRST:
        assert "volunteer" in after_the_end(reason)
    assert after_the_end(StopReason.FULL) == "Please unplug your bike."


@pytest.mark.parametrize("error", sorted(LIVE_STILL))
def test_nobody_is_sent_to_a_socket_that_turned_out_to_be_dangerous(station: FakeStation, error: SlotError) -> None:
    """A switch that is stuck shows itself only after the end: the rider stopped, and the socket may still be live."""
    ended(station, StopReason.STOPPED_BY_RIDER)
    slot_becomes(station, SlotView("4", SlotState.FAULTED, RIDER.masked_name, mine=True, errors=(error,)))
    end = panel(scene(station))
    assert end.alert == "Do not touch the plug. Please call a volunteer."
    assert end.look == "-faulted"
    assert _(SLOT_ERRORS[error]) in end.lines
    assert end.main is not None
    assert end.main.ask is Ask.SEEN


def test_the_same_rider_may_start_again_where_it_just_ended(station: FakeStation) -> None:
    """Nobody else may, before the plug is out."""
    ended(station)
    again = panel(scene(station, end_seen=True, chosen="4"))
    assert again.main is not None
    assert again.main.ask is Ask.START
    assert again.other is None
    assert panel(scene(station, end_seen=True, chosen="7")).main is None


def test_durations_are_told_in_hours_and_minutes() -> None:
    """Never in seconds."""
    assert [duration(seconds) for seconds in (0, 59, 60, 3599, 3600, 11_520)] == [
        *("0 min", "0 min", "1 min", "59 min", "1 h 0 min", "3 h 12 min")
    ]
