"""A Textual app that no key leaves and that prints nothing of what it held when it fails."""

from typing import ClassVar

from textual.app import App

from screens.errors import ScreenEnd, report
from screens.lost_terminal import survive_lost_terminals
from screens.textual_care import let_closed_screens_go


class QuietApp(App[ScreenEnd], inherit_bindings=False):
    """No keys, no palette, no selection, no focus; errors go to the log as types and places."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    ALLOW_SELECT: ClassVar[bool] = False
    AUTO_FOCUS: ClassVar[str | None] = ""

    def __init__(self) -> None:
        let_closed_screens_go()
        survive_lost_terminals()
        super().__init__()

    def close(self) -> None:
        """End the screen in an orderly way (a signal, or the runner)."""
        self.exit(ScreenEnd.CLOSED)

    def _handle_exception(self, error: Exception) -> None:
        """End the screen, with nothing printed: a traceback with its values would stand on the public screen."""
        if self._exit:
            report(error, "while the screen was ending")
            return
        report(error, "the screen ended")
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.exit(ScreenEnd.CRASHED, return_code=1)
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        """Textual's own way to print a traceback: closed."""
        self.exit(ScreenEnd.CRASHED, return_code=1)
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Print nothing, whatever was prepared."""
        self._exit_renderables.clear()
