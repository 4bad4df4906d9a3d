"""The fake station's cards: answers what a test put in."""

from kiosk.views import CardOutcome, PrintProblem


class FakeCards:
    """Satisfies `CardFace`.

    Args:
        asked: where calls are kept.
    """

    def __init__(self, asked: list[tuple[str, ...]]) -> None:
        self._asked = asked
        self.has_printer = False
        self.outcomes: list[CardOutcome] = []
        self.problem: PrintProblem | None = None

    @property
    def printer(self) -> bool:
        """Whether there is a receipt printer."""
        return self.has_printer

    async def own(self, pin: str) -> CardOutcome:
        """The visitor's own card: the next of `outcomes`."""
        self._asked.append(("own_card", pin))
        return self.outcomes.pop(0)

    async def of(self, rider_id: str) -> CardOutcome:
        """A rider's card: the next of `outcomes`."""
        self._asked.append(("card_of", rider_id))
        return self.outcomes.pop(0)

    async def print(self, text: str) -> PrintProblem | None:
        """Print a card."""
        self._asked.append(("print_card", text))
        return self.problem
