"""A screen that is laid out and drawn before it is shown.

Textual styles a screen, lays it out and draws every widget when it comes up: half of the time from a scan to its words
(8.2.8: 4 ms for styles, 2 for places, 8 for lines, of 31). A screen that stands ready has all that behind it,
and only what changed is left to draw.
"""

from textual.events import Event, ScreenResume

from screens.base import StationScreen


class ReadyScreen(StationScreen, inherit_bindings=False):
    """Is given its places and lines by `lay_out`, and is drawn at once when it comes up."""

    @property
    def is_laid_out(self) -> bool:
        """Whether it has its places already, for the terminal's size of now."""
        return bool(self.app.size) and self.outer_size == self.app.size

    def lay_out(self) -> None:
        """Find the places of the widgets, and let them draw their lines, which they keep; before it is shown."""
        if self.is_attached and not self.is_current:
            self._refresh_layout(self.app.size)
            self._compositor.render_full_update()

    async def on_event(self, event: Event) -> None:
        """Come up with what was made ready."""
        ready = isinstance(event, ScreenResume) and not self.going and self.is_laid_out
        if ready and isinstance(event, ScreenResume):
            event.refresh_styles = False  # neither the theme nor a parent's class can have changed them meanwhile
        await super().on_event(event)
        if ready and self.is_current and not self.going:
            self._dirty_widgets.add(self)  # all of the terminal shows another screen
            self._refresh_layout(self.app.size)  # now: Textual would wait for its next 60th of a second
