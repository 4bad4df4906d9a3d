"""The picture tool: Chinese keeps its width, nothing is asked of another host, blocks have no seams."""

import re
import struct
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len

from tests import pictures
from tests.helpers.pictures import CELL_W, SVG, draw, find_chromium, mend, parse, size_of

RAW = """<svg class="rich-terminal" viewBox="0 0 160 100" xmlns="http://www.w3.org/2000/svg">
<style>
@font-face { font-family: "Fira Code"; src: url("https://fonts.example/FiraCode.woff2") format("woff2"); }
.t-matrix { font-family: Fira Code, monospace; font-size: 20px; font-variant-east-asian: full-width; }
</style>
<defs><clipPath id="t-clip-terminal"><rect x="0" y="0" width="122" height="48.8" /></clipPath></defs>
<rect fill="#292929" x="1" y="1" width="158" height="98" rx="8"/>
<g transform="translate(26,22)"><circle cx="0" cy="0" r="7" fill="#ff5f57"/></g>
<g transform="translate(9, 41)" clip-path="url(#t-clip-terminal)">
<rect fill="#ffffff" x="0" y="1.5" width="122" height="24.65"/>
<g class="t-matrix"><text class="t-r1" x="0" y="20" textLength="73.2" clip-path="url(#t-line-0)">充电 3W█▄</text></g>
</g></svg>"""
"""What an export looks like, made small: ten cells, of which seven stand in one text."""


def texts(svg: str) -> list[ET.Element]:
    """The text elements of a picture."""
    return list(parse(svg).iter(f"{{{SVG}}}text"))


def test_a_text_is_cut_into_runs_of_one_width() -> None:
    """Chinese two cells a character, Latin one, blocks as shapes."""
    chinese, latin = texts(mend(RAW))
    assert chinese.text == "充电"
    first, second = (float(x) for x in chinese.get("x", "").split())
    assert second - first == pytest.approx(2 * CELL_W)
    assert latin.text == "\xa03W"
    assert float(latin.get("x", "0")) == pytest.approx(4 * CELL_W)
    assert float(latin.get("textLength", "0")) == pytest.approx(3 * CELL_W)


def test_blocks_become_rectangles_without_seams() -> None:
    """A full cell and a lower half, side by side."""
    rects = [rect for rect in parse(mend(RAW)).iter(f"{{{SVG}}}rect") if rect.get("class") == "t-r1"]
    lefts = sorted({float(rect.get("x", "0")) for rect in rects})
    assert lefts[0] == pytest.approx(7 * CELL_W)
    assert lefts[-1] + CELL_W / 2 == pytest.approx(9 * CELL_W)
    widths = [float(rect.get("width", "0")) for rect in rects]
    assert all(width > right - left for left, right in pairwise(lefts) for width in widths)


def test_nothing_is_asked_of_another_host() -> None:
    """Local fonts alone."""
    mended = mend(RAW)
    assert "https://" not in mended
    assert "DejaVu Sans Mono" in mended


def test_only_the_terminal_is_left() -> None:
    """Without a window round it."""
    assert size_of(mend(RAW)) == (122, 47)


@pytest.mark.parametrize("name", ["charging-running", "attract"])
async def test_a_screen_keeps_its_columns(name: str) -> None:
    """No text runs past the terminal's edge."""
    svg = await pictures.picture(pictures.settings_by_name()[name], "small", "zh")
    for text in texts(svg):
        begin = float(text.get("x", "0").split()[0])
        assert begin + cell_len(text.text or "") * CELL_W <= 80 * CELL_W + 3


def test_names_say_size_and_language_when_they_are_not_the_usual_ones() -> None:
    """The README's pictures have plain names."""
    usual = [shot[-1] for shot in pictures.wanted([], everything=False)]
    assert "home" in usual
    assert set(usual) <= set(pictures.settings_by_name())
    every = [shot[-1] for shot in pictures.wanted(["points"], everything=True)]
    assert every == ["points", "points-en", "points-small", "points-small-en"]


def test_an_unknown_scene_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With those there are."""
    with pytest.raises(SystemExit, match="2"):
        pictures.main([str(tmp_path / "out"), "kitchen"])
    assert re.search(r"'kitchen'.*charging-running", capsys.readouterr().err, re.DOTALL)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(find_chromium() is None, reason="chromium is not installed, so no PNG can be drawn")
def test_a_png_has_the_pictures_size(tmp_path: Path) -> None:
    """Drawn by the browser."""
    source = tmp_path / "a.svg"
    source.write_text(mend(RAW), encoding="utf-8")
    draw(source, tmp_path / "a.png", find_chromium() or "")
    header = (tmp_path / "a.png").read_bytes()[:24]
    assert struct.unpack(">II", header[16:24]) == (122, 47)
