"""A pilot that waits until there is nothing left to do, however long or short that takes.

Textual's own (8.2.8) sends a message to every widget and then sleeps, 20 ms at a time, until the process looks idle.
The messages are a part of every screen test's computing, and on a busy machine the answer is luck: a process that gets
no turn looks idle. What a test goes on with here does not depend on the clock at all. Whatever waits for time, for a
thread or for a device is not waited for, as before.
"""

import asyncio
from collections.abc import Sized
from typing import Final, cast

from textual.app import App
from textual.pilot import Pilot

MOST_TURNS: Final = 100_000
"""So many turns of the loop without an end are two messages that cause each other for ever."""


async def all_done(app: App[object]) -> None:
    """Until every message is handled and the screen is drawn as it is to be."""
    await _loop_is_empty()
    while app.screen_stack and (app._resize_timer or _waits_to_be_drawn(app)):
        if app._resize_timer:
            app._check_resize()  # what this timer does 8 ms later
        else:
            app.screen._on_timer_update()  # what the screen's own timer does 16 ms later
        await _loop_is_empty()


async def _loop_is_empty() -> None:
    ready = cast("Sized", asyncio.get_running_loop().__dict__["_ready"])  # asyncio tells it nowhere else
    for _turn in range(MOST_TURNS):
        await asyncio.sleep(0)
        if not ready:
            return
    raise AssertionError("the app never comes to rest")


def _waits_to_be_drawn(app: App[object]) -> bool:
    """Textual's own conditions in `Screen._on_idle`."""
    screen = app.screen
    return not app._batch_count and bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
    )


async def _pause(self: Pilot[object], delay: float | None = None) -> None:
    await all_done(self.app)
    if delay is not None:
        await asyncio.sleep(delay)
        await all_done(self.app)


async def _wait_for_screen(self: Pilot[object], timeout: float = 30.0) -> bool:  # noqa: ASYNC109 - as Textual has it
    await all_done(self.app)
    return True


async def _wait_for_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    await _loop_is_empty()


def install() -> None:
    """Let every pilot of this process wait so, the one that takes pictures too."""
    Pilot.pause = _pause  # type: ignore[method-assign,assignment]
    Pilot._wait_for_screen = _wait_for_screen  # type: ignore[method-assign,assignment]
    Pilot.__init__.__globals__["wait_for_idle"] = _wait_for_idle
