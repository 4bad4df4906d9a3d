"""Without a card: phone and PIN on one pad."""

from collections.abc import Iterable
from typing import ClassVar, Final, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.riders.pin_rules import LONGEST, SHORTEST
from kiosk.views.login import LoginOutcome, LoginRefusal
from screens.base import StationScreen
from screens.language import N_, _
from screens.tries import forgotten_words, left_words, until_words
from screens.widgets.keypad import Keypad
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile

PHONE_DIGITS: Final = 11
FIRST_DIGIT: Final = "1"
"""Every mobile number of the mainland begins with it: nobody has to type it."""


def phone_words(phone: str) -> str:
    """A number as it is read, 138 0000 1001; what is missing as low lines."""
    digits = phone.ljust(PHONE_DIGITS, "_")
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}"


class LoginScreen(StationScreen):
    """The pad takes the phone first; when it is whole, the PIN. A tap on the number goes back to it.

    Args:
        phone: the whole number when it was typed already, else empty.
    """

    heading: ClassVar[str] = N_("No card")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, phone: str = "") -> None:
        super().__init__()
        self._phone = phone or FIRST_DIGIT
        self._asks_pin = False

    def again(self) -> Self:
        """In another language; of a PIN or an unfinished number nothing is kept."""
        return type(self)(self._phone if self._asks_pin else "")

    def compose_body(self) -> Iterable[Widget]:
        """Number, dots, what to do, and the pad."""
        yield Horizontal(
            Vertical(
                Tile(phone_words(self._phone), _("Phone number"), id="phone"),
                Static("", id="pin-line", markup=False),
                Prose(_("Your phone number, then your PIN."), id="login-told"),
                Tile(_("Let me in"), id="let-me-in", classes="-main", enabled=False),
                classes="entry",
            ),
            Keypad(PHONE_DIGITS, begin=FIRST_DIGIT, id="keypad"),
            classes="with-pad",
        )

    def on_mount(self) -> None:
        """The dots' place says what it is for."""
        super().on_mount()
        if len(self._phone) == PHONE_DIGITS:
            self._ask_pin(self.query_one(Keypad))
        self._draw()

    def on_screen_resume(self) -> None:
        """On top again: a volunteer may have set a new PIN, and what was said of the one before holds no more."""
        if self._asks_pin:
            self._tell(self._pin_words())

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        if self._asks_pin:
            self._draw()
            return
        self._phone = event.keypad.typed
        if len(self._phone) == PHONE_DIGITS:
            self._ask_pin(event.keypad)
        self._draw()

    def _ask_pin(self, keypad: Keypad) -> None:
        self._asks_pin = True
        keypad.take(LONGEST)
        self._tell(self._pin_words())

    def _pin_words(self) -> str:
        return _("Now your PIN of 4 to 6 digits. Forgotten, or none yet? A volunteer sets a new one.")

    @on(Tile.Pressed, "#phone")
    def _phone_again(self) -> None:
        self._asks_pin = False
        self._phone = FIRST_DIGIT
        self.query_one(Keypad).take(PHONE_DIGITS, begin=FIRST_DIGIT)
        self._tell(_("Your phone number, then your PIN."))
        self._draw()

    @on(Tile.Pressed, "#let-me-in")
    def _let_me_in(self, event: Tile.Pressed) -> None:
        keypad = self.query_one(Keypad)
        event.tile.disabled = True  # a second tap must not count as a second try
        self._tell(_("One moment ..."))
        self.ask(self.station.riders.login(self._phone, keypad.typed), self._answered)
        keypad.forget()

    def _answered(self, outcome: LoginOutcome) -> None:
        if outcome.refusal is None:
            return  # the greeting takes the place of this screen
        self._tell(self._refused(outcome), refused=True)

    def _refused(self, outcome: LoginOutcome) -> str:
        if outcome.refusal is LoginRefusal.LOCKED_OUT and outcome.locked_until is not None:
            until = until_words(outcome.locked_until, self.kiosk.local_now())
            words = _("Too many wrong tries. Phone and PIN are locked until {time}; a card works, a volunteer helps.")
            return "× " + words.format(time=until)
        words = "× " + _("Phone number and PIN do not belong together.")
        return words + left_words(outcome.tries_left or 0) + forgotten_words()

    def _tell(self, words: str, *, refused: bool = False) -> None:
        told = self.query_one("#login-told", Prose)
        told.say(words)
        told.set_class(refused, "-refused")

    def _draw(self) -> None:
        keypad = self.query_one(Keypad)
        typed = keypad.typed if self._asks_pin else ""
        what = _("Phone number: tap to change it") if self._asks_pin else _("Phone number")
        self.query_one("#phone", Tile).say(phone_words(self._phone), what)
        line = self.query_one("#pin-line", Static)
        line.update(_("PIN") + "  " + (keypad.dots if self._asks_pin else ""))
        line.set_class(self._asks_pin, "-now")
        self.query_one("#let-me-in", Tile).disabled = len(typed) < SHORTEST
