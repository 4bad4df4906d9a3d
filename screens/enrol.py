"""A new rider's way to a card: consent, phone, name, PIN. Nothing is kept of it before the last tap."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.riders.pin_rules import LONGEST, SHORTEST
from kiosk.views.login import EnrolOutcome, EnrolRefusal, PhoneOutcome
from screens import rooms
from screens.base import StationScreen
from screens.consent import consent_words
from screens.enrol_words import refused
from screens.language import N_, _
from screens.login import FIRST_DIGIT, PHONE_DIGITS, phone_words
from screens.widgets.keypad import Keypad
from screens.widgets.pin_line import PinLine
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile


@dataclass(slots=True)
class Form:
    """What was typed so far; gone with the screens."""

    phone: str = field(default="", repr=False)
    """Whole and free, or empty."""
    name: str = field(default="", repr=False)
    by_volunteer: bool = False
    """The number was typed by a volunteer and is not asked for."""
    handed_on: bool = False
    """A volunteer has seen that somebody else has the number now, or too."""


class EnrolStep(StationScreen):
    """One of the steps.

    Args:
        form: what was typed so far.
    """

    needs_visitor: ClassVar[bool] = False

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form

    @property
    def half_done(self) -> bool:
        """Whether a number or a name was typed."""
        return bool(self.form.phone or self.form.name)

    def again(self) -> Self:
        """The same step in another language; of a PIN or an unfinished number nothing is kept."""
        return type(self)(self.form)


class ConsentScreen(EnrolStep):
    """What is kept, and why; one tap to agree."""

    heading: ClassVar[str] = N_("A card for you")

    def compose_body(self) -> Iterable[Widget]:
        """The promises over the one answer; "back" is the other."""
        yield Prose(consent_words(close=self.compact), id="consent")
        yield Tile(_("I agree: begin"), id="agree", classes="-main")

    @on(Tile.Pressed, "#agree")
    def _agree(self) -> None:
        if self.form.by_volunteer:
            self.kiosk.push_screen(rooms.enrol_name(self.form))
        else:
            self.kiosk.push_screen(PhoneScreen(self.form))


class PhoneScreen(EnrolStep):
    """Eleven digits, of which the first stands there; goes on by itself when the number is whole and free.

    Whoever comes back to look at the number goes on with a tap, or types another one.
    """

    heading: ClassVar[str] = N_("Your phone number")

    def compose_body(self) -> Iterable[Widget]:
        """The number, what is said about it, the way on or to phone and PIN for who needs it; and the pad."""
        yield Horizontal(
            Vertical(
                Static("", id="number", markup=False),
                Prose("", id="phone-told"),
                Tile(_("Go on"), id="phone-on", classes="-main"),
                Tile(_("I have a PIN: let me in"), id="to-login"),
                classes="entry",
            ),
            Keypad(PHONE_DIGITS, begin=FIRST_DIGIT, id="keypad"),
            classes="with-pad",
        )

    @property
    def half_done(self) -> bool:
        """Whether more digits stand there than the first; not of a number whose rider was just sent to their card."""
        if super().half_done or not self.is_mounted:
            return super().half_done
        refused_now = self.query_one("#phone-told", Prose).has_class("-refused")
        return self.query_one(Keypad).typed != FIRST_DIGIT and not refused_now

    def on_mount(self) -> None:
        """The number that was typed before, if there is one."""
        super().on_mount()
        self.query_one(Keypad).take(PHONE_DIGITS, begin=FIRST_DIGIT, typed=self.form.phone)
        self._draw()

    def _draw(self) -> None:
        """The number so far, and that it is safe here; or what to do with one that stands."""
        self.query_one("#number", Static).update(phone_words(self.query_one(Keypad).typed))
        told = self.query_one("#phone-told", Prose)
        safe = _("It is locked at once: this station cannot read it again.")
        told.say(_("Is it right? Go on, or type another one.") if self.form.phone else safe)
        told.set_class(False, "-refused")
        self.query_one("#phone-on", Tile).display = bool(self.form.phone)
        self.query_one("#to-login", Tile).display = False

    @on(Tile.Pressed, "#phone-on")
    def _go_on(self) -> None:
        self.kiosk.push_screen(rooms.enrol_name(self.form))

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        typed = event.keypad.typed
        if typed != self.form.phone:
            self.form.phone = ""
        self._draw()
        if len(typed) < PHONE_DIGITS or self.form.phone:
            return
        self.query_one("#phone-told", Prose).say(_("One moment ..."))
        event.keypad.disabled = True

        def answered(outcome: PhoneOutcome) -> None:
            self._answered(typed, outcome)

        self.ask(self.station.riders.check_phone(typed), answered)

    def _answered(self, phone: str, outcome: PhoneOutcome) -> None:
        keypad = self.query_one(Keypad)
        keypad.disabled = False
        if outcome.refusal is None:
            self.form.phone = phone
            self._draw()
            self.kiosk.push_screen(rooms.enrol_name(self.form))
            return
        told = self.query_one("#phone-told", Prose)
        told.say(refused(outcome.refusal, outcome.locked_until, self.kiosk.local_now()))
        told.set_class(True, "-refused")
        self.query_one("#to-login", Tile).display = outcome.refusal is EnrolRefusal.KNOWN_PHONE

    @on(Tile.Pressed, "#to-login")
    def _to_login(self) -> None:
        phone = self.query_one(Keypad).typed
        self.kiosk.close_all(EnrolStep)
        self.kiosk.push_screen(rooms.login(phone))


class PinScreen(EnrolStep):
    """The PIN, typed once: its newest digit shows, and all of them on request. The last tap makes the card."""

    heading: ClassVar[str] = N_("A PIN for you")

    def compose_body(self) -> Iterable[Widget]:
        """Name and number once more, digits, "show", what it is for, the main action; and the pad."""
        yield Horizontal(
            Vertical(
                Prose(self._for_whom(), id="for-whom"),
                PinLine(id="digit-row"),
                Prose(_("4 to 6 digits. With phone number and PIN you are served without a card."), id="pin-told"),
                Tile(_("Make my card"), id="make-card", classes="-main", enabled=False),
                classes="entry",
            ),
            Keypad(LONGEST, id="keypad"),
            classes="with-pad",
        )

    def _for_whom(self) -> str:
        """What cannot be mended once the card is made: the number's last digit was typed and not seen."""
        who = _("{name}, {phone}").format(name=self.form.name, phone=phone_words(self.form.phone))
        return who + "\n" + _("Not right? Go back.")

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        self.query_one(PinLine).show(event.keypad.typed)
        self.query_one("#make-card", Tile).disabled = len(event.keypad.typed) < SHORTEST

    @on(Tile.Pressed, "#make-card")
    def _make(self, event: Tile.Pressed) -> None:
        keypad = self.query_one(Keypad)
        event.tile.disabled = True
        form = self.form
        self.ask(
            self.station.riders.enrol(form.phone, form.name, keypad.typed, handed_on=form.handed_on), self._answered
        )
        keypad.forget()

    def _answered(self, outcome: EnrolOutcome) -> None:
        if outcome.rider is not None:
            self.kiosk.close_all(EnrolStep)
            self.kiosk.show_card(outcome.rider, outcome.card_text)
            return
        if outcome.refusal is not None:
            told = self.query_one("#pin-told", Prose)
            told.say(refused(outcome.refusal, outcome.locked_until, self.kiosk.local_now()))
            told.set_class(True, "-refused")
