"""What is seen, heard and read of an outcome says the same, of every outcome that there is."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import pytest
from msgspec.structs import replace

from kiosk.sound import sound_of
from kiosk.views import CheckedIn, Outcome, ScanRefusal, ScanRefused, Sound
from screens.app import KioskApp
from screens.language import set_language
from screens.outcome_words import tell
from screens.ring import RINGS
from screens.widgets.outcome import SHAPES, Tone
from tests.helpers.fake_station import VOLUNTEER, FakeStation
from tests.helpers.outcomes import every_outcome

HEARD: Final[Mapping[Tone, Sound]] = {
    Tone.GOOD: Sound.GOOD,
    Tone.AGAIN: Sound.ALREADY,
    Tone.CAREFUL: Sound.CAREFUL,
    Tone.BAD: Sound.REFUSED,
    Tone.ATTENTION: Sound.ATTENTION,
}
"""Each colour and shape has a sound of its own."""

FORGED: Final = ScanRefused(ScanRefusal.FORGED)

AGAIN: Final = re.compile(r"已签到|今天 ?\d\d:\d\d ?已|Already")


def all_of(station: FakeStation) -> list[Outcome]:
    return [outcome for variants in every_outcome(station.local_now()).values() for outcome in variants]


def test_five_colours_five_shapes_five_sounds_and_five_bells() -> None:
    assert set(HEARD) == set(Tone) == set(SHAPES)
    assert len({SHAPES[tone] for tone in Tone}) == 5
    assert set(HEARD.values()) == set(Sound) == set(RINGS)
    assert len(set(RINGS.values())) == 5


@pytest.mark.parametrize("language", ["zh", "en"])
def test_colour_sound_and_words_of_every_outcome_agree(station: FakeStation, language: str) -> None:
    set_language(language)
    for outcome in all_of(station):
        telling = tell(outcome, station.settings.station.zone)
        assert HEARD[telling.tone] is sound_of(outcome), outcome
        assert telling.headline, outcome
        said = " ".join((telling.banner, telling.headline, *telling.lines))
        if telling.tone is Tone.GOOD:
            assert not any(word in said for word in ("不能", "没有这", "Not lent", "do not")), said
        if isinstance(outcome, CheckedIn):
            assert telling.headline.strip(" ,，") == telling.headline
            assert bool(AGAIN.search(said)) is (outcome.already or outcome.repeated), said


async def test_the_bell_rings_an_outcomes_pattern_where_the_settings_ask_for_it(
    app: KioskApp, station: FakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[float] = []

    def bell() -> None:
        rung.append(0.0)

    def later(delay: float, call: Callable[[], None]) -> None:
        if call is bell:  # screens have timers of their own
            rung.append(delay)

    async with app.run_test() as pilot:
        for wanted, outcome in ((False, FORGED), (True, FORGED), (True, VOLUNTEER)):
            rung.clear()
            station.set = replace(station.set, sound=replace(station.set.sound, bell=wanted))
            with monkeypatch.context() as patch:
                patch.setattr(app, "bell", bell)
                patch.setattr(app, "set_timer", later)
                station.scan(outcome)
                await pilot.pause()
            assert rung == (list(RINGS[sound_of(outcome)]) if wanted else [])
