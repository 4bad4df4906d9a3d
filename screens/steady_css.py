"""A style sheet that is parsed once.

Textual parses all style sheets when the app starts, and a moment later again, for the theme's colours may have changed
(8.2.8). Here they never do, and parsing is 15 ms on the way to the first frame.
"""

from textual.css.stylesheet import Stylesheet


class SteadyStylesheet(Stylesheet):
    """Parses anew only what could come out otherwise."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._stale = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other colours; the same ones change nothing."""
        if variables != self._variables:
            super().set_variables(variables)
            self._stale = True

    def reparse(self) -> None:
        """Parse with the colours of now if they have changed, else what was added alone (the rest is remembered)."""
        if self._stale:
            super().reparse()
            self._stale = False
        elif self._require_parse:
            self.parse()
