"""Until full, by time, by energy: three tabs and, under the last two, a stepper."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from screens.charging_choice import UNTIL_WORDS, Choice, Reach, Until, amount_words
from screens.language import _
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile


class ChoiceBar(Vertical, inherit_bindings=False):
    """Shows a `Choice` and posts `Changed` for every tap that changes it. Nothing needs to be tapped for "until full".

    Args:
        reach: the most that can be chosen.
        id: the widget's id.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    class Changed(Message):
        """A tap changed the choice.

        Args:
            choice: the new one.
        """

        def __init__(self, choice: Choice) -> None:
            self.choice = choice
            super().__init__()

    def __init__(self, reach: Reach, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.choice = Choice()
        self._reach = reach
        self._tabs = {until: Tile(_(words), id=f"until-{until}") for until, words in UNTIL_WORDS.items()}
        first = reach.bounds(Until.TIME)
        self._stepper = Stepper(first.lowest, first.lowest, first.highest, self._amount, step=first.step, id="amount")
        self.display = False

    def compose(self) -> Iterable[Widget]:
        """Tabs over the stepper."""
        yield Horizontal(*self._tabs.values(), classes="choice-tabs")
        yield self._stepper

    def on_mount(self) -> None:
        """The first choice."""
        self._draw()

    def show(self, choice: Choice | None, *, busy: bool = False) -> None:
        """Show a choice, in place.

        Args:
            choice: None takes no room.
            busy: a request is under way: nothing can be changed.
        """
        self.display = choice is not None
        self.disabled = busy
        if choice is not None and choice != self.choice:
            self.choice = choice
            self._draw()

    def _draw(self) -> None:
        until = self.choice.until
        for tab, tile in self._tabs.items():
            tile.set_class(tab is until, "-picked")
        self._stepper.display = until is not Until.FULL
        if until is not Until.FULL:
            lowest, highest, step = self._reach.bounds(until)
            self._stepper.step = step
            self._stepper.value = self.choice.value
            self._stepper.set_bounds(lowest, highest)

    def _amount(self, value: int) -> str:
        return amount_words(self.choice.until, value)

    @on(Tile.Pressed)
    def _tab_pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        picked = next(until for until, tile in self._tabs.items() if tile is event.tile)
        self._change(self.choice.of(picked))

    @on(Stepper.Changed)
    def _stepped(self, event: Stepper.Changed) -> None:
        event.stop()
        self._change(self.choice.with_value(event.value))

    def _change(self, choice: Choice) -> None:
        if choice != self.choice:
            self.choice = choice
            self._draw()
            self.post_message(self.Changed(choice))
