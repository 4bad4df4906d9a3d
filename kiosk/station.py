"""The station: opens everything, runs the background jobs, and is the one object that screens hold."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from devices.health import Health as DeviceHealth
from kiosk import __version__, checkin, ranking, volunteers
from kiosk.card_desk import CardDesk
from kiosk.charging import ChargingPoint
from kiosk.charging.desk import ChargingDesk
from kiosk.control import ControlServer, Request
from kiosk.counter import Counter
from kiosk.folder import DataFolder, open_box
from kiosk.jobs import Jobs
from kiosk.overview import read_points, read_today
from kiosk.planned_exit import PlannedExit
from kiosk.privacy.desk import PrivacyDesk
from kiosk.privacy.erasing import is_erased
from kiosk.privacy.housekeeping import Housekeeping
from kiosk.reader import scanner_of, typed_frames
from kiosk.reading import holds
from kiosk.reading.desk import ReadingDesk
from kiosk.rider_desk import RiderDesk
from kiosk.riders.resealing import Resealing
from kiosk.settings import Settings
from kiosk.sound import Speaker, sound_of
from kiosk.status import Status, live_status
from kiosk.sync import quarantine
from kiosk.sync.client import SyncClient
from kiosk.system.clock import Clock, SystemClock
from kiosk.system.database import DatabaseThread, Priority
from kiosk.system.lock import FolderLock
from kiosk.views import (
    CheckedIn,
    DeviceView,
    Health,
    PointsView,
    QuarantinedView,
    RiderView,
    ScanDone,
    SlotState,
    StateChanged,
    StationNotice,
    SyncView,
    TodayView,
)
from kiosk.volunteers.desk import VolunteersDesk
from kiosk.volunteers.roles import Right
from models.base import Store

if TYPE_CHECKING:
    from kiosk.errands import Errands

log = logging.getLogger(__name__)

TODAY_EVERY_S = 20.0
"""How often counts and notices for the idle screen are read anew, besides after each scan."""
TODAY_AFTER_S = 0.3
"""From a scan until they are read: the answer to the rider is drawn first."""
SYNC_AFTER_S = 1.0
"""From serving until the hub is told: the first frame is drawn first, and the HTTP client takes a while to load."""
GRACE_S = 5.0
"""A visit that no screen ended is ended by the station this long after the screen should have."""


class Station:
    """One running station: the only writer of its data folder, with or without a screen.

    Args:
        settings: checked settings.
        clock: where times come from.
        on_broken: called when the station cannot go on and should be started anew; the log says why.
        on_idle: called when an exit was planned and nobody charges or stands at the counter.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        *,
        on_broken: Callable[[], None] = lambda: None,
        on_idle: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings: Final = settings
        self._clock = clock if clock is not None else SystemClock()
        self._folder = DataFolder.of(settings)
        self._lock = FolderLock(self._folder.path, "a running station")
        self._on_broken = on_broken
        self._listeners: list[Callable[[StationNotice], None]] = []
        self._on_idle = on_idle
        self._jobs = Jobs()
        self._errands: Errands | None = None
        self._today: TodayView | None = None
        self._opened_at = self._clock.monotonic()
        self._today_is_old = asyncio.Event()

    async def open(self) -> None:
        """Take the folder and begin to serve; the slots follow once everything was switched off.

        Switching off takes as long as the bus needs, half a minute when a board is silent. The counter and the screen
        do not wait for it; until then every slot is shown as unavailable.

        Raises:
            FolderInUseError: somebody else holds the folder.
            NotInitialisedError: there is no station in the folder yet.
            NewerDatabaseError: a newer version of the software wrote the database.
        """
        self._folder.check()
        self._lock.acquire()
        try:
            self._database = DatabaseThread(Store(self._folder.database))
            await self._open_parts()
        except BaseException:
            self._lock.release()
            raise

    async def _open_parts(self) -> None:
        store = self._database.store
        self._box = await self._database.run(Priority.CHARGING, lambda: open_box(self._settings, store, self._clock))
        self._volunteers = VolunteersDesk(self._box, self._database, self._today_is_old.set)
        self._point = ChargingPoint(self._box, self._database, on_change=self._state_changed)
        self._reading = ReadingDesk(self._box, self._database, lambda: self._counter.visitor, self._may(Right.BOOKS))
        self._counter = Counter(self._box, self._database, self._tell, self._point.recognise, self._reading.intake)
        self._charging = ChargingDesk(self._box, self._database, self._point, self._counter, self._may(Right.SLOTS))
        self._cards = CardDesk(self._box, self._database, self._counter, self._may(Right.RIDERS))
        self._riders = RiderDesk(self._box, self._database, self._counter, self._may(Right.RIDERS))
        self._scanner = scanner_of(self._settings.scanner, self._counter.scanned, lambda _health: self._state_changed())
        self._sync = SyncClient(self._box, self._database, software=__version__, on_change=self._state_changed)
        self._speaker = Speaker(self._settings.sound.player, self._folder.path / "sounds")
        self._housekeeping = Housekeeping(self._box, self._database, self._folder.path)
        self._privacy = PrivacyDesk(
            self._box, self._database, self._counter, self._may(Right.RIDERS), self._housekeeping.look
        )
        self._control = ControlServer(self._folder.path, self._answer)
        self._planned_exit = PlannedExit(self._in_use, self._on_idle)
        self._opening = asyncio.create_task(self._open_charging(), name="charging")
        await self._read_today()
        if self._scanner is not None:
            self._jobs.start("scanner", self._scanner.run)
        self._jobs.start("counter", self._counter.serve)
        self._jobs.start("sync", self._tell_the_hub)
        self._jobs.start("today", self._keep_today_fresh)
        self._jobs.start("housekeeping", self._housekeeping.run)
        self._jobs.start("resealing", Resealing(self._box, self._database).run)
        self._jobs.start("planned exit", self._planned_exit.run)
        await self._control.start()
        log.info("station %s serves, version %s", self._settings.station.code, __version__)

    async def _open_charging(self) -> None:
        try:
            await self._point.open()
        except Exception as error:
            log.error("the slots cannot be opened: %s", type(error).__name__, exc_info=error)
            self._on_broken()

    async def close(self) -> None:
        """Switch everything off, finish what is queued, give the folder up."""
        await self._control.close()
        await self._jobs.stop()
        self._opening.cancel()
        await asyncio.wait((self._opening,))
        await self._point.close()
        await self._speaker.close()
        await asyncio.to_thread(self._database.close)
        self._lock.release()
        log.info("station %s has ended", self._settings.station.code)

    # What screens may see.

    @property
    def settings(self) -> Settings:
        """The checked settings."""
        return self._settings

    @property
    def version(self) -> str:
        """The software's version."""
        return __version__

    @property
    def visitor(self) -> RiderView | None:
        """Who is identified now."""
        return self._counter.visitor

    @property
    def charging(self) -> ChargingDesk:
        """The slots: what the visitor has of them, and the volunteers' work with them."""
        return self._charging

    @property
    def reading(self) -> ReadingDesk:
        """Search, renewals, holds, parcels, and the volunteers' work with books."""
        return self._reading

    @property
    def volunteers(self) -> VolunteersDesk:
        """Volunteers, today's check-ins, notes for riders, and who did what."""
        return self._volunteers

    def listen(self, listener: Callable[[StationNotice], None]) -> Callable[[], None]:
        """Call `listener` on the loop for every notice; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def touched(self) -> None:
        """Somebody touched the screen."""
        self._counter.touched()

    def typed(self, data: bytes) -> None:
        """A scanner that types as a keyboard does has read this."""
        for frame in typed_frames(data):
            self._counter.scanned(frame)

    def leave(self) -> None:
        """End the visit and close the staff area."""
        self._volunteers.lock()
        self._riders.forget()
        self.end_visit()

    def end_visit(self) -> None:
        """End the visit alone: whoever works in the staff area goes on."""
        self._counter.leave()

    def devices(self) -> tuple[DeviceView, ...]:
        """Scanner, bus, boards and meters with their health."""
        scanner = () if self._scanner is None else (DeviceView("scanner", _health(self._scanner.health)),)
        return (*scanner, *self._point.devices())

    def sync_status(self) -> SyncView:
        """How far the hub has been told."""
        return self._sync.status()

    def today(self) -> TodayView:
        """Counts and notices for the idle screen."""
        if self._today is None:
            raise RuntimeError("the station is not open")
        slots = self._charging.slots()
        free = sum(slot.state is SlotState.AVAILABLE and not slot.errors for slot in slots)
        return replace(self._today, free_slots=max(0, free - self._point.floating), slots=len(slots))

    # What screens may ask for.

    @property
    def cards(self) -> CardDesk:
        """Cards to photograph or print."""
        return self._cards

    @property
    def riders(self) -> RiderDesk:
        """Riders without a card, new ones, and those in trouble."""
        return self._riders

    @property
    def privacy(self) -> PrivacyDesk:
        """A rider's own data: what is kept, and erasing it."""
        return self._privacy

    async def points(self) -> PointsView:
        """The visitor's points of this year; none when nobody is identified, or by a card that nobody vouches for."""
        visitor = self._counter.known
        as_of = self._sync.as_of()
        rider = "" if visitor is None else visitor.id
        return await self._database.run(Priority.COUNTER, lambda: read_points(self._box, rider, as_of))

    async def set_named(self, *, named: bool) -> PointsView:
        """Whether the quarter's ranking may show the visitor's name; a card that nobody vouches for changes nothing."""
        visitor = self._counter.known
        if visitor is not None:
            await self._database.run(Priority.COUNTER, lambda: ranking.set_consent(self._box, visitor.id, agreed=named))
            await self._read_today()
        return await self.points()

    async def not_me(self, greeting: CheckedIn) -> None:
        """Undo what was recorded with a greeting and end that visit."""
        await self._counter.not_me(greeting)
        await self._read_today()

    def sync_now(self) -> None:
        """Ask the hub now, whatever was waited for."""
        if self._volunteers.actor_with(Right.HUB) is not None:
            self._sync.wake()

    async def clear_sync_alarms(self) -> tuple[str, ...]:
        """A volunteer has seen this box's own alarms of the sync; what stood, by name."""
        actor = self._volunteers.actor_with(Right.HUB)
        return () if actor is None else tuple(await self._sync.clear_alarms(actor))

    async def quarantine(self, page: int, per_page: int) -> tuple[tuple[QuarantinedView, ...], int]:
        """One page (from 0) of what one side could not take, newest first, and the number of pages."""
        if self._volunteers.actor_with(Right.HUB) is None:
            return (), 1
        return await self._database.run(Priority.COUNTER, lambda: quarantine.page(page, per_page))

    async def quarantined(self, key: str) -> QuarantinedView | None:
        """One of them; None when it was taken meanwhile."""
        if self._volunteers.actor_with(Right.HUB) is None:
            return None
        return await self._database.run(Priority.COUNTER, lambda: quarantine.one(key))

    # Inside.

    def _may(self, right: Right) -> Callable[[], str | None]:
        """Tells who acts in the staff area and may do this; None for anybody else, and while it is closed."""
        return partial(self._volunteers.actor_with, right)

    def _in_use(self) -> bool:
        return self._point.charges or self._counter.visitor is not None

    def _state_changed(self) -> None:
        self._tell(StateChanged())

    def _tell(self, notice: StationNotice) -> None:
        if isinstance(notice, ScanDone):
            self._today_is_old.set()
            self._speaker.play(sound_of(notice.outcome))
        for listener in tuple(self._listeners):
            listener(notice)

    async def _tell_the_hub(self) -> None:
        await asyncio.sleep(SYNC_AFTER_S)
        await self._sync.run()

    async def _keep_today_fresh(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TODAY_EVERY_S):  # not `wait_for`, which may not hear that the station ends
                    await self._today_is_old.wait()
                await asyncio.sleep(TODAY_AFTER_S)
            self._today_is_old.clear()
            self._end_a_forgotten_visit()
            await self._end_an_erased_visit()
            await self._database.run(Priority.MAINTENANCE, lambda: volunteers.end_forgotten(self._box))
            await self._database.run(Priority.MAINTENANCE, lambda: checkin.amend(self._box))
            await self._database.run(Priority.MAINTENANCE, lambda: holds.expire(self._box))
            await self._database.run(Priority.MAINTENANCE, lambda: holds.fill_free(self._box))
            await self._read_today()

    async def _read_today(self) -> None:
        before = self._today
        self._today = await self._database.run(Priority.MAINTENANCE, lambda: read_today(self._box))
        if before is not None and before != self._today:
            self._state_changed()

    def _end_a_forgotten_visit(self) -> None:
        if self._counter.visitor is not None and self._counter.quiet_s > self._settings.screen.idle_s + GRACE_S:
            self.leave()

    async def _end_an_erased_visit(self) -> None:
        """Whoever asked to be erased once nothing is open, or was erased elsewhere, may stand here still."""
        visitor = self._counter.visitor
        if visitor is not None and await self._database.run(Priority.MAINTENANCE, lambda: is_erased(visitor.id)):
            self._counter.erased((visitor.id, *visitor.also))

    async def _answer(self, request: Request) -> object:
        """Do what a command asks; what that takes is loaded for the first one."""
        if self._errands is None:
            from kiosk.errands import Errands  # noqa: PLC0415 - commands are seldom, and the first frame waits for none

            self._errands = Errands(self._box, self._database, self._point, self._sync)
            self._errands.add("status", self._status_request)
            self._errands.add("restart", self._planned_exit.answer)
        return await self._errands.answer(request)

    async def _status_request(self, _arguments: object) -> Status:
        return await self._database.run(
            Priority.COUNTER,
            lambda: live_status(
                self._box,
                uptime_s=self._clock.monotonic() - self._opened_at,
                slots=self._point.slots(None),
                devices=self.devices(),
            ),
        )


def _health(health: DeviceHealth | None) -> Health:
    return Health.UNKNOWN if health is None else Health(health.value)
