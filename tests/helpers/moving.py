"""Two hubs, and an area that moves from one to the other."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk import riders
from kiosk.box import Box
from kiosk.cli import main
from kiosk.sync.client import SyncClient
from tests.helpers.hub import Hub, Syncing, enrolled_box, own_events
from tests.helpers.riders import add_rider

ELSEWHERE = "https://hub2.example"
"""Where the area is told to have moved."""


@dataclass
class Move:
    """Two hubs, and two stations of the area that is about to move."""

    old: Hub
    new: Hub
    boxes: tuple[Box, Box]
    file: Path

    def command(self, hub: Hub, *words: str) -> int:
        """`kiosk hub area ...` at one of them."""
        return main(["hub", "--database", hub.url, "area", *words])

    def go(self) -> None:
        """Close, export and import the area."""
        assert self.command(self.old, "close", "luxi", "--moved-to", ELSEWHERE) == 0
        assert self.command(self.old, "export", "luxi", str(self.file), "--with-keys") == 0
        assert self.command(self.new, "import", str(self.file), "--with-keys") == 0


@contextmanager
def about_to_move(folder: Path, urls: Sequence[str | None]) -> Iterator[Move]:
    """An area with two stations at the first of two hubs.

    Args:
        folder: for everything.
        urls: of the two databases; None for a file.
    """
    ends = []
    for number, url in enumerate(urls):
        home = folder / f"hub{number}"
        home.mkdir()
        ends.append(Hub(home, url))
    old, new = ends
    with closing(old.store), closing(new.store):
        boxes = enrolled_box(folder, old, "LX01"), enrolled_box(folder, old, "LX02")
        yield Move(old, new, boxes, folder / "luxi.area")


engines = pytest.mark.parametrize(
    "move", ["sqlite to sqlite", "sqlite to postgresql", "postgresql to sqlite"], indirect=True
)
"""A county that grows or shrinks, for tests that ask for `move`."""


async def synced(box: Box, hub: Hub) -> SyncClient:
    """One round of a station with a hub."""
    async with Syncing(box, hub).running() as station:
        return station.client


def enrol_some(box: Box, name: str, count: int) -> None:
    """Record riders, with their personal records."""
    with box.journal.store.use():
        for _ in range(count):
            number = riders.count()
            add_rider(box, name, f"138{len(own_events(box)):04}{number:04}")
