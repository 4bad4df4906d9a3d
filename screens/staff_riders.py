"""What volunteers do for a rider: a PIN, the mark, a new card, an enrolment. Over the board, which stays open."""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.riders.pin_rules import LONGEST, SHORTEST
from kiosk.views import RiderView
from kiosk.views.login import EnrolOutcome
from kiosk.views.privacy import StoredView
from screens.base import StationScreen
from screens.enrol import ConsentScreen, Form
from screens.enrol_words import refused
from screens.language import N_, _, n_
from screens.login import FIRST_DIGIT, PHONE_DIGITS, phone_words
from screens.my_data import StaffDataScreen
from screens.widgets.keypad import Keypad
from screens.widgets.pin_line import PinLine
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile


class StaffRidersScreen(StationScreen):
    """One rider at a time: who stands at the counter, or who has the number that was typed."""

    heading: ClassVar[str] = N_("For a rider")
    needs_visitor: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._phone = FIRST_DIGIT
        self._strange = False
        """A card was scanned that nobody vouches for: whose name it bears may be anybody, and gets no PIN by it."""
        self._riders: tuple[RiderView, ...] = ()
        self._picked = 0
        """Which of them is served: a number may be shared, or have been handed on."""
        self._unknown = False
        """The number was looked for, and nobody has it."""
        self._sure = False
        self._said = ""
        """What was done last."""

    @property
    def half_done(self) -> bool:
        """Whether more digits stand there than the first."""
        return self._phone != FIRST_DIGIT

    @property
    def _rider(self) -> RiderView | None:
        """Whoever is served."""
        return self._riders[self._picked] if self._riders else None

    @property
    def _whole(self) -> bool:
        """Whether a number is typed."""
        return len(self._phone) == PHONE_DIGITS

    def compose_body(self) -> Iterable[Widget]:
        """The number, the rider, what can be done; and the pad."""
        yield Horizontal(
            Vertical(
                Horizontal(
                    Static(phone_words(self._phone), id="number", markup=False),
                    Tile(_("Other rider"), id="other-rider", classes="-quiet"),
                    id="number-row",
                ),
                Prose("", id="riders-told"),
                Horizontal(Tile(_("Set a PIN"), id="set-pin"), Tile("", id="set-mark"), classes="rider-acts"),
                Horizontal(
                    Tile(_("New card"), _("lost ones end"), id="new-card"),
                    Tile(_("Enrol"), id="enrol-number"),
                    classes="rider-acts",
                ),
                Horizontal(
                    Tile(_("Data"), _("look, delete"), id="rider-data"),
                    Tile(_("Note"), _("told at check-in"), id="rider-note"),
                    classes="rider-acts",
                ),
                classes="entry",
            ),
            Keypad(PHONE_DIGITS, begin=FIRST_DIGIT, id="keypad"),
            classes="with-pad",
        )

    def on_mount(self) -> None:
        """Begin with whoever scanned a card before the volunteer came."""
        super().on_mount()
        visitor = self.station.visitor
        self._strange = visitor is not None and not visitor.verified
        self._riders = () if visitor is None or self._strange else (visitor,)
        self._draw()

    def on_screen_resume(self) -> None:
        """On top again: a PIN or a card was made, somebody was enrolled or erased."""
        if self._whole:
            self._find()
        elif self._rider is not None:
            self.ask(self.station.riders.rider(self._rider.id), self._read_again)

    def say_done(self, words: str) -> None:
        """What was done on the screen above is told until something else is tapped."""
        self._said = words
        self._draw()

    def _read_again(self, rider: RiderView | None) -> None:
        before, after = self._riders[: self._picked], self._riders[self._picked + 1 :]
        self._riders = (*before, *(() if rider is None else (rider,)), *after)
        self._picked = 0 if rider is None else self._picked
        self._draw()

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        self._phone, self._riders, self._picked = event.keypad.typed, (), 0
        self._unknown, self._said = False, ""
        if self._whole:
            self._find()
        self._draw()

    def _find(self) -> None:
        phone = self._phone

        def found(riders: tuple[RiderView, ...]) -> None:
            if phone == self._phone:  # else another one was typed meanwhile
                self._found(riders)

        self.ask(self.station.riders.find(phone), found)

    def _found(self, riders: tuple[RiderView, ...]) -> None:
        """Whoever was served still is; but when others have the number now, the newest, who was just enrolled."""
        served, ids = self._rider, [rider.id for rider in riders]
        stays = served is not None and sorted(ids) == sorted(rider.id for rider in self._riders)
        self._picked = ids.index(served.id) if served is not None and stays else 0
        self._riders, self._unknown = riders, not riders
        self._draw()

    @on(Tile.Pressed, "#other-rider")
    def _other(self) -> None:
        self._picked = (self._picked + 1) % len(self._riders)
        self._said = ""
        self._draw()

    def _draw(self) -> None:
        self.query_one("#number", Static).update(phone_words(self._phone))
        told = self.query_one("#riders-told", Prose)
        told.set_class(False, "-refused")
        told.say("\n".join(part for part in (self._said, self._words()) if part))
        rider, several = self._rider, len(self._riders) > 1
        self.query_one("#number-row").set_class(several, "-several")
        other = self.query_one("#other-rider", Tile)
        other.display = several
        other.say(_("Other rider"), _("{n} of {all}").format(n=self._picked + 1, all=len(self._riders)))
        self.query_one("#set-pin", Tile).disabled = rider is None
        mark = _("Take ★ back") if rider is not None and rider.vanguard else _("Confirm ★")
        self.query_one("#set-mark", Tile).say(mark, _("Vanguard rider"), enabled=rider is not None)
        self._sure = False  # one tap in passing must not end the cards that a rider has
        self.query_one("#new-card", Tile).say(_("New card"), _("lost ones end"), enabled=rider is not None)
        self.query_one("#rider-data", Tile).disabled = rider is None
        self.query_one("#rider-note", Tile).disabled = rider is None
        words = _("number is free") if self._unknown else _("another rider")
        self.query_one("#enrol-number", Tile).say(
            _("Enrol"), words if self._whole else "", enabled=self._whole and (self._unknown or rider is not None)
        )

    def _words(self) -> str:
        rider = self._rider
        if rider is not None and len(self._riders) > 1:
            count = len(self._riders)
            words = n_("{n} rider has this number. This one?", "{n} riders have this number. This one?", count)
            return f"► {self._rider_words(rider)}\n{words.format(n=count)}"
        if rider is not None:
            return self._rider_words(rider)
        if self._unknown:
            return _("Nobody is enrolled with this number.")
        if self._strange:
            return _(
                "The card is not known here: it may be anybody's. Type the rider's phone number. Look at who it is."
            )
        return _("Type the rider's phone number; or scan the rider's card, then your own. Look at who it is.")

    def _rider_words(self, rider: RiderView) -> str:
        number = "" if rider.number is None else _("Rider no. {number}").format(number=rider.number)
        mark = _("★ Vanguard rider") if rider.vanguard else ""
        pin = "" if rider.has_pin else _("no PIN yet")
        return "  ".join(part for part in (rider.masked_name, number, mark, pin) if part)

    @on(Tile.Pressed, "#set-pin")
    def _set_pin(self) -> None:
        self._said = ""
        if self._rider is not None:
            self.kiosk.push_screen(StaffPinScreen(self._rider, self._phone if self._whole else ""))

    @on(Tile.Pressed, "#set-mark")
    def _set_mark(self, event: Tile.Pressed) -> None:
        event.tile.disabled = True
        self._said = ""
        rider = self._rider
        if rider is not None:
            self.ask(self.station.riders.set_vanguard(rider.id, vanguard=not rider.vanguard), self._done)

    @on(Tile.Pressed, "#new-card")
    def _new_card(self, event: Tile.Pressed) -> None:
        if not self._sure:
            self._sure = True
            event.tile.say(_("Tap again"), _("lost ones end"))
            return
        event.tile.disabled = True
        self._said = ""
        if self._rider is not None:
            self.ask(self.station.riders.new_card(self._rider.id), self._card_made)

    @on(Tile.Pressed, "#rider-data")
    def _data(self) -> None:
        self._said = ""
        if self._rider is not None:
            self.ask(self.station.privacy.stored_of(self._rider.id), self._data_read)

    def _data_read(self, view: StoredView | None) -> None:
        if view is not None and self.kiosk.screen is self:
            self.kiosk.push_screen(StaffDataScreen(view))

    @on(Tile.Pressed, "#rider-note")
    def _note(self) -> None:
        from screens.staff_checkins import NotesScreen  # noqa: PLC0415 - loaded when it is wanted

        self._said = ""
        if self._rider is not None:
            self.kiosk.push_screen(NotesScreen(self._rider))

    def _card_made(self, outcome: EnrolOutcome) -> None:
        if outcome.rider is not None:
            self._said = "✓ " + _("A new card. The others are cancelled.")
            self.kiosk.show_card(outcome.rider, outcome.card_text)
        else:
            self._done(outcome)

    def _done(self, outcome: EnrolOutcome) -> None:
        if outcome.rider is not None:
            self._read_again(outcome.rider)
        elif outcome.refusal is not None:
            told = self.query_one("#riders-told", Prose)
            told.say(refused(outcome.refusal, outcome.locked_until, self.kiosk.local_now()))
            told.set_class(True, "-refused")

    @on(Tile.Pressed, "#enrol-number")
    def _enrol(self) -> None:
        self._said = ""
        form = Form(phone=self._phone, by_volunteer=True, handed_on=bool(self._riders))
        self.kiosk.push_screen(ConsentScreen(form))


