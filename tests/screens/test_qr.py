"""A drawn QR code is read back from the picture by an independent decoder."""

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from textual.app import App, ComposeResult

from screens.theme import THEME
from screens.widgets.qr import Qr, cells

CARD = "6BF0DFX2Q$K3" * 10 + "LX01-00007A"
"""131 characters of the alphabet of base45: as long as a card."""

CELL = (10, 20)
"""Pixels of a terminal's cell, about as DejaVu Sans Mono has it."""


class Frame(App[None]):
    """A code and nothing else.

    Args:
        text: what it says.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.text = text

    def compose(self) -> ComposeResult:
        """The code over the whole terminal."""
        yield Qr(self.text)


def picture(app: App[None]) -> Image.Image:
    """What the terminal draws of the strips: backgrounds and upper half blocks in their own colours."""
    strips = app.screen._compositor.render_strips()
    width, height = app.size
    image = Image.new("RGB", (width * CELL[0], height * CELL[1]))
    draw = ImageDraw.Draw(image)
    for row, strip in enumerate(strips):
        column = 0
        for segment in strip:
            style = segment.style
            assert style is not None
            assert style.bgcolor is not None
            for sign in segment.text:
                left, top = column * CELL[0], row * CELL[1]
                box = (left, top, left + CELL[0] - 1, top + CELL[1] - 1)
                draw.rectangle(box, fill=tuple(style.bgcolor.get_truecolor()))
                if sign == "▀":
                    assert style.color is not None
                    half = (left, top, left + CELL[0] - 1, top + CELL[1] // 2 - 1)
                    draw.rectangle(half, fill=tuple(style.color.get_truecolor()))
                column += 1
    return image


async def drawn(text: str, size: tuple[int, int]) -> tuple[Image.Image, str | None]:
    """The picture of a code on a terminal of that size, and its level."""
    app = Frame(text)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return picture(app), app.query_one(Qr).level


def decoded(image: Image.Image) -> list[str]:
    """What the decoder reads."""
    return [code.text for code in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize(
    ("text", "size", "level"),
    [
        (CARD, (112, 31), "M"),
        (CARD, (80, 25), "M"),
        (CARD, (80, 24), "L"),
        ("LX01-0007", (40, 15), "M"),
        ("https://hub.example/a?b=1", (80, 24), "M"),
    ],
)
async def test_a_code_is_read_back_from_the_picture(text: str, size: tuple[int, int], level: str) -> None:
    """With all the correction that there is room for."""
    image, used = await drawn(text, size)
    assert used == level
    assert decoded(image) == [text]


def test_a_card_is_as_small_as_promised() -> None:
    """Version 6 at M is 49x25 cells, version 5 at L 45x23, quiet zone included."""
    assert len(CARD) == 131
    assert cells(CARD, "M") == (49, 25)
    assert cells(CARD, "L") == (45, 23)


async def test_a_code_without_room_is_not_drawn_at_all() -> None:
    """Half a code would only be scanned in vain."""
    image, used = await drawn(CARD, (44, 20))
    assert used is None
    assert decoded(image) == []
