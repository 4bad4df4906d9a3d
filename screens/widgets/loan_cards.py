"""Borrowed books, each with the day it is due; an overdue one marked in colour, word and shape."""

from math import ceil
from typing import ClassVar, Final

from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from kiosk.views import LoanView
from screens.language import _
from screens.words import day_words
from screens.wrapping import fit, wrap

CARD_ROWS: Final = 3
"""Title, due day, air."""


class LoanCards(Widget, inherit_bindings=False):
    """As many loans as there is room for, or a sentence instead of them."""

    ALLOW_SELECT: ClassVar[bool] = False

    class Resized(Message):
        """There is room for another number of loans now."""

    def __init__(self) -> None:
        super().__init__()
        self.loans: tuple[LoanView, ...] = ()
        self._sentence = ""
        self._page = 0
        self._told: dict[str, str] = {}
        """By label, what stands in the place of the due day."""

    @property
    def per_page(self) -> int:
        """Loans on a page; at least 1."""
        return max(1, (self.content_size.height + 1) // CARD_ROWS)

    @property
    def pages(self) -> int:
        """How many pages the loans take; at least 1."""
        return max(1, ceil(len(self.loans) / self.per_page))

    def show(self, loans: tuple[LoanView, ...]) -> None:
        """Show these loans."""
        self.loans = loans
        self._sentence = "" if loans else _("You have no book of ours now.")
        self.refresh()

    def tell(self, told: dict[str, str]) -> None:
        """Say something of some loans, by label, in the place of the due day."""
        self._told = told
        self.refresh()

    def say(self, sentence: str) -> None:
        """Show a sentence and no loan."""
        self.loans = ()
        self._sentence = sentence
        self.refresh()

    def turn_to(self, page: int) -> None:
        """Show another page, counted from 0."""
        if page != self._page:
            self._page = page
            self.refresh()

    def on_resize(self) -> None:
        """Tell whoever pages."""
        self.post_message(self.Resized())

    def render(self) -> Content:
        """Cards under each other."""
        width = self.content_size.width
        if self._sentence:
            return Content("\n".join(wrap(self._sentence, width)))
        first = self._page * self.per_page
        lines: list[Content] = []
        for loan in self.loans[first : first + self.per_page]:
            lines += [*_card(loan, width, self._told.get(loan.label, "")), Content("")]
        return Content("\n").join(lines[:-1])

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width


def _card(loan: LoanView, width: int, told: str) -> tuple[Content, Content]:
    title = Content.styled(fit(_("“{title}”").format(title=loan.title), width), "bold")
    if told:
        return title, Content.styled(fit(told, width), "bold")
    if loan.overdue:
        words = _("▲ Overdue since {day}").format(day=day_words(loan.due))
        return title, Content.styled(fit(f" {words} ", width), "bold $on-careful on $careful")
    return title, Content(fit(_("○ Please return it by {day}").format(day=day_words(loan.due)), width))
