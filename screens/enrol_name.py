"""The name, picked by pinyin: keys of a phone on the right, characters on the left."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from screens.enrol import EnrolStep, Form, PinScreen
from screens.language import N_, _
from screens.pinyin import DOT, LETTERS, Candidate, pinyin
from screens.widgets.letter_pad import LetterPad
from screens.widgets.tile import Tile

SHOWN: Final = 25
SHOWN_SMALL: Final = 15
"""Characters on a page: five rows of five, on 80x24 of three; each 12x3 cells."""

LONGEST_NAME: Final = 20
SHORTEST_NAME: Final = 2
USUAL_GIVEN: Final = 2
"""Characters of a given name at most, but for one in a hundred: then the pad goes on by itself."""


class NameScreen(EnrolStep):
    """A tap on a key narrows the characters, a tap on a character takes it. The commonest stand there at first."""

    heading: ClassVar[str] = N_("Your name")
    longest: ClassVar[int] = LONGEST_NAME
    mark: ClassVar[str] = DOT
    """What the key 1 types, behind something else."""
    done_words: ClassVar[str] = N_("Name done")

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self._keys = ""
        self._page = 0
        self._found: tuple[Candidate, ...] = ()
        self._went_on = bool(form.name)
        self._shown = SHOWN

    def compose_body(self) -> Iterable[Widget]:
        """Name so far and "done", characters; and the pad."""
        self._shown = SHOWN_SMALL if self.compact else SHOWN
        yield Horizontal(
            Vertical(
                Horizontal(
                    Static("", id="name", markup=False),
                    Tile(_(self.done_words), id="named", classes="-main"),
                    id="name-row",
                ),
                Grid(
                    *(Tile("", id=f"letter-{place}", classes=_shade(place)) for place in range(self._shown)),
                    id="letters",
                ),
                classes="entry",
            ),
            LetterPad(mark=self.mark, id="keypad"),
            classes="with-pad",
        )

    def on_mount(self) -> None:
        """The commonest surnames."""
        super().on_mount()
        self.draw()

    @on(LetterPad.Pressed)
    def _key(self, event: LetterPad.Pressed) -> None:
        key = event.key
        if key in LETTERS:
            if self.offered(self._keys + key):
                self._keys, self._page = self._keys + key, 0
        elif key == "0":
            self._page += 1
            if self._page * self._shown >= len(self._found):
                self._page = 0
        elif key == "1":
            self._take(self.mark if self.form.name else "")
        elif key == "clear":
            self.form.name, self._keys, self._page = "", "", 0
        elif self._keys:
            self._keys, self._page = self._keys[:-1], 0
        else:
            self.form.name, self._page = self.form.name[:-1], 0
        self.draw()

    @on(Tile.Pressed, ".-letter")
    def _letter(self, event: Tile.Pressed) -> None:
        event.stop()
        place = self._page * self._shown + int((event.tile.id or "").removeprefix("letter-"))
        if place < len(self._found):
            self._take(self._found[place].letter)
            self.draw()
            if self.is_whole and not self._went_on:
                self._went_on = True  # whoever comes back has more to say
                self.go_on()

    def offered(self, keys: str) -> tuple[Candidate, ...]:
        """What may be meant by these keys, the likeliest first."""
        return pinyin().candidates(keys, name=self.form.name)

    @property
    def half_done(self) -> bool:
        """Whether anything was typed, keys of a character among it."""
        return super().half_done or bool(self._keys)

    @property
    def is_whole(self) -> bool:
        """Whether hardly anybody's name goes on from here."""
        return DOT not in self.form.name and len(pinyin().given_of(self.form.name)) >= USUAL_GIVEN

    def _take(self, letter: str) -> None:
        if len(self.form.name) < self.longest:
            self.form.name += letter
        self._keys, self._page = "", 0

    def draw(self) -> None:
        """Characters, words so far, and whether they are enough."""
        self._found = self.offered(self._keys) if self._keys or not self.is_whole else ()
        page = self._found[self._page * self._shown : (self._page + 1) * self._shown]
        for place in range(self._shown):
            tile = self.query_one(f"#letter-{place}", Tile)
            tile.display = place < len(page)
            if place < len(page):
                tile.say(page[place].letter, page[place].syllable)
        typed = " ".join(LETTERS[key].upper() for key in self._keys)
        self.query_one("#name", Static).update(f"{self.shown_words}_  {typed or self.hint()}".rstrip())
        self.query_one("#named", Tile).disabled = len(self.form.name) < SHORTEST_NAME or bool(self._keys)

    @property
    def shown_words(self) -> str:
        """What was picked so far, as far as there is room for it."""
        return self.form.name

    def hint(self) -> str:
        """What to do where nothing was typed yet."""
        if not self.form.name:
            return _("spell or tap")
        return "" if pinyin().given_of(self.form.name) else _("initials will do")

    @on(Tile.Pressed, "#named")
    def _named(self) -> None:
        self.go_on()

    def go_on(self) -> None:
        """The name is whole: the PIN is next."""
        self.kiosk.push_screen(PinScreen(self.form))


def _shade(place: int) -> str:
    """As on a chessboard, so that neighbours are told apart where no gap fits between them."""
    return "-letter -darker" if place % 2 else "-letter"
