"""A big button for fingers in gloves."""

from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class Tile(Static, inherit_bindings=False):
    """A target of at least 12x3 cells with a title and, when there is room, a line beneath.

    Style classes: `-main` (the screen's one main action), `-danger`, `-quiet` (header and footer).

    Args:
        title: what it does, in the language spoken now.
        subtitle: a shorter second line, such as a count or why it cannot be tapped.
        enabled: whether it reacts to taps.
        picture: lines drawn in the title's place (the same word in large characters); empty for none.
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    class Pressed(Message):
        """Somebody tapped the tile.

        Args:
            tile: which one.
        """

        def __init__(self, tile: "Tile") -> None:
            self.tile = tile
            super().__init__()

        @property
        def control(self) -> "Tile":
            """The tile, so that `@on(Tile.Pressed, "#id")` works."""
            return self.tile

    def __init__(
        self,
        title: str,
        subtitle: str = "",
        *,
        enabled: bool = True,
        picture: str = "",
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        self.title = title
        self.subtitle = subtitle
        self.picture = picture
        super().__init__(self._words(), id=id, classes=classes, disabled=not enabled)

    def say(self, title: str, subtitle: str = "", *, enabled: bool = True, picture: str | None = None) -> None:
        """Show other words, and another picture if one is given; draws only when something changed."""
        self.disabled = not enabled
        picture = self.picture if picture is None else picture
        if (title, subtitle, picture) != (self.title, self.subtitle, self.picture):
            self.title, self.subtitle, self.picture = title, subtitle, picture
            self.update(self._words())

    def _words(self) -> Content:
        title = Content.styled(self.picture or self.title, "bold")
        return Content("\n").join([title, Content(self.subtitle)]) if self.subtitle else title

    def on_click(self, event: events.Click) -> None:
        """A finger came down and up inside the tile."""
        event.stop()
        self.post_message(self.Pressed(self))
