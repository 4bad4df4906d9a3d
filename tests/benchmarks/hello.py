"""The smallest Textual app: what a start and a process cost before anything of ours."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """Two words on an otherwise empty screen."""

    def compose(self) -> ComposeResult:
        """The two words."""
        yield Static("Hello, world")


if __name__ == "__main__":
    Hello().run()
