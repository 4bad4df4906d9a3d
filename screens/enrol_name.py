"""The name, picked by pinyin: keys of a phone on the right, characters on the left."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from screens.enrol import EnrolStep, Form, PinScreen
from screens.language import N_, _
from screens.pinyin import LETTERS, Candidate, pinyin
from screens.widgets.letter_pad import DOT, LetterPad
from screens.widgets.tile import Tile

SHOWN: Final = 12
"""Characters on a page: four rows of three."""

LONGEST_NAME: Final = 20
SHORTEST_NAME: Final = 2


class NameScreen(EnrolStep):
    """A tap on a key narrows the characters, a tap on a character takes it. The commonest stand there at first."""

    heading: ClassVar[str] = N_("Your name")

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self._keys = ""
        self._page = 0
        self._found: tuple[Candidate, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        """Name so far, characters, "go on"; and the pad."""
        yield Horizontal(
            Vertical(
                Static("", id="name", markup=False),
                Grid(*(Tile("", id=f"letter-{place}", classes="-letter") for place in range(SHOWN)), id="letters"),
                Tile(_("That is my name"), id="named", classes="-main"),
                classes="entry",
            ),
            LetterPad(id="keypad"),
            classes="with-pad",
        )

    def on_mount(self) -> None:
        """The commonest surnames."""
        super().on_mount()
        self._draw()

    @on(LetterPad.Pressed)
    def _key(self, event: LetterPad.Pressed) -> None:
        key = event.key
        if key in LETTERS:
            if pinyin().goes_on(self._keys + key):
                self._keys, self._page = self._keys + key, 0
        elif key == "0":
            self._page += 1
            if self._page * SHOWN >= len(self._found):
                self._page = 0
        elif key == "1":
            self._take(DOT if self.form.name else "")
        elif key == "clear":
            self.form.name, self._keys, self._page = "", "", 0
        elif self._keys:
            self._keys, self._page = self._keys[:-1], 0
        else:
            self.form.name, self._page = self.form.name[:-1], 0
        self._draw()

    @on(Tile.Pressed, ".-letter")
    def _letter(self, event: Tile.Pressed) -> None:
        event.stop()
        place = self._page * SHOWN + int((event.tile.id or "").removeprefix("letter-"))
        if place < len(self._found):
            self._take(self._found[place].letter)
            self._draw()

    def _take(self, letter: str) -> None:
        if len(self.form.name) < LONGEST_NAME:
            self.form.name += letter
        self._keys, self._page = "", 0

    def _draw(self) -> None:
        self._found = pinyin().candidates(self._keys, surname=not self.form.name)
        page = self._found[self._page * SHOWN : (self._page + 1) * SHOWN]
        for place in range(SHOWN):
            tile = self.query_one(f"#letter-{place}", Tile)
            tile.display = place < len(page)
            if place < len(page):
                tile.say(page[place].letter, page[place].syllable)
        typed = " ".join(LETTERS[key].upper() for key in self._keys)
        self.query_one("#name", Static).update(f"{self.form.name}_  {typed}".rstrip())
        self.query_one("#named", Tile).disabled = len(self.form.name) < SHORTEST_NAME or bool(self._keys)

    @on(Tile.Pressed, "#named")
    def _named(self) -> None:
        self.kiosk.push_screen(PinScreen(self.form))
