"""Pictures of the screens: `python -m tests.pictures [FOLDER] [NAME...]` writes one a screen, size and language.

Each is drawn by the real app over a scripted station, as SVG, and as PNG where chromium is installed.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from screens.app import KioskApp
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.helpers.pictures import draw, find_chromium, mend
from tests.screens.scenes import SCENES, SIZES, show


async def picture(scene: str, size: str, language: str) -> str:
    """The mended SVG of one scene.

    Args:
        scene: a name of `tests.screens.scenes.SCENES`.
        size: "standard" or "small".
        language: "zh" or "en".
    """
    clock = VirtualClock()
    station = FakeStation(clock, language=language)
    app = KioskApp(station, clock=clock)
    async with app.run_test(size=SIZES[size]) as pilot:
        await show(scene, app, station, pilot)
        return mend(app.export_screenshot(simplify=True))


def main() -> int:
    """Write the pictures; 0 when all are there."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Draw the screens.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/pictures"))
    parser.add_argument("scenes", nargs="*", help="all when none is named")
    parser.add_argument("--sizes", nargs="*", choices=sorted(SIZES), default=sorted(SIZES))
    parser.add_argument("--languages", nargs="*", choices=("zh", "en"), default=("zh", "en"))
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("No chromium here: only SVG is written.\n")
    for scene in wanted.scenes or SCENES:
        for size in wanted.sizes:
            for language in wanted.languages:
                path = wanted.folder / f"{scene}-{size}-{language}.svg"
                path.write_text(asyncio.run(picture(scene, size, language)), "utf-8")
                if chromium is not None:
                    draw(path, path.with_suffix(".png"), chromium)
    return 0


if __name__ == "__main__":
    sys.exit(main())
