"""Screens that ask the station for what they show whenever they come on top."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from screens.base import StationScreen

T = TypeVar("T")


class AskingScreen(StationScreen):
    """Calls `load` when it is opened and after a scan's outcome was closed over it.

    Not after a failure, though: the outcome that tells of it closes onto this screen, and asking at once would tell the
    same fault for ever. The screen asks again when it is opened anew.
    """

    def __init__(self) -> None:
        super().__init__()
        self._under_way = 0
        self.failed = False
        """Whether a request has failed, which is told over this screen: by itself it asks nothing more."""

    @property
    def all_answered(self) -> bool:
        """Whether no request is under way and none failed: only then may a screen ask again by itself."""
        return not self.failed and not self._under_way

    def load(self) -> None:
        """Ask for everything that may have changed; nothing, unless a subclass says what."""

    def load_later(self, load: Callable[[], None]) -> None:
        """Ask for a part of it once the screen is drawn; not when another part has failed by then.

        Args:
            load: asks.
        """
        self.call_after_refresh(lambda: None if self.failed else load())

    def on_screen_resume(self) -> None:
        """On top, for the first time or again."""
        if self.all_answered:
            self.load()

    def fetch(self, request: Coroutine[Any, Any, T], then: Callable[[T], None]) -> None:
        """As `ask`, and remember what was not answered.

        Args:
            request: such as `self.station.reading.loans()`.
            then: called with the answer on this screen.
        """

        async def answer() -> T:
            self._under_way += 1
            try:
                return await request
            except Exception:
                self.failed = True
                raise
            finally:
                self._under_way -= 1

        self.ask(answer(), then)
