"""Pictures of the screens: `python -m tests.pictures [FOLDER] [SCENE...] [--all]`.

Each is drawn by the real app over a scripted station: a PNG where chromium is installed, else an SVG. Plain names are
the standard size in Chinese; `-small` and `-en` are added for the others.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final, cast

from textual.pilot import Pilot

from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.helpers.pictures import draw, find_chromium, mend
from tests.screens import (
    board_scenes,
    book_scenes,
    card_scenes,
    enrol_scenes,
    hub_scenes,
    privacy_scenes,
    rider_scenes,
    scenes,
    test_station_pictures,
)

Setting = Callable[[KioskApp, FakeStation, Pilot[ScreenEnd]], Awaitable[None]]
"""Brings a screen about in a running app."""

FOR_PEOPLE: Final = (
    "attract",
    "home",
    "greeting",
    "enrol-name",
    "own-card",
    "lent",
    "charging-chosen",
    "charging-running",
    "charging-ended",
    "reading",
    "points",
)
"""What the documents show."""


def settings_by_name() -> Mapping[str, Setting]:
    """Every scene there is, by the name of its picture."""
    found: dict[str, Setting] = {
        scene.__name__.replace("_", "-"): partial(_station_scene, scene) for scene in test_station_pictures.SCENES
    }
    for name in scenes.SCENES:
        found[name] = partial(scenes.show, name)
    for name in board_scenes.TAPS:
        found[name] = partial(board_scenes.show, name)
    for name in enrol_scenes.TYPED:
        found[name] = partial(enrol_scenes.show, name)
    for name in hub_scenes.SCENES:
        found[name] = partial(hub_scenes.show, name)
    found.update(book_scenes.SCENES)
    found.update(card_scenes.SCENES)
    found.update(privacy_scenes.SCENES)
    found.update(rider_scenes.SCENES)
    return found


async def _station_scene(
    scene: test_station_pictures.Scene, app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]
) -> None:
    await pilot.pause()
    await scene(app, station, cast("Pilot[object]", pilot))
    await pilot.pause()


async def picture(setting: Setting, size: str, language: str) -> str:
    """The mended SVG of one scene.

    Args:
        setting: brings the scene about.
        size: "standard" or "small".
        language: "zh" or "en".
    """
    clock = VirtualClock()
    station = FakeStation(clock, language=language)
    app = KioskApp(station, clock=clock)
    async with app.run_test(size=scenes.SIZES[size]) as pilot:
        await setting(app, station, pilot)
        return mend(app.export_screenshot(simplify=True))


def wanted(names: list[str], *, everything: bool) -> Iterator[tuple[str, str, str, str]]:
    """Scene, size, language and file name of each picture that is asked for."""
    if everything:
        chosen = product(names or settings_by_name(), scenes.SIZES, ("zh", "en"))
    else:
        chosen = product(names or FOR_PEOPLE, ("standard",), ("zh",))
    for name, size, language in chosen:
        yield name, size, language, name + ("-small" if size == "small" else "") + ("-en" if language == "en" else "")


def main(arguments: list[str] | None = None) -> int:
    """Write the pictures; 0 when all are there, 1 when the browser failed."""
    known = settings_by_name()
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Draw the screens.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/pictures"), help="where they go")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(known)}; without any, the README's")
    parser.add_argument("--all", action="store_true", help="every scene (or every named one), both sizes and languages")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.scenes if name not in known]
    if unknown:
        parser.error(f"unknown scene {unknown[0]!r}; there are {', '.join(known)}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("Chromium was not found: the pictures are SVG. On Debian: apt-get install chromium\n")
    for name, size, language, file_name in wanted(asked.scenes, everything=asked.all):
        svg = asyncio.run(picture(known[name], size, language))
        try:
            _save(svg, asked.folder / file_name, chromium)
        except subprocess.SubprocessError as error:
            sys.stderr.write(f"{file_name}: chromium failed: {error}\n")
            return 1
    return 0


def _save(svg: str, path: Path, chromium: str | None) -> None:
    if chromium is None:
        path.with_suffix(".svg").write_text(svg, encoding="utf-8")
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "picture.svg"
        source.write_text(svg, encoding="utf-8")
        draw(source, path.with_suffix(".png"), chromium)


if __name__ == "__main__":
    sys.exit(main())
