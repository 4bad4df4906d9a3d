"""Less, value, more: a number set by two big buttons."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from screens.widgets.tile import Tile


class Stepper(Horizontal, inherit_bindings=False):
    """A whole number between two bounds; the buttons at a bound are switched off.

    Args:
        value: the number at first.
        lowest: the smallest it takes.
        highest: the largest it takes.
        words: how the value is told, such as `lambda minutes: f"{minutes} min"`.
        less: words of the left button.
        more: words of the right button.
        step: what one tap adds or takes away.
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    class Changed(Message):
        """A tap changed the value.

        Args:
            stepper: which one.
            value: the new value.
        """

        def __init__(self, stepper: "Stepper", value: int) -> None:
            self.stepper = stepper
            self.value = value
            super().__init__()

        @property
        def control(self) -> "Stepper":
            """The stepper, so that `@on(Stepper.Changed, "#id")` works."""
            return self.stepper

    def __init__(
        self,
        value: int,
        lowest: int,
        highest: int,
        words: Callable[[int], str] = str,
        *,
        less: str = "−",
        more: str = "+",
        step: int = 1,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.value = value
        self.step = step
        self._lowest = lowest
        self._highest = highest
        self._words = words
        self._less = Tile(less, enabled=value > lowest, classes="step-less")
        self._more = Tile(more, enabled=value < highest, classes="step-more")
        self._shown = Static(words(value), classes="step-value", markup=False)

    def compose(self) -> Iterable[Widget]:
        """Button, value, button."""
        yield self._less
        yield self._shown
        yield self._more

    def set_bounds(self, lowest: int, highest: int) -> None:
        """Take other bounds; the value is moved into them without a message."""
        self._lowest, self._highest = lowest, highest
        self.set_value(self.value)

    def set_value(self, value: int) -> None:
        """Show another value, moved into the bounds, without a message."""
        self.value = min(max(value, self._lowest), self._highest)
        self._shown.update(self._words(self.value))
        self._less.disabled = self.value <= self._lowest
        self._more.disabled = self.value >= self._highest

    @on(Tile.Pressed)
    def _pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        before = self.value
        self.set_value(before + (self.step if event.tile is self._more else -self.step))
        if self.value != before:
            self.post_message(self.Changed(self, self.value))
