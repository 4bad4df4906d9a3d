"""The Textual app of the station: which screens stand on each other, idle reset, scans, errors."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from kiosk.facade import StationFacade
from kiosk.sound import sound_of
from kiosk.system import collector
from kiosk.system.clock import Clock, SystemClock
from kiosk.views import (
    CheckedIn,
    Outcome,
    RiderView,
    ScanDone,
    StaffCard,
    StateChanged,
    StationNotice,
    StationTrouble,
    VisitorChanged,
)
from screens import rooms
from screens.attract import AttractScreen
from screens.base import StationScreen
from screens.bursts import Bursts, Typed
from screens.double_tap import SecondTaps
from screens.errors import report
from screens.language import other_language, set_language
from screens.outcome import OutcomeScreen
from screens.quiet import QuietApp
from screens.ring import ring
from screens.staff import StaffLockedScreen
from screens.steady_css import SteadyStylesheet
from screens.styles import FIRST_STYLES, ROOM_STYLES
from screens.theme import THEME

PREPARES_AFTER_S: Final = 0.15
"""From an outcome's frame until the next outcome's screen is built: before the next card can be held up."""

TOUCHES: Final = (events.MouseDown, events.MouseUp, events.Key, events.Paste)
"""What counts as somebody being there. A pointer that merely moves may be drift."""


class KioskApp(QuietApp, inherit_bindings=False):
    """The station's screen. Nothing that a rider can press leaves it.

    Args:
        station: the station behind the screens.
        clock: where the time comes from; the machine's by default.

    `run_async` returns `ScreenEnd.CRASHED` after an error that nobody caught (the return code is 1),
    `ScreenEnd.CLOSED` when `close` was called.
    """

    CSS_PATH = FIRST_STYLES
    TITLE = "kiosk"

    def __init__(self, station: StationFacade, *, clock: Clock | None = None) -> None:
        super().__init__()
        self.station = station
        self.clock = clock or SystemClock()
        self._touched_at = self.clock.monotonic()
        self._zone = station.settings.station.zone
        self._stop_listening: Callable[[], None] | None = None
        self._news: list[StationNotice] = []
        self._spare: OutcomeScreen | None = None
        scanner = station.settings.scanner
        self._gap_s = scanner.key_gap_ms / 1000
        self._bursts = Bursts(self._gap_s) if scanner.profile == "keyboard" else None
        self._watching_keys = False
        self._second_taps = SecondTaps(self, self.clock.monotonic)
        self._passing_over = False
        self._visited: str | None = None
        self._undisturbed = asyncio.Event()
        self._undisturbed.set()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.stylesheet = SteadyStylesheet(variables=self.get_css_variables())
        set_language(station.settings.screen.language)

    def get_default_screen(self) -> Screen[None]:
        """The idle screen is the one under all others."""
        return AttractScreen()

    def on_mount(self) -> None:
        """Begin with nobody here (a screen may have ended in mid-visit), listen to station and clock."""
        self.station.volunteers.lock()
        self.station.leave()
        self._stop_listening = self.station.listen(self.heard)
        self.set_interval(1, self.tick)
        self.call_after_refresh(self._first_frame_is_out)

    def on_unmount(self) -> None:
        """Hear no more of the station."""
        if self._stop_listening is not None:
            self._stop_listening()

    def under_footer(self) -> Iterable[Widget]:
        """Widgets beneath the footer of every screen; none, unless a subclass has something to say there."""
        return ()

    # What screens ask for

    def open(self, name: str) -> None:
        """Show a screen: "home", "charging", "reading", "points" or "staff".

        Raises:
            KeyError: when there is no screen of that name.
        """
        if name == "home":
            self._open_home()
        elif name == "staff":
            self._ask_for_staff(None)
        else:
            self._open_home()
            self.push_screen(rooms.ROOMS[name]())

    def back(self) -> None:
        """Close the screen on top; from home it ends the visit."""
        if len(self.screen_stack) <= 2 and self.station.visitor is not None:
            self.finish()
        elif len(self.screen_stack) > 1:
            self._pop()
            self._settle()

    def finish(self) -> None:
        """End the visit: the station forgets who is here, and every screen of theirs is destroyed."""
        self._clear()
        self.station.leave()
        self._default_language()

    def close_all(self, kind: type[StationScreen]) -> None:
        """Destroy the screens of a kind that lie on top: what they were for is done."""
        while len(self.screen_stack) > 1 and isinstance(self.screen, kind):
            self._pop()

    def close_outcome(self) -> None:
        """The outcome on top was read: back to where the rider was, or home after the greeting."""
        self._close_passing()
        self._end_interruption()
        self._settle()
        if self.station.visitor is not None and len(self.screen_stack) == 1:
            self._open_home()

    @property
    def interrupts(self) -> bool:
        """Whether the visitor's card came in the middle of what somebody else is at, which lies under the greeting."""
        return not self._undisturbed.is_set()

    async def undisturbed(self) -> None:
        """Wait until such a greeting is closed."""
        await self._undisturbed.wait()

    def serve_interrupter(self) -> None:
        """Whoever interrupted is served now: what was open is destroyed, and their visit begins."""
        self._clear()
        self._default_language()  # the other one was chosen by somebody else
        if self.station.visitor is not None:
            self._visited = self.station.visitor.id
            self._open_home()

    def open_staff(self) -> None:
        """The PIN was right: the volunteers' page takes the place of the pad."""
        self._close_staff()
        self.push_screen(rooms.staff_page())

    def show_card(self, rider: RiderView, text: str) -> None:
        """Show a card to be photographed; from the PIN's screen, in its place."""
        if rooms.is_card_pin(self.screen):
            self._pop()
        self.push_screen(rooms.card(rider, text))

    def not_me(self, greeting: CheckedIn) -> None:
        """The greeted rider is somebody else: undo the check-in, and clear the screens when that is done.

        Not those of the next rider, who may have scanned by then, and not what a volunteer is in the middle of.
        """

        async def undo() -> None:
            await self.station.not_me(greeting)
            if self.station.visitor is None and (self.interrupts or self._is_half_done()):
                self.close_outcome()
            elif self.station.visitor is None:
                self.finish()

        self.run_worker(undo(), group="requests", exit_on_error=False)

    def change_language(self) -> None:
        """Speak the other language until the visit ends; the open screens are built anew."""
        set_language(other_language())
        self._rebuild()

    def clock_words(self) -> str:
        """The time at the station, HH:MM."""
        return f"{self.local_now():%H:%M}"

    def local_now(self) -> datetime:
        """The time at the station."""
        return self.clock.now().astimezone(self._zone)

    def countdown(self) -> int | None:
        """Seconds until the screens are cleared, when few enough to be shown; else None."""
        left = self._idle_left()
        if left is None or left > self.station.settings.screen.countdown_s:
            return None
        return max(1, round(left))

    # What comes from outside

    def heard(self, notice: StationNotice) -> None:
        """The station said something; called on the loop, from the station's own tasks.

        It is handled in the app's turn: an error in a screen must end the screen, never the task that serves scans.
        What comes before that turn is handled together: several changes are drawn once, and when a scan changes who is
        here, the screens of the one before and the outcome change places without a frame between them.
        """
        if isinstance(notice, ScanDone) or (isinstance(notice, VisitorChanged) and notice.rider is not None):
            self._stamp()
        if not self._news:
            self.call_later(self._handle_news)
        if not (isinstance(notice, StateChanged) and notice in self._news):
            self._news.append(notice)

    def _handle_news(self) -> None:
        news, self._news = self._news, []
        for notice in news:
            self._handle(notice)

    def _handle(self, notice: StationNotice) -> None:
        if isinstance(notice, ScanDone) and self.station.settings.sound.bell:
            ring(sound_of(notice.outcome), self.bell, self.set_timer)
        match notice:
            case ScanDone(outcome=StaffCard() as card):
                self._ask_for_staff(card)
            case ScanDone(outcome=outcome):
                if not self._taken(outcome):
                    self._tell(outcome)
            case VisitorChanged(rider=None):
                self._visited = None
                self._settle()
            case VisitorChanged(rider=rider) if rider is not None:
                self._come(rider)
            case StateChanged():
                screen = self._drawn()
                if screen is not None:
                    screen.state_changed()

    def _come(self, rider: RiderView) -> None:
        """Somebody is here now: the screens of the one before go, but for what would be lost with them."""
        if self._is_half_done():
            self._undisturbed.clear()
            self.station.reading.begin(None)  # books are the visitor's while the greeting stands there
            return
        self._clear()
        if self._visited not in (None, rider.id):
            self._default_language()  # the other one was chosen by somebody else
        self._visited = rider.id

    def tick(self) -> None:
        """A second passed: clear an abandoned screen, let the active one draw its clock and countdown."""
        if not self.screen_stack:
            return  # the app is closing
        left = self._idle_left()
        screen = self._drawn()
        if left is None:
            self._forget_language()
        if left is not None and left <= 0:
            self.finish()
        elif screen is not None:
            screen.tick()
        self._prepare()

    async def on_event(self, event: events.Event) -> None:
        """Stamp real input before anybody handles it."""
        if isinstance(event, TOUCHES) and not event.is_forwarded:
            self._stamp()
            self.station.touched()
            if self._is_second_tap(event):
                return
        if self._bursts is not None and isinstance(event, events.Key) and not event.is_forwarded:
            await self._typed(self._bursts.key(event))
            self._watch_keys()
        else:
            await super().on_event(event)

    def _is_second_tap(self, event: events.Event) -> bool:
        """Whether it is the finger of a second tap on something that has changed since, coming down or up."""
        if isinstance(event, events.MouseDown):
            self._passing_over = self._second_taps.is_one(event)
        return self._passing_over and isinstance(event, events.MouseDown | events.MouseUp)

    async def _typed(self, found: list[Typed]) -> None:
        """Hand scans to the station, and a person's keys to the screen."""
        for typed in found:
            if typed.scan is not None:
                self.station.typed(typed.scan)
            for key in typed.keys:
                await super().on_event(key)

    def _watch_keys(self) -> None:
        """See to it that keys held back do not wait for the next one."""
        if self._bursts is not None and self._bursts.waiting and not self._watching_keys:
            self._watching_keys = True
            seen = self._bursts.count
            # In the app's turn, behind every key that came before.
            asyncio.get_running_loop().call_later(self._gap_s, lambda: self.call_later(self._gap_passed, seen))

    async def _gap_passed(self, seen: int) -> None:
        self._watching_keys = False
        if self._bursts is not None and self.screen_stack:
            if self._bursts.count == seen:
                await self._typed(self._bursts.quiet())
            self._watch_keys()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The one place where a failed request of a screen comes to: logged without values, told in plain words."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            log_id = report(event.worker.error, "a screen's request failed")
            self._tell(StationTrouble(log_id))

    # Screens on each other

    def _drawn(self) -> StationScreen | None:
        """The active screen, once it has its widgets; it draws itself when it comes up."""
        screen = self.screen
        if isinstance(screen, StationScreen) and screen.is_mounted and not screen.going:
            return screen
        return None

    def _stamp(self) -> None:
        self._touched_at = self.clock.monotonic()

    def _idle_left(self) -> float | None:
        """Seconds until the screens are cleared; None on the idle screen."""
        if len(self.screen_stack) <= 1 and self.station.visitor is None:
            return None
        screen = self.screen
        allowed = screen.idle_seconds() if isinstance(screen, StationScreen) else self.station.settings.screen.idle_s
        return self._touched_at + allowed - self.clock.monotonic()

    def _clear(self) -> None:
        """Destroy everything above the idle screen."""
        while len(self.screen_stack) > 1:
            self._pop()
        self._undisturbed.set()

    def _is_half_done(self) -> bool:
        """Whether something is open that would be lost with its screens."""
        return any(isinstance(screen, StationScreen) and screen.half_done for screen in self.screen_stack)

    def _end_interruption(self) -> None:
        """Whoever interrupted has been greeted, and is nobody any more: what is open again is not theirs."""
        if self.interrupts:
            self._undisturbed.set()
            self.station.end_visit()

    def _settle(self) -> None:
        """Destroy the screens on top that need somebody who is gone."""
        while len(self.screen_stack) > 1 and self._orphaned(self.screen):
            self._pop()

    def _orphaned(self, screen: Screen[object]) -> bool:
        return isinstance(screen, StationScreen) and screen.needs_visitor and self.station.visitor is None

    def _close_passing(self) -> None:
        """A new scan replaces the outcome of the one before."""
        while len(self.screen_stack) > 1 and isinstance(self.screen, OutcomeScreen):
            self._pop()

    def _close_staff(self) -> None:
        while len(self.screen_stack) > 1 and (
            isinstance(self.screen, StaffLockedScreen) or rooms.is_staff_page(self.screen)
        ):
            self._pop()

    def _tell(self, outcome: Outcome) -> None:
        """Show an outcome over whatever is open; the one before it goes."""
        self._close_passing()
        spare, self._spare = self._spare, None
        if spare is None:
            screen = OutcomeScreen()
        else:
            screen = spare
            self.uninstall_screen(spare)
        screen.show(outcome)
        self.push_screen(screen)
        self.set_timer(PREPARES_AFTER_S, self._outcome_is_out)

    def _taken(self, outcome: Outcome) -> bool:
        """Whether the screen under the outcome of the scan before shows this one itself, as a list of scans does.

        Not when that screen is somebody else's.
        """
        if self.interrupts:
            return False
        screen = next(screen for screen in reversed(self.screen_stack) if not isinstance(screen, OutcomeScreen))
        taken = isinstance(screen, StationScreen) and not screen.going and screen.takes(outcome)
        if taken:
            self._close_passing()
        return taken

    def _first_frame_is_out(self) -> None:
        """What could wait for the first frame."""
        rooms.load()
        self.stylesheet.read_all(ROOM_STYLES)
        self.stylesheet.parse()
        self._prepare()

    def _outcome_is_out(self) -> None:
        """What could wait for the outcome's frame, and would be in the way of the next one."""
        self._prepare()
        collector.tidy()

    def _prepare(self) -> None:
        """Have an outcome screen ready before the next scan: building takes half of the time from scan to frame."""
        if self._spare is None:
            self._spare = OutcomeScreen()
            self.install_screen(self._spare, "spare")
            self._get_screen(self._spare)

    def _ask_for_staff(self, card: StaffCard | None) -> None:
        self._close_passing()
        if self.interrupts and any(rooms.is_staff_page(screen) for screen in self.screen_stack):
            self._clear()  # "scan the rider's card, then your own": this one is to be served
        self._end_interruption()
        self._close_staff()
        self.push_screen(StaffLockedScreen(card))

    def _pop(self) -> None:
        """Destroy the screen on top; leaving the volunteers' page locks it."""
        if rooms.is_staff_page(self.screen):
            self.station.volunteers.lock()
        self.pop_screen()

    def _open_home(self) -> None:
        while len(self.screen_stack) > 1 and not rooms.is_home(self.screen):
            self._pop()
        if len(self.screen_stack) == 1:
            self.push_screen(rooms.home())

    def _forget_language(self) -> None:
        """On the idle screen: whoever wanted the other language has gone, and the next one reads the station's own."""
        if self.clock.monotonic() - self._touched_at >= self.station.settings.screen.idle_s:
            self._default_language()

    def _default_language(self) -> None:
        if other_language() == self.station.settings.screen.language:
            self.change_language()

    def _rebuild(self) -> None:
        """Replace every open screen by a fresh one in the language spoken now; the idle screen changes its words."""
        above = [screen.again() for screen in self.screen_stack[1:] if isinstance(screen, StationScreen)]
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(self.screen, AttractScreen):
            self.screen.translate()
        for screen in above:
            self.push_screen(screen)
