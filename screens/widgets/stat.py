"""A number with its name: the smallest thing a tired eye can take in."""

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from screens.widgets.big import big


class Stat(Static, inherit_bindings=False):
    """A caption with a large value beside it, three rows high.

    Args:
        caption: what the value counts, in the language spoken now.
        value: the value shown first: digits and "/".
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

    def show(self, value: str, caption: str | None = None) -> None:
        """Show another value, and another caption if one is given; draws only when something changed."""
        caption = self.caption if caption is None else caption
        if (value, caption) != (self.value, self.caption):
            self.value, self.caption = value, caption
            self.update(self._words())

    def _words(self) -> Content:
        rows = big(self.value, 6).split("\n")
        blank = " " * cell_len(self.caption)
        captions = (blank, self.caption, blank)
        return Content("\n").join(
            Content.styled(f"{caption}   {row}", "bold") for caption, row in zip(captions, rows, strict=True)
        )
