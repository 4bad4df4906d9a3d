"""A screen that was closed is let go with everything that was drawn on it."""

import gc
from weakref import ref

from textual._styles_cache import StylesCache

from screens.app import KioskApp
from screens.widgets.outcome import OutcomePanel
from tests.helpers.fake_station import FakeStation

VISITS = 6


async def test_the_drawn_lines_of_closed_screens_are_let_go(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test() as pilot:
        drawn: list[ref[StylesCache]] = []
        for _visit in range(VISITS):
            station.scan(station.greeting())
            await pilot.pause()
            drawn.append(ref(app.screen.query_one(OutcomePanel)._styles_cache))
            app.finish()
            await pilot.pause()
        for _turn in range(50):  # screens are taken apart in turns of their own
            await pilot.pause()
            gc.collect()
            if _alive(drawn) <= 1:
                break
        # The last visit's may still stand in the cache of a query.
        assert _alive(drawn) <= 1


def _alive(drawn: list[ref[StylesCache]]) -> int:
    return sum(cache() is not None for cache in drawn)
