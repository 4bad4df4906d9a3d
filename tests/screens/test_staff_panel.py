"""What the volunteers' board says and offers for every state, as a function of what the station tells."""

from itertools import chain

import pytest
from msgspec.structs import replace

from kiosk.views import ChargingRefusal, SlotError, SlotState, SlotView, StaffAct, StopReason
from screens.language import _, set_language
from screens.staff_panel import panel
from screens.staff_scene import CHOOSE_S, CONFIRM_S, RUNNING, Offer, Question, Scene, StaffPanel, Tap
from screens.staff_words import ACTS, end_words, refusal_words
from screens.words import OUT_OF_SERVICE, SLOT_ERRORS, out_of_service
from tests.helpers.fake_station import FakeStation


@pytest.fixture
def scene(station: FakeStation) -> Scene:
    """The scene of a station with eight slots, nothing tapped, in Chinese."""
    set_language("zh")
    return Scene(station.charging.slots(), station.settings.station.zone, 3300)


def of(scene: Scene, slot: SlotView) -> StaffPanel:
    """The panel of one slot."""
    return panel(replace(scene, slots=(slot,), chosen=slot.name))


def taps(shown: StaffPanel) -> list[Tap]:
    """What the tiles do, the highest first."""
    return [offer.tap for offer in chain.from_iterable(shown.places)]


def asked(scene: Scene, question: Question) -> StaffPanel:
    """The panel of a question."""
    return panel(replace(scene, chosen=question.slot, question=question, left_s=8))


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        (SlotState.AVAILABLE, [Tap.DISABLE]),
        (SlotState.RESERVED, [Tap.RELEASE, Tap.MOVE, Tap.DISABLE]),
        (SlotState.PREPARING, [Tap.STOP, Tap.MOVE]),
        (SlotState.CHARGING, [Tap.STOP, Tap.MOVE]),
        (SlotState.SUSPENDED_EV, [Tap.STOP, Tap.MOVE]),
        (SlotState.SUSPENDED_EVSE, [Tap.STOP, Tap.MOVE]),
        (SlotState.FINISHING, [Tap.PLUG_OUT, Tap.DISABLE]),
        (SlotState.UNAVAILABLE, []),
        (SlotState.FAULTED, [Tap.CLEAR, Tap.DISABLE]),
    ],
)
def test_every_state_offers_the_acts_that_fit_it(scene: Scene, state: SlotState, acts: list[Tap]) -> None:
    """No more and no less; a slot that is not ready and that nobody took out of service waits for its board."""
    assert taps(of(scene, SlotView("1", state))) == acts


@pytest.mark.parametrize("state", [SlotState.UNAVAILABLE, SlotState.FAULTED])
def test_what_was_taken_out_of_service_can_be_put_back(scene: Scene, state: SlotState) -> None:
    """Also under a fault."""
    shown = of(scene, SlotView("1", state, out_of_service="cable"))
    assert taps(shown)[-1] is Tap.ENABLE
    assert "已停用：线缆损坏" in shown.lines


@pytest.mark.parametrize("state", SlotState)
def test_a_finger_that_taps_twice_cuts_nobody_off(scene: Scene, state: SlotState) -> None:
    """Where a tile led to a question, the question has no "yes" and no reason."""
    slot = SlotView("1", state, "李*", out_of_service="other" if state is SlotState.UNAVAILABLE else None)
    for row, offers in enumerate(of(scene, slot).places):
        for offer in offers:
            if offer.tap is Tap.ENABLE:
                continue  # gives, and takes nothing from anybody
            question = Question(offer.tap, "1", "李*")
            under = asked(replace(scene, slots=(slot,)), question).places[row]
            assert {offer.tap for offer in under} <= {Tap.NO}, (state, offer.tap)


@pytest.mark.parametrize("about", [Tap.STOP, Tap.RELEASE, Tap.PLUG_OUT, Tap.CLEAR, Tap.MOVE])
def test_a_question_names_the_slot_and_has_a_way_back(scene: Scene, about: Tap) -> None:
    """With the seconds it is still offered."""
    target = "4" if about is Tap.MOVE else None
    shown = asked(scene, Question(about, "2", "李*", target))
    assert "2" in shown.heading
    assert taps(shown) == [Tap.NO, Tap.YES]
    assert shown.places[1][0].words == "不，返回（8）"


def test_who_loses_something_is_named(scene: Scene) -> None:
    """By masked name."""
    assert "李*" in asked(scene, Question(Tap.STOP, "2", "李*")).lines[0]
    assert "欧**华" in asked(scene, Question(Tap.RELEASE, "3", "欧**华")).lines[0]
    assert "欧**华" in asked(scene, Question(Tap.DISABLE, "3", "欧**华")).lines[0]
    assert "欧**华" not in "".join(asked(scene, Question(Tap.DISABLE, "1")).lines)


def test_out_of_service_offers_ready_reasons(scene: Scene) -> None:
    """Nobody types."""
    shown = asked(scene, Question(Tap.DISABLE, "1"))
    values = [offer.value for offer in chain.from_iterable(shown.places) if offer.tap is Tap.BECAUSE]
    assert values == list(OUT_OF_SERVICE)


