"""The small widgets: slot tiles and grid, stepper, pager, figures, curve, table, prose."""

from collections.abc import Iterable
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App
from textual.types import CSSPathType
from textual.widget import Widget

from kiosk.views import SlotError, SlotState, SlotView
from screens.language import _
from screens.styles import FIRST_STYLES, ROOM_STYLES
from screens.theme import SLOT_LOOKS, THEME
from screens.widgets.figure import ROWS, drawable, large, small
from screens.widgets.pager import Pager
from screens.widgets.power_curve import bars, squeeze
from screens.widgets.slot_map import (
    SHOWN_AT_ONCE,
    SMALLEST,
    SlotMap,
    SlotTile,
    grid_for,
    slot_rows,
    slot_words,
    watts_words,
)
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, laid_out
from screens.widgets.tile import Tile
from screens.words import SLOT_STATES

CHARGING = SlotView("3", SlotState.CHARGING, rider="王*强", watts=312.4, wh=71)


class Bench(App[None]):
    """One widget under the station's own style sheets."""

    CSS_PATH: ClassVar[CSSPathType | None] = [FIRST_STYLES, *ROOM_STYLES]

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.widget = widget
        self.changes: list[int] = []
        self.selected: list[str] = []

    def compose(self) -> Iterable[Widget]:
        """The widget alone."""
        yield self.widget

    def on_stepper_changed(self, event: Stepper.Changed) -> None:
        """Remember."""
        self.changes.append(event.value)

    def on_slot_map_selected(self, event: SlotMap.Selected) -> None:
        """Remember."""
        self.selected.append(event.slot)


class TestSlots:
    """State in colour, word and shape."""

    @pytest.mark.parametrize("state", SlotState)
    def test_a_tile_says_number_shape_and_state(self, state: SlotState) -> None:
        """Whatever the room is."""
        for width, height in ((19, 7), (12, 5), (12, 3)):
            text = "\n".join(slot_rows(SlotView("10", state), width, height))
            assert SLOT_LOOKS[state].shape in text
            assert _(SLOT_STATES[state]).split()[0] in text

    def test_unknown_watts_are_a_dash_and_never_nought(self) -> None:
        """And known nought is nought."""
        assert watts_words(None) == "—"
        assert watts_words(0.0) == "0"
        assert "— W" in slot_words(SlotView("3", SlotState.CHARGING, watts=None))

    def test_an_idle_meter_is_not_shown(self) -> None:
        """Watts belong to a session."""
        assert slot_words(SlotView("3", SlotState.AVAILABLE, watts=0.0)) == ["Free"]

    def test_own_slots_say_mine_and_others_are_masked(self) -> None:
        """As the station masks them."""
        assert "Mine" in slot_words(SlotView("3", SlotState.RESERVED, rider="王*强", mine=True))
        assert slot_words(CHARGING) == ["Charging", "王*强", "312 W", "71 Wh"]

    def test_a_fault_says_the_first_error(self) -> None:
        """The panel tells the others."""
        words = slot_words(SlotView("3", SlotState.FAULTED, errors=(SlotError.RELAY_WELDED,)))
        assert words == ["Out of order", "The switch is stuck on"]

    @given(
        state=st.sampled_from(SlotState),
        name=st.sampled_from(["1", "16", "A", "北1"]),
        watts=st.none() | st.floats(0, 4000),
        wh=st.none() | st.integers(0, 20_000),
        width=st.integers(10, 40),
        height=st.integers(3, 12),
    )
    def test_rows_never_pass_the_tile(
        self, *, state: SlotState, name: str, watts: float | None, wh: int | None, width: int, height: int
    ) -> None:
        """Nothing is clipped by the edge."""
        rows = slot_rows(SlotView(name, state, rider="欧**华", watts=watts, wh=wh), width, height)
        assert 1 <= len(rows) <= height
        assert all(cell_len(row) <= width for row in rows)

    @given(slots=st.integers(1, 40), width=st.integers(38, 120), height=st.integers(15, 40))
    def test_every_grid_has_targets_big_enough(self, slots: int, width: int, height: int) -> None:
        """12x3 cells with a cell of air between; at most 16 at once."""
        grid = grid_for(slots, width, height)
        assert (width + 1) // grid.columns - 1 >= SMALLEST[0]
        assert (height + 1) // grid.rows - 1 >= SMALLEST[1]
        assert grid.columns * (grid.rows - 1) < SHOWN_AT_ONCE

    async def test_every_state_has_its_colours_on_the_map(self) -> None:
        """States that share a look do not take it from each other."""
        slots = [SlotView(str(number), state) for number, state in enumerate(SlotState, 1)]
        app = Bench(SlotMap(len(slots)))
        async with app.run_test(size=(62, 23)) as pilot:
            app.query_one(SlotMap).show(slots, None)
            await pilot.pause()
            for tile in app.query(SlotTile):
                assert tile.slot is not None
                assert tile.has_class(SLOT_LOOKS[tile.slot.state].css_class), tile.slot.state

    async def test_more_slots_than_fit_are_paged(self) -> None:
        """Twenty slots on a small map: every one can be tapped."""
        slots = [SlotView(str(number), SlotState.AVAILABLE) for number in range(1, 21)]
        app = Bench(SlotMap(len(slots)))
        async with app.run_test(size=(41, 18)) as pilot:
            app.query_one(SlotMap).show(slots, None)
            await pilot.pause()
            pages = 1
            await pilot.click("#slot-1")
            while not app.query_one(".step-more", Tile).disabled:
                await pilot.click(".step-more")
                await pilot.click("#slot-1")
                pages += 1
            await pilot.pause()
            assert pages == 3
            assert app.selected == ["1", "10", "19"]


