"""The demonstration's own app: the same screens, and one line at the foot whose keys move the simulated hardware."""

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Static

from kiosk.commands.demo import DemoKeys
from kiosk.facade import StationFacade
from kiosk.system.clock import Clock
from screens.app import KioskApp

END_KEY = "ctrl+q"
"""Ends the demonstration; the station's own app has no such key."""


class DemoApp(KioskApp, inherit_bindings=False):
    """The station's app with keys for the rig. Only here does a key do anything.

    Args:
        station: the station behind the screens.
        offer: what the line at the foot offers; each key asks the rig over its own socket.
        clock: where the time comes from; the machine's by default.
    """

    def __init__(self, station: StationFacade, offer: DemoKeys, *, clock: Clock | None = None) -> None:
        super().__init__(station, clock=clock)
        self._offer = offer
        self._acts = {key.key: key.act for key in offer.keys}
        for key in offer.keys:
            self.bind(key.key, f"move_rig('{key.key}')", description=key.label, show=False)
        self.bind(END_KEY, "end", description="end", show=False)

    def under_footer(self) -> Iterable[Widget]:
        """The line of keys."""
        offers = [f"{key.key.upper()} {key.label}" for key in self._offer.keys]
        yield Static("  ".join([*offers, "Ctrl+Q 退出 end", self._offer.note]), id="demo-line", markup=False)

    def action_move_rig(self, key: str) -> None:
        """Do what a key of the foot line says."""

        async def move() -> None:
            await self._acts[key]()

        self.run_worker(move(), group="rig", exit_on_error=False)

    def action_end(self) -> None:
        """End the demonstration."""
        self.close()
