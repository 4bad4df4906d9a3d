"""A number with its name: the smallest thing a tired eye can take in."""

from textual.content import Content
from textual.widgets import Static


class Stat(Static, inherit_bindings=False):
    """A big value over its caption.

    Args:
        caption: what the value counts, in the language spoken now.
        value: the value shown first.
        id: the widget's id.
        classes: style classes.
    """

    def __init__(
        self,
        caption: str,
        value: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        self.caption = caption
        self.value = value
        super().__init__(self._words(), id=id, classes=classes)

    def show(self, value: str) -> None:
        """Show another value; draws only when it changed."""
        if value != self.value:
            self.value = value
            self.update(self._words())

    def _words(self) -> Content:
        return Content("\n").join([Content.styled(self.value, "bold"), Content(self.caption)])
