"""The generator of a station after ten years writes past the station's code what that would have written."""

from datetime import date
from pathlib import Path

import pytest

from kiosk import checkin, points, reading
from kiosk.box import Box
from kiosk.features import registry
from kiosk.journal.verify import verify
from kiosk.reading import catalogue
from kiosk.views import CheckedIn
from models.base import Base
from models.charging import ChargingSessionRow, HoldRow, QueueRow, SessionMinuteRow
from models.checkin import CheckinRow, RefusedScanRow, RiderNoteRow
from models.journal import ActRow
from models.reading import LoanRow
from models.volunteers import ShiftRow
from tests.benchmarks.big import books, people
from tests.benchmarks.big.counts import TINY
from tests.benchmarks.big.figures import figures_of
from tests.benchmarks.big.fill import Filled, fill
from tests.helpers.box import close_boxes, make_box

TODAY = date(2026, 11, 24)
"""The virtual clock's."""
FILLED: tuple[type[Base], ...] = (
    *(ChargingSessionRow, HoldRow, QueueRow, SessionMinuteRow, CheckinRow, RefusedScanRow, RiderNoteRow),
    *(LoanRow, ShiftRow, ActRow),
)


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Box, Filled]:
    """A box with forty days of a small station in it, opened again after it was filled."""
    # Pinyin takes a second to load, and the other two are slow on purpose.
    monkeypatch.setattr(books, "keys_of", lambda *_: ("zgls", "9787000000002"))
    monkeypatch.setattr(people, "lookup_of", lambda phone, _: phone)
    monkeypatch.setattr(people, "make_verifier", lambda pin: pin)
    keys = make_box(tmp_path, on_disk=True).keys
    close_boxes()
    found = fill(tmp_path / "LX01" / "station.db", keys, TINY, "LX01", TODAY)
    return make_box(tmp_path, on_disk=True), found


def test_a_filled_database_is_whole_and_the_station_goes_on_from_it(filled: tuple[Box, Filled], tmp_path: Path) -> None:
    box, found = filled
    rider = found.known[0]
    greeting = checkin.present_card(box, rider.card)
    assert isinstance(greeting, CheckedIn)
    assert (greeting.rider.masked_name, greeting.already, greeting.points_earned) == (rider.masked, False, 1)
    assert points.summary(box, rider.id).daily == 60 + TINY.own_days + 1
    assert reading.loans(box, rider.id), "one was lent to them a few days ago"
    assert len(catalogue.search(box, "z", 0, 5)[0]) == 5
    assert [model for model in FILLED if not model.select().exists()] == [], "nothing of a station's days is left out"
    result = verify(tmp_path / "LX01" / "station.db", registry())
    assert result.problems == []
    assert (result.failed, result.unknown, result.exceptions) == (0, 0, 0)
    assert result.events > found.events > 300


def test_a_figure_of_the_large_station_is_set_against_the_small_one() -> None:
    small = {"check_in": [10.0], "search_touch_1": [20.0], "job_status": [1.0]}
    full = {"check_in": [13.0], "search_touch_1": [21.0], "job_status": [200.0], "regular_points": [60.0]}
    figures = figures_of((small, full))
    assert [figures[name]["met"] for name in full] == [False, True, True, False]
    assert (figures["check_in"]["ratio"], figures["regular_points"]["ratio"]) == (1.3, None)
