"""What every view of the hub's page has."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from screens.staff_base import BoardPage
from screens.widgets.prose import Prose
from screens.wrapping import wrap

MARK = "▲ "
"""Headings begin with it."""


class HubView(BoardPage, inherit_bindings=False):
    """One view of the page; a hidden one asks for nothing and draws nothing.

    Args:
        id: the widget's id.
    """

    class Left(Message):
        """Somebody goes back from a view.

        Args:
            view: which one.
        """

        def __init__(self, view: "HubView") -> None:
            self.view = view
            super().__init__()

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes="hub-view")

    def on_mount(self) -> None:
        """Built with the page; hidden ones wait."""
        if self.display:
            super().on_mount()

    def came(self) -> None:
        """On top: from its beginning."""
        self.load()
        self.draw()

    def leave(self) -> None:
        """Go back."""
        self.post_message(self.Left(self))


class Notes(Prose, inherit_bindings=False):
    """Headings in bold, and what they mean under each."""

    def render(self) -> Content:
        """The words, broken for the width there is."""
        lines, bold = [], False
        for paragraph in self.text.split("\n"):
            bold = paragraph.startswith(MARK)
            lines += [Content.styled(line, "bold" if bold else "") for line in wrap(paragraph, self.content_size.width)]
        return Content("\n").join(lines)


class Foot(Horizontal, inherit_bindings=False):
    """The tiles of a view; one that comes or goes in the middle moves no other.

    Args:
        left: at the left.
        middle: between them.
        right: at the right.
    """

    def __init__(self, left: Widget, middle: Widget, *right: Widget) -> None:
        super().__init__(classes="hub-foot")
        self._parts = (left, Horizontal(middle, classes="hub-foot-middle"), *right)

    def compose(self) -> Iterable[Widget]:
        """The tiles."""
        yield from self._parts
