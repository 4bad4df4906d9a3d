"""The demonstration's own app: the same screens, and one line at the foot whose keys move the simulated hardware."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from textual.widget import Widget
from textual.widgets import Static

from kiosk.facade import StationFacade
from kiosk.system.clock import Clock
from screens.app import KioskApp


class RigControl(Protocol):
    """What the demonstration can do to the simulated hardware, over the rig's own socket."""

    async def scan(self, text: str) -> None:
        """Let the scanner read a code."""

    async def plug(self, slot: str) -> None:
        """Plug a bike into a slot."""

    async def unplug(self, slot: str) -> None:
        """Take the bike out of a slot."""


class DemoKey(NamedTuple):
    """One key of the demonstration."""

    key: str
    """Textual's name of the key, such as "1" or "f5"."""
    label: str
    """What it does, in few words; shown as it is."""
    action: Callable[[RigControl], Awaitable[None]]
    """Called with the rig."""


END_KEY = "ctrl+q"
"""Ends the demonstration; the station's own app has no such key."""


class DemoApp(KioskApp, inherit_bindings=False):
    """The station's app with keys for the rig. Only here does a key do anything.

    Args:
        station: the station behind the screens.
        rig: the simulated hardware.
        keys: what the line at the foot offers.
        clock: where the time comes from; the machine's by default.
    """

    def __init__(
        self, station: StationFacade, rig: RigControl, keys: Sequence[DemoKey], *, clock: Clock | None = None
    ) -> None:
        super().__init__(station, clock=clock)
        self._rig = rig
        self._keys = {key.key: key for key in keys}
        for key in keys:
            self.bind(key.key, f"move_rig('{key.key}')", description=key.label, show=False)
        self.bind(END_KEY, "end", description="end", show=False)

    def under_footer(self) -> Iterable[Widget]:
        """The line of keys."""
        offers = [f"{key.key.upper()} {key.label}" for key in self._keys.values()]
        yield Static("  ".join([*offers, "Ctrl+Q end"]), id="demo-line", markup=False)

    def action_move_rig(self, key: str) -> None:
        """Do what a key of the foot line says."""

        async def move() -> None:
            await self._keys[key].action(self._rig)

        self.run_worker(move(), group="rig", exit_on_error=False)

    def action_end(self) -> None:
        """End the demonstration."""
        self.close()
