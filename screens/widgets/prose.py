"""A paragraph that is broken by the rules of Chinese."""

from typing import ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.wrapping import wrap


class Prose(Widget, inherit_bindings=False):
    """Words over as many lines as they need, updated in place; takes no room when there are none.

    Args:
        text: the words, in the language spoken now; newlines stay.
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.text = text
        self.display = bool(text)

    def say(self, text: str) -> None:
        """Show other words; draws only when they differ."""
        if text != self.text:
            self.text = text
            self.display = bool(text)
            self.refresh(layout=True)

    def render(self) -> Content:
        """The words, broken for the width there is."""
        return Content("\n".join(wrap(self.text, self.content_size.width)))

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - as above
        """As many rows as there are lines."""
        return len(wrap(self.text, width)) if self.text else 0