class StaffPinScreen(StationScreen):
    """The rider types a PIN while the volunteer looks away.

    Args:
        rider: whose.
        phone: the rider's number when it was typed, else empty.
    """

    heading: ClassVar[str] = N_("A PIN for the rider")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, rider: RiderView, phone: str) -> None:
        super().__init__()
        self._rider = rider
        self._phone = phone

    @property
    def half_done(self) -> bool:
        """Whether the rider has typed anything."""
        return self.is_mounted and bool(self.query_one(Keypad).typed)

    def compose_body(self) -> Iterable[Widget]:
        """Whose, digits, what to do; and the pad."""
        yield Horizontal(
            Vertical(
                Static(self._rider.masked_name, id="who", markup=False),
                PinLine(id="digit-row"),
                Prose(_("The rider types 4 to 6 digits; everybody else looks away."), id="pin-told"),
                Tile(_("Keep this PIN"), id="make-card", classes="-main", enabled=False),
                classes="entry",
            ),
            Keypad(LONGEST, id="keypad"),
            classes="with-pad",
        )

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        self.query_one(PinLine).show(event.keypad.typed)
        self.query_one("#make-card", Tile).disabled = len(event.keypad.typed) < SHORTEST

    @on(Tile.Pressed, "#make-card")
    def _keep(self, event: Tile.Pressed) -> None:
        keypad = self.query_one(Keypad)
        event.tile.disabled = True
        self.ask(self.station.riders.set_pin(self._rider.id, keypad.typed, self._phone), self._kept)
        keypad.forget()

    def _kept(self, outcome: EnrolOutcome) -> None:
        if outcome.refusal is None:
            self.kiosk.close_all(StaffPinScreen)
            if isinstance(self.kiosk.screen, StaffRidersScreen):
                self.kiosk.screen.say_done("✓ " + _("The new PIN holds from now on."))
            return
        told = self.query_one("#pin-told", Prose)
        told.say(refused(outcome.refusal, outcome.locked_until, self.kiosk.local_now()))
        told.set_class(True, "-refused")

    def again(self) -> Self:
        """The same rider, in another language; what was typed is forgotten."""
        return type(self)(self._rider, self._phone)
