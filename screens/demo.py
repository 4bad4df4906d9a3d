"""The demonstration's own app: the same screens, and a line at the foot whose keys move the simulated hardware."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol

from rich.cells import cell_len
from textual.widget import Widget
from textual.widgets import Static

from kiosk.facade import StationFacade
from kiosk.system.clock import Clock
from screens.app import KioskApp

END_KEY: Final = "ctrl+q"
"""Ends the demonstration; the station's own app has no such key."""

END_WORDS: Final = "Ctrl+Q 结束"


class DemoKey(Protocol):
    """One key of the demonstration."""

    @property
    def key(self) -> str:
        """Textual's name of the key, such as "1" or "f5"."""

    @property
    def label(self) -> str:
        """What it does, in few words; shown as it is."""

    @property
    def act(self) -> Callable[[], Awaitable[None]]:
        """Moves the rig."""


class DemoKeys(Protocol):
    """What the line at the foot offers."""

    @property
    def keys(self) -> Sequence[DemoKey]:
        """The keys, in the order they are shown."""

    @property
    def note(self) -> str:
        """What else is worth knowing, such as a PIN; empty for nothing."""


class DemoApp(KioskApp, inherit_bindings=False):
    """The station's app with keys for the rig. Only here does a key do anything.

    Args:
        station: the station behind the screens.
        keys: what the line at the foot offers.
        clock: where the time comes from; the machine's by default.
    """

    def __init__(self, station: StationFacade, keys: DemoKeys, *, clock: Clock | None = None) -> None:
        super().__init__(station, clock=clock)
        self._keys = {key.key: key for key in keys.keys}
        self._note = keys.note
        for key in keys.keys:
            either = (
                dict.fromkeys((key.key, key.key.upper())) if len(key.key) == 1 else (key.key,)
            )  # the line shows "K"
            self.bind(",".join(either), f"move_rig('{key.key}')", description=key.label, show=False)
        self.bind(END_KEY, "end", description=END_WORDS, show=False)

    def under_footer(self) -> Iterable[Widget]:
        """The line of keys; two of them on a narrow terminal."""
        offers = [f"{key.key.upper()} {key.label}" for key in self._keys.values()]
        words = [*offers, self._note, END_WORDS]
        yield Static(
            "\n".join(_lines([word for word in words if word], self.size.width - 2)), id="demo-line", markup=False
        )

    def action_move_rig(self, key: str) -> None:
        """Do what a key of the foot line says."""

        async def move() -> None:
            await self._keys[key].act()

        self.run_worker(move(), group="rig", exit_on_error=False)

    def action_end(self) -> None:
        """End the demonstration."""
        self.close()


def _lines(words: Sequence[str], width: int) -> list[str]:
    """Fill lines of at most `width` cells without breaking what belongs together."""
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]}  {word}"
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
