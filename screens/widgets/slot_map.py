"""All charging slots at a glance; state in colour, word and shape."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from textual import events, on
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from kiosk.views import SlotState, SlotView
from screens.language import _
from screens.theme import SLOT_LOOKS
from screens.widgets.figure import drawable, small
from screens.widgets.pager import Pager
from screens.widgets.stepper import Stepper
from screens.words import SLOT_ERRORS, SLOT_STATES
from screens.wrapping import fit, wrap

SHOWN_AT_ONCE: Final = 16
"""Tiles on one page at most."""

SMALLEST: Final = (12, 3)
"""Cells of a tile at least: a finger in a glove."""

GOOD_WIDTH: Final = 20
"""Cells of a tile that leave room for every word."""

FRAMED: Final = 5
"""Rows of a tile that has room for a frame round its words; a lower one is inverted when chosen."""

GAP: Final = 1
"""Cells between number and words."""

NARROWEST: Final = 7
"""Cells that words need beside a number in blocks; Chinese states take six."""

PAGER_ROWS: Final = 4
"""Rows that the pager takes, with a row of air."""

ENERGISED: Final = frozenset(
    {SlotState.PREPARING, SlotState.CHARGING, SlotState.SUSPENDED_EV, SlotState.SUSPENDED_EVSE, SlotState.FINISHING}
)
"""States in which watts belong to somebody's session."""


class Grid(NamedTuple):
    """How the tiles lie."""

    columns: int
    rows: int

    @property
    def tiles(self) -> int:
        """Tiles on one page."""
        return self.columns * self.rows