@pytest.mark.parametrize(("watts", "mark"), [(0.0, "●"), (1.4, "●"), (1.5, "▲"), (None, "▲")])
def test_clearing_a_fault_states_what_to_check_and_what_the_meter_shows(
    scene: Scene, watts: float | None, mark: str
) -> None:
    """An unknown reading is no 0 W."""
    slot = SlotView("5", SlotState.FAULTED, watts=watts, errors=(SlotError.RELAY_WELDED,))
    shown = asked(replace(scene, slots=(slot,)), Question(Tap.CLEAR, "5"))
    assert "1. 插头已拔掉。" in shown.lines
    assert "2. 电表显示 0 W。" in shown.lines
    assert shown.lines[-1].startswith(mark)
    assert ("—" in shown.lines[-1]) is (watts is None)


def test_moving_tells_which_slots_are_free(scene: Scene) -> None:
    """Or that none is."""
    assert "1、4、8" in asked(scene, Question(Tap.MOVE, "2", "李*")).lines[0]
    taken = tuple(replace(slot, state=SlotState.RESERVED) for slot in scene.slots)
    assert asked(replace(scene, slots=taken), Question(Tap.MOVE, "2", "李*")).lines == ("现在没有别的空位。",)


def test_stopping_all_says_how_many_and_whom(scene: Scene) -> None:
    """Only those who charge."""
    shown = asked(scene, Question(Tap.STOP_ALL))
    assert "1 个位" in shown.heading
    assert shown.lines[0] == "2 李*"
    assert shown.places[2][0].words == "确认停止全部 1 个位"


@pytest.mark.parametrize("error", SlotError)
def test_every_error_stands_in_words(scene: Scene, error: SlotError) -> None:
    """Above all else."""
    assert of(scene, SlotView("1", SlotState.FAULTED, errors=(error,))).lines[0] == "▲ " + _(SLOT_ERRORS[error])


def test_watts_and_energy_stand_there_and_unknown_is_not_0(scene: Scene) -> None:
    """In blocks for who charges, in words for the others."""
    charging = of(scene, SlotView("2", SlotState.CHARGING, "李*", watts=412.3, wh=386))
    assert (charging.figure, charging.unit) == ("412", "W")
    assert "电量：386 Wh" in charging.lines
    assert of(scene, SlotView("2", SlotState.CHARGING)).figure == "—"
    assert "电表：— W" in of(scene, SlotView("1", SlotState.AVAILABLE)).lines


def test_the_station_s_sum_tells_meters_that_are_missing_in_it(scene: Scene) -> None:
    """Slots 3, 5 and 6 told nothing."""
    shown = panel(replace(scene, waiting=2))
    assert shown.figure == "416"
    assert "▲ 3 个电表无读数，未计入" in shown.lines
    assert "有 2 人在排队" in shown.lines
    assert panel(replace(scene, slots=(SlotView("1", SlotState.AVAILABLE),))).figure == "—"


def test_a_question_holds_only_for_who_was_there(scene: Scene) -> None:
    """Another rider in that slot is not stopped by an old "yes"."""
    question = Question(Tap.STOP, "2", "李*")
    assert question.holds(scene.slots)
    assert not question.holds(tuple(replace(slot, rider="王*强") for slot in scene.slots))
    assert not Question(Tap.MOVE, "2", "李*", "3").holds(scene.slots)
    assert Question(Tap.MOVE, "2", "李*", "4").holds(scene.slots)
    assert Question(Tap.STOP_ALL).holds(scene.slots)
    assert not Question(Tap.STOP_ALL).holds(tuple(slot for slot in scene.slots if slot.state not in RUNNING))


def test_yes_is_offered_for_seconds_and_what_takes_a_look_for_longer() -> None:
    """The socket may be some steps away."""
    assert Question(Tap.STOP, "2").lasts_s == CONFIRM_S
    assert Question(Tap.STOP_ALL).lasts_s == CONFIRM_S
    assert Question(Tap.MOVE, "2", target="4").lasts_s == CONFIRM_S
    for about in (Tap.CLEAR, Tap.PLUG_OUT, Tap.DISABLE, Tap.MOVE):
        assert Question(about, "2").lasts_s == CHOOSE_S


def test_acts_refusals_and_ends_have_words_in_both_languages() -> None:
    """And a volunteer is never sent to a volunteer."""
    for language in ("en", "zh"):
        set_language(language)
        told = [
            *(_(ACTS[act]) for act in StaffAct),
            *(refusal_words(refusal) for refusal in ChargingRefusal),
            *(end_words(reason) for reason in StopReason),
            *(out_of_service(reason) for reason in OUT_OF_SERVICE),
        ]
        assert all(told)
    assert refusal_words(ChargingRefusal.STATION_TROUBLE) == "系统没能记录，所以没有执行。请联系维护人员。"
    assert end_words(StopReason.STOPPED_BY_RIDER) == "骑手自己停止"
    assert out_of_service("等电工") == "等电工"


def test_cutting_off_is_drawn_as_danger(scene: Scene) -> None:
    """Stop, release and every "yes"."""
    shown = [
        of(scene, scene.slots[1]),
        of(scene, scene.slots[2]),
        asked(scene, Question(Tap.STOP, "2", "李*")),
    ]
    danger = [offer for each in shown for offers in each.places for offer in offers if offer.danger]
    assert all(isinstance(offer, Offer) for offer in danger)
    assert [offer.tap for offer in danger] == [Tap.STOP, Tap.RELEASE, Tap.YES]