class TestStepper:
    """Minus, value, plus."""

    async def test_it_stays_within_its_bounds(self) -> None:
        """And tells of real changes alone."""
        app = Bench(Stepper(2, 1, 3))
        async with app.run_test() as pilot:
            for _tap in range(3):
                await pilot.click(".step-more")
            await pilot.pause()
            assert app.changes == [3]
            assert app.query_one(".step-more", Tile).disabled
            await pilot.click(".step-less")
            await pilot.pause()
            assert app.changes == [3, 2]

    async def test_a_pager_of_one_page_is_not_there(self) -> None:
        """And one whose pages vanish goes back to the last there is."""
        pager = Pager()
        app = Bench(pager)
        async with app.run_test() as pilot:
            assert not pager.display
            pager.set_pages(3)
            pager.set_value(3)
            await pilot.pause()
            assert pager.page == 2
            pager.set_pages(2)
            assert pager.page == 1
            pager.set_pages(0)
            assert (pager.page, pager.display) == (0, False)


class TestFigures:
    """Numbers in blocks."""

    def test_every_glyph_is_as_wide_in_every_row(self) -> None:
        """Or the columns would dance."""
        for draw, rows in ((small, 3), (large, ROWS)):
            for sign in "0123456789.:+-—":
                lines = draw(sign)
                assert len(lines) == rows
                assert len({cell_len(line) for line in lines}) == 1

    def test_digits_differ_from_each_other(self) -> None:
        """At both sizes."""
        for draw in (small, large):
            assert len({tuple(draw(digit)) for digit in "0123456789"}) == 10

    def test_names_that_are_no_numbers_are_not_drawn(self) -> None:
        """They stand in plain type."""
        assert drawable("12")
        assert not drawable("A1")
        assert not drawable("")


class TestCurve:
    """Bars of W per minute."""

    def test_the_peak_fills_the_height_and_little_is_not_nothing(self) -> None:
        """A float of a watt keeps a mark."""
        picture = bars((1.0, 300.0, 0.0), 3, 2)
        assert picture == [" █ ", "▁█ "]

    def test_two_hours_are_squeezed_by_means(self) -> None:
        """120 minutes into 40 bars."""
        assert squeeze(tuple(float(n) for n in range(120)), 40)[:2] == [1.0, 4.0]

    @given(st.lists(st.floats(0, 4000), max_size=120), st.integers(1, 60), st.integers(1, 8))
    def test_it_never_passes_its_room(self, samples: list[float], columns: int, rows: int) -> None:
        """Whatever was measured."""
        picture = bars(samples, columns, rows)
        assert len(picture) == rows
        assert all(len(line) == columns for line in picture)


def test_columns_keep_their_places_with_chinese_in_them() -> None:
    """A cell that is too long is cut with an ellipsis."""
    columns = (Column("书名"), Column("作者", 8), Column("册", 5, right=True))
    for cells in (("红岩", "罗广斌、杨益言", "1/2"), ("道路交通安全法实施条例", "路遥", "12")):
        row = laid_out(cells, columns, 30)
        assert cell_len(row) == 30
        assert row.endswith(cells[2])
