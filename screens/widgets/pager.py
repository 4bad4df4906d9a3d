"""Paging with two big buttons: nothing scrolls under a finger in a glove."""

from screens.language import _
from screens.widgets.stepper import Stepper


class Pager(Stepper, inherit_bindings=False):
    """Previous, "Page 1 of 4", next; posts `Stepper.Changed` with the page counted from 1.

    Args:
        id: the widget's id.
        classes: style classes.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        self._pages = 1  # the words below need it
        super().__init__(1, 1, 1, self._page_words, less=_("◄ Previous"), more=_("Next ►"), id=id, classes=classes)
        self.display = False

    @property
    def page(self) -> int:
        """The page shown, counted from 0."""
        return self.value - 1

    def set_pages(self, pages: int) -> None:
        """There are this many pages now; one page alone needs no pager."""
        self._pages = max(1, pages)
        self.display = self._pages > 1
        self.set_bounds(1, self._pages)

    def _page_words(self, page: int) -> str:
        return _("Page {page} of {pages}").format(page=page, pages=self._pages)
