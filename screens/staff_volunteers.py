"""Volunteers on the board: who is one, who is on duty, signing on and off; the keeper looks after the others."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Grid, Horizontal
from textual.widget import Widget

from kiosk.views import Role, VolunteerOutcome, VolunteerRefusal, VolunteerView
from screens.asking import AskingScreen
from screens.digits import DigitsScreen
from screens.language import N_, _
from screens.staff_volunteer_card import VolunteerCardScreen
from screens.volunteer_words import ROLES, refused
from screens.widgets.keypad import Keypad
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile

SHOWN: Final = 6
"""Volunteers on a page: two rows of three."""


class VolunteersScreen(AskingScreen):
    """A tile for each volunteer; on or off duty by one tap."""

    heading: ClassVar[str] = N_("Volunteers")
    needs_visitor: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[VolunteerView, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        """Duty, the volunteers, the pager."""
        yield Horizontal(
            Tile("", id="duty", classes="-main"),
            Tile(_("Check-ins today"), _("and notes for riders"), id="checkins-today"),
            Tile(_("Unseen"), _("for years"), id="unseen"),
            Tile(_("New volunteer"), id="new-volunteer"),
            classes="desk-foot",
        )
        yield Prose("", id="volunteers-told")
        yield Grid(*(Tile("", id=f"volunteer-{place}") for place in range(SHOWN)), classes="desk-grid")
        yield Horizontal(Pager(), classes="desk-foot")

    def load(self) -> None:
        """Everybody, as it is now."""
        self.fetch(self.station.volunteers.listing(), self._show)

    def _show(self, found: tuple[VolunteerView, ...]) -> None:
        self._all = found
        self._draw()

    def _draw(self) -> None:
        pager = self.query_one(Pager)
        pager.set_pages(-(-len(self._all) // SHOWN))
        page = self._all[pager.page * SHOWN : (pager.page + 1) * SHOWN]
        for place in range(SHOWN):
            tile = self.query_one(f"#volunteer-{place}", Tile)
            tile.display = place < len(page)
            if place < len(page):
                tile.say(*self._words(page[place]))
        desk = self.station.volunteers
        own = next((one for one in self._all if one.id == desk.own_id), None)
        on_duty = own is not None and own.on_duty_since is not None
        self.query_one("#duty", Tile).say(_("Sign off duty") if on_duty else _("Sign on duty"), enabled=own is not None)
        self.query_one("#new-volunteer", Tile).display = desk.role is Role.KEEPER

    def _words(self, one: VolunteerView) -> tuple[str, str]:
        mark = "★ " if one.role is Role.KEEPER else ""
        if one.on_duty_since is not None:
            return f"{mark}{one.masked_name}", "● " + _("on duty since {time}").format(
                time=f"{one.on_duty_since.astimezone(self.station.settings.station.zone):%H:%M}"
            )
        return f"{mark}{one.masked_name}", "" if one.here else _("of another station")

    @on(Tile.Pressed, "#duty")
    def _duty(self, event: Tile.Pressed) -> None:
        event.tile.disabled = True
        desk = self.station.volunteers
        own = next((one for one in self._all if one.id == desk.own_id), None)
        on_duty = own is not None and own.on_duty_since is not None
        self.fetch(desk.sign_off() if on_duty else desk.sign_on(), self._done)

    def _done(self, outcome: VolunteerOutcome) -> None:
        words = "" if outcome.refusal is None else "× " + refused(outcome.refusal)
        self.query_one("#volunteers-told", Prose).say(words)
        self.load()

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self._draw()

    @on(Tile.Pressed, "#checkins-today")
    def _checkins(self) -> None:
        from screens.staff_checkins import CheckinsScreen  # noqa: PLC0415 - loaded when it is wanted

        self.kiosk.push_screen(CheckinsScreen())

    @on(Tile.Pressed, "#unseen")
    def _unseen(self) -> None:
        from screens.staff_unseen import UnseenScreen  # noqa: PLC0415 - loaded when it is wanted

        self.kiosk.push_screen(UnseenScreen())

    @on(Tile.Pressed, "#new-volunteer")
    def _new(self) -> None:
        from screens.staff_new_volunteer import VolunteerNameScreen  # noqa: PLC0415 - loads the table of characters

        self.kiosk.push_screen(VolunteerNameScreen())

    @on(Tile.Pressed, ".desk-grid Tile")
    def _chosen(self, event: Tile.Pressed) -> None:
        place = self.query_one(Pager).page * SHOWN + int((event.tile.id or "").rpartition("-")[2])
        if place >= len(self._all):
            return
        if self.station.volunteers.role is Role.KEEPER:
            self.kiosk.push_screen(VolunteerScreen(self._all[place]))
        else:
            self.query_one("#volunteers-told", Prose).say("× " + refused(VolunteerRefusal.NOT_ALLOWED))


class VolunteerScreen(AskingScreen):
    """What the keeper does for one volunteer.

    Args:
        one: the volunteer.
    """

    heading: ClassVar[str] = N_("Volunteer")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, one: VolunteerView) -> None:
        super().__init__()
        self._one = one
        self._sure = False

    def compose_body(self) -> Iterable[Widget]:
        """Who, and what can be done."""
        yield Prose(f"{self._one.masked_name}  {_(ROLES[self._one.role])}", id="who")
        yield Prose("", id="volunteers-told")
        yield Horizontal(
            Tile(_("Sign off duty"), id="their-duty", enabled=self._one.on_duty_since is not None),
            Tile(_("Another PIN"), id="their-pin"),
            Tile(_("Strike off"), id="strike-off", classes="-danger"),
            classes="desk-acts",
        )

    def again(self) -> "VolunteerScreen":
        """The same volunteer in another language."""
        return VolunteerScreen(self._one)

    def say(self, words: str) -> None:
        """Tell what came of something that another screen asked for."""
        self.query_one("#volunteers-told", Prose).say(words)

    @on(Tile.Pressed, "#their-duty")
    def _duty(self) -> None:
        self.fetch(self.station.volunteers.sign_off(self._one.id), self._done)

    @on(Tile.Pressed, "#their-pin")
    def _pin(self) -> None:
        self.kiosk.push_screen(VolunteerPinScreen(self._one))

    @on(Tile.Pressed, "#strike-off")
    def _strike_off(self, event: Tile.Pressed) -> None:
        """The second tap does it."""
        if self._sure:
            event.tile.disabled = True
            self.fetch(self.station.volunteers.revoke(self._one.id), self._done)
            return
        self._sure = True
        event.tile.say(_("Yes, strike off"), _("the card ends everywhere"))

    def _done(self, outcome: VolunteerOutcome) -> None:
        if outcome.refusal is None:
            self.kiosk.close_all(VolunteerScreen)
        else:
            self.query_one("#volunteers-told", Prose).say("× " + refused(outcome.refusal))


class VolunteerPinScreen(DigitsScreen):
    """A volunteer types a PIN while the others look away.

    Args:
        one: whose; None for a new volunteer.
        name: of a new one.
        role: of a new one.
    """

    heading: ClassVar[str] = N_("A PIN for the volunteer")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, one: VolunteerView | None, name: str = "", role: Role = Role.VOLUNTEER) -> None:
        super().__init__()
        self._one = one
        self._named_as = name
        self._role = role

    @property
    def half_done(self) -> bool:
        """Whether it is a new volunteer's, or the volunteer has typed anything."""
        return bool(self._named_as) or (self.is_mounted and bool(self.query_one(Keypad).typed))

    def compose_body(self) -> Iterable[Widget]:
        """Whose, dots, the role of a new one; and the pad."""
        yield self.entry(
            self._named_as if self._one is None else self._one.masked_name,
            _("The volunteer types 4 to 8 digits; everybody else looks away."),
            Tile("", id="role"),
            Tile(_("Keep this PIN"), id="unlock", classes="-main", enabled=False),
        )

    def on_mount(self) -> None:
        """A new one's role can be chosen."""
        super().on_mount()
        self._draw_role()

    def again(self) -> "VolunteerPinScreen":
        """The same volunteer in another language; what was typed is forgotten."""
        return VolunteerPinScreen(self._one, self._named_as, self._role)

    def _draw_role(self) -> None:
        tile = self.query_one("#role", Tile)
        tile.display = self._one is None
        tile.say(_(ROLES[self._role]), _("tap to change"))

    @on(Tile.Pressed, "#role")
    def _role_pressed(self) -> None:
        self._role = Role.VOLUNTEER if self._role is Role.KEEPER else Role.KEEPER
        self._draw_role()

    @on(Tile.Pressed, "#unlock")
    def _keep(self) -> None:
        desk, pin = self.station.volunteers, self.taken()
        keep = desk.create(self._named_as, pin, self._role) if self._one is None else desk.set_pin(self._one.id, pin)
        self.ask(keep, self._done)

    def _done(self, outcome: VolunteerOutcome) -> None:
        if outcome.refusal is not None:
            self.tell("× " + refused(outcome.refusal), refused=True)
            return
        self.kiosk.close_all(VolunteerPinScreen)
        beneath = self.kiosk.screen
        if isinstance(beneath, VolunteerScreen):
            beneath.say("✓ " + _("The new PIN holds from now on."))
        if outcome.card_text:
            from screens.staff_new_volunteer import VolunteerNameScreen  # noqa: PLC0415 - it needs this module

            self.kiosk.close_all(VolunteerNameScreen)
            self.kiosk.push_screen(VolunteerCardScreen(outcome.card_text, self._named_as))