def grid_for(slots: int, width: int, height: int) -> Grid:
    """The best grid for so many slots: all on one page if tiles stay big enough, as near to 5:2 as can be.

    Args:
        slots: how many there are.
        width: cells from left to right, a column of air between tiles.
        height: cells from top to bottom, a row of air between tiles; the pager's rows are taken off when one is needed.
    """
    most_columns = max(1, (width + 1) // (SMALLEST[0] + 1))
    wanted = min(max(1, slots), SHOWN_AT_ONCE)
    whole = [Grid(columns, ceil(wanted / columns)) for columns in range(1, most_columns + 1)]
    fitting = [grid for grid in whole if grid.rows * (SMALLEST[1] + 1) - 1 <= height and slots <= SHOWN_AT_ONCE]
    if fitting:
        return min(fitting, key=lambda grid: _ugliness(grid, width, height))
    most_rows = max(1, (height - PAGER_ROWS + 1) // (SMALLEST[1] + 1))
    rows = min(most_rows, ceil(SHOWN_AT_ONCE / most_columns))
    return Grid(min(most_columns, max(1, SHOWN_AT_ONCE // rows)), rows)


def _ugliness(grid: Grid, width: int, height: int) -> float:
    wide = (width + 1) / grid.columns - 1
    high = (height + 1) / grid.rows - 1
    narrow = max(0.0, GOOD_WIDTH - wide) / GOOD_WIDTH
    return abs(wide / high - 2.5) + narrow


def slot_words(slot: SlotView) -> list[str]:
    """What a tile says beside its number, most important first: state, whose, power, energy or first error."""
    words = [_(SLOT_STATES[slot.state])]
    if slot.mine:
        words.append(_("Mine"))
    elif slot.rider:
        words.append(slot.rider)
    if slot.state in ENERGISED and slot.state is not SlotState.FINISHING:
        words.append(f"{watts_words(slot.watts)} W")
    if slot.state in ENERGISED and slot.wh is not None:
        words.append(f"{slot.wh} Wh")
    words += [_(SLOT_ERRORS[error]) for error in slot.errors[:1]]
    return words


def watts_words(watts: float | None) -> str:
    """Watts without decimals; `—` when they are not known, never 0."""
    return "—" if watts is None else f"{max(0.0, watts):.0f}"


def slot_rows(slot: SlotView, width: int, height: int, *, framed: bool = False) -> list[str]:
    """The rows of a tile: number in blocks over the state's shape, words beside them; else all in words.

    Args:
        slot: what to show.
        width: cells of a row.
        height: rows at most.
        framed: the slot is the one spoken of beside the map, where its shape stands as well: without room the shape is
            left out here rather than the number in blocks.
    """
    shape = SLOT_LOOKS[slot.state].shape
    words = slot_words(slot)
    number = small(slot.name) if drawable(slot.name) and height >= (3 if framed else 4) else []
    beside = width - len(number[0]) - GAP if number else 0
    if beside < NARROWEST:
        return _plain_rows(f"{shape} {slot.name}", words, width)[:height]
    told = _few(words, beside, height)
    column = [*number, shape.center(len(number[0]))][:height]
    told = [*[""] * ((len(number) - len(told)) // 2), *told]
    rows = max(len(column), len(told))
    column += [" " * len(number[0])] * (rows - len(column))
    told += [""] * (rows - len(told))
    return [f"{left}{' ' * GAP}{_pad(word, beside)}" for left, word in zip(column, told, strict=True)]


def _plain_rows(head: str, words: list[str], width: int) -> list[str]:
    together = f"{head} {words[0]}"
    rows = [together, *words[1:]] if cell_len(together) <= width else [head, *words]
    return [_pad(fit(row, width), width) for row in rows]


def _few(words: list[str], width: int, height: int) -> list[str]:
    """As many words as there are rows for, each broken where it must be, a broken one never cut in half."""
    rows: list[str] = []
    for word in words:
        broken = wrap(word, width)
        if len(rows) + len(broken) <= height:
            rows += broken
    return rows


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - cell_len(text))


class SlotTile(Widget, inherit_bindings=False):
    """One slot to tap.

    Args:
        place: its place on the page, from 1.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, place: int) -> None:
        super().__init__(id=f"slot-{place}")
        self.slot: SlotView | None = None
        self._chosen = False

    def show(self, slot: SlotView | None, *, chosen: bool) -> None:
        """Show a slot, or none; draws only when something changed."""
        if (slot, chosen) == (self.slot, self._chosen):
            return
        self.slot, self._chosen = slot, chosen
        self.display = slot is not None
        colours = None if slot is None else SLOT_LOOKS[slot.state].css_class
        for css_class in {look.css_class for look in SLOT_LOOKS.values()}:
            self.set_class(css_class == colours, css_class)
        self.set_class(chosen, "-chosen")
        self.set_class(slot is not None and slot.mine, "-mine")
        self.refresh()

    def render(self) -> Content:
        """Number and words."""
        if self.slot is None:
            return Content("")
        width, height = self.content_size
        if self._chosen and height >= FRAMED:
            rows = slot_rows(self.slot, width, height - 2, framed=True)
        else:
            rows = slot_rows(self.slot, width, height)
        style = "bold reverse" if self._chosen and height < FRAMED else "bold"
        return Content("\n").join([Content.styled(row, style) for row in rows])

    def on_resize(self, event: events.Resize) -> None:
        """Low tiles have no frame when chosen: it would cover their words."""
        self.set_class(event.size.height < FRAMED, "-low")

    def on_click(self, event: events.Click) -> None:
        """A finger came down and up inside the tile."""
        event.stop()
        if self.slot is not None:
            self.post_message(SlotMap.Selected(self.slot.name))


class SlotMap(Vertical, inherit_bindings=False):
    """The station's slots as tiles, up to 16 at once, paged when there are more or the room is small.

    Args:
        slots: how many slots the station has.
        id: the widget's id.
    """

    class Selected(Message):
        """A slot was tapped.

        Args:
            slot: its name.
        """

        def __init__(self, slot: str) -> None:
            self.slot = slot
            super().__init__()

    def __init__(self, slots: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._tiles = [SlotTile(place + 1) for place in range(min(slots, SHOWN_AT_ONCE))]
        self._pager = Pager()
        self._board = Container(*self._tiles, classes="slot-board")
        self._slots: tuple[SlotView, ...] = ()
        self._chosen: str | None = None
        self._per_page = len(self._tiles)

    def compose(self) -> Iterable[Widget]:
        """Tiles over the pager."""
        yield self._board
        yield self._pager

    def show(self, slots: Sequence[SlotView], chosen: str | None) -> None:
        """Show the slots as they are now, in place.

        Args:
            slots: all slots, in the settings' order.
            chosen: the name of the slot that the screen speaks of.
        """
        self._slots, self._chosen = tuple(slots), chosen
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the tiles out for the room there is."""
        grid = grid_for(len(self._tiles), event.size.width, event.size.height)
        self._board.styles.grid_size_columns = grid.columns
        self._board.styles.grid_size_rows = grid.rows
        self._per_page = min(grid.tiles, len(self._tiles))
        self._draw()

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self._draw()

    def _draw(self) -> None:
        self._pager.set_pages(ceil(len(self._slots) / max(1, self._per_page)))
        first = self._pager.page * self._per_page
        shown = self._slots[first : first + self._per_page]
        for place, tile in enumerate(self._tiles):
            slot = shown[place] if place < len(shown) else None
            tile.show(slot, chosen=slot is not None and slot.name == self._chosen)
