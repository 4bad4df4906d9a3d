"""From Textual's SVG export to a picture that looks like the terminal.

The raw export gives Chinese half the width it takes (Rich issue 2742: `textLength` counts characters, not cells), asks
a remote host for a font, and leaves seams between block characters. Mended here: one text element a run of equally wide
characters, placed by cells, local fonts, block characters as rectangles, and the terminal alone without a window.
"""

import re
import shutil
import subprocess
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from rich.cells import cell_len

SVG: Final = "http://www.w3.org/2000/svg"
CELL_W: Final = 12.2
"""Width of a cell in Rich's export: 20 px type at an aspect of 0.61."""
TYPE: Final = 20.0
"""Height of the type."""
LINE_H: Final = 24.4
"""Height of a line there."""
BASELINE: Final = 20.0
"""From a line's top to its text's y."""
FONTS: Final = "'DejaVu Sans Mono','Noto Sans Mono CJK SC','Noto Sans CJK SC',monospace"

QUADRANTS: Final = {
    "▘": "1000", "▝": "0100", "▖": "0010", "▗": "0001", "▀": "1100", "▄": "0011", "▌": "1010", "▐": "0101",
    "▛": "1110", "▜": "1101", "▙": "1011", "▟": "0111", "█": "1111", "▚": "1001", "▞": "0110",
}  # fmt: skip
"""Which quarters of the cell are filled: upper left, upper right, lower left, lower right."""
RISING: Final = "▁▂▃▄▅▆▇"
"""Filled from below, by eighths."""
WIDENING: Final = "▏▎▍▌▋▊▉"
"""Filled from the left, by eighths."""

Box = tuple[float, float, float, float]


def mend(svg: str) -> str:
    """A mended copy of a Textual or Rich SVG export.

    Args:
        svg: what `App.export_screenshot` returned.
    """
    ET.register_namespace("", SVG)
    local = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    root = parse(local)
    _use_local_fonts(root)
    for group in list(root.iter(f"{{{SVG}}}g")):
        if "matrix" in group.get("class", ""):
            texts = list(group)
            for text in texts:
                group.remove(text)
            for text in texts:
                group.extend(_mended(text))
    _crop(root)
    return ET.tostring(root, encoding="unicode")


def parse(svg: str) -> ET.Element:
    """The tree of one of our own pictures."""
    return ET.fromstring(svg)  # noqa: S314 - made by this process, not by a stranger


def size_of(svg: str) -> tuple[int, int]:
    """Width and height of a mended picture, px."""
    _x, _y, width, height = (float(value) for value in (parse(svg).get("viewBox") or "").split())
    return round(width), round(height)


def find_chromium() -> str | None:
    """The browser that draws the picture, when there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def draw(svg: Path, png: Path, chromium: str) -> None:
    """Draw a mended SVG as a PNG.

    Args:
        svg: the picture.
        png: where the PNG goes.
        chromium: the browser's path.

    Raises:
        subprocess.CalledProcessError: when the browser failed.
    """
    width, height = size_of(svg.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                f"--screenshot={png.resolve()}",
                svg.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )


def _use_local_fonts(root: ET.Element) -> None:
    for style in root.iter(f"{{{SVG}}}style"):
        style.text = re.sub(r"font-family:\s*Fira Code[^;]*;", f"font-family: {FONTS};", style.text or "")
        style.text = style.text.replace("font-variant-east-asian: full-width;", "white-space: pre;")


def _crop(root: ET.Element) -> None:
    """Only the terminal: its group's place and its clip's size become the view."""
    clip = next(rect for rect in root.iter(f"{{{SVG}}}rect") if rect.get("x") == "0" and rect.get("y") == "0")
    place = next(g for g in root.iter(f"{{{SVG}}}g") if "clip-path" in g.attrib)
    found = re.findall(r"[\d.]+", place.get("transform", ""))
    width, height = float(clip.get("width", "0")), float(clip.get("height", "0"))
    root.set("viewBox", f"{found[0]} {float(found[1]) + 1.5} {width:g} {height - 1.5:g}")
    root.set("width", f"{width:g}")
    root.set("height", f"{height - 1.5:g}")


def _mended(text: ET.Element) -> list[ET.Element]:
    """A text element cut into runs, each as long as its cells are."""
    words = (text.text or "").replace("\xa0", " ").rstrip("\n")
    x, y = float(text.get("x", "0")), float(text.get("y", "0"))
    look = text.get("class", "")
    pieces: list[ET.Element] = []
    for (wide, blocks), characters in groupby(words, key=lambda character: (cell_len(character), _is_block(character))):
        run = "".join(characters)
        if blocks:
            pieces += [
                _rect(look, box)
                for place, character in enumerate(run)
                for box in _boxes(character, x + place * CELL_W, y)
            ]
        elif run.strip():
            piece = ET.Element(f"{{{SVG}}}text", {"class": look, "x": f"{x:g}", "y": f"{y:g}"})
            if wide == 1:
                piece.set("textLength", f"{CELL_W * len(run):g}")
            else:
                # A wide glyph is as wide as the type is high: each stands in the middle of its two cells.
                middles = (x + CELL_W * wide * place + (CELL_W * wide - TYPE) / 2 for place in range(len(run)))
                piece.set("x", " ".join(f"{middle:g}" for middle in middles))
            piece.text = run.replace(" ", "\xa0")
            pieces.append(piece)
        x += CELL_W * wide * len(run)
    return pieces


def _is_block(character: str) -> bool:
    return character in QUADRANTS or character in RISING or character in WIDENING


def _boxes(character: str, x: float, y: float) -> list[Box]:
    """The filled parts of a block character's cell."""
    top = y - BASELINE + 1.5
    if character in QUADRANTS:
        quarters = [
            (column, row) for row in (0, 1) for column in (0, 1) if QUADRANTS[character][row * 2 + column] == "1"
        ]
        return [(x + c * CELL_W / 2, top + r * LINE_H / 2, CELL_W / 2, LINE_H / 2) for c, r in quarters]
    if character in RISING:
        height = LINE_H * (RISING.index(character) + 1) / 8
        return [(x, top + LINE_H - height, CELL_W, height)]
    return [(x, top, CELL_W * (WIDENING.index(character) + 1) / 8, LINE_H)]


def _rect(look: str, box: Box) -> ET.Element:
    # A quarter of a pixel more hides the seams between neighbours.
    names = ("x", "y", "width", "height")
    values = (box[0], box[1], box[2] + 0.25, box[3] + 0.25)
    shape = {name: f"{value:g}" for name, value in zip(names, values, strict=True)}
    return ET.Element(f"{{{SVG}}}rect", {"class": look, "shape-rendering": "crispEdges", **shape})
