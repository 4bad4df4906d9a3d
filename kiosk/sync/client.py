"""The station's side of the sync: one loop that tells the hub, hears from it, and never gives up."""

import asyncio
import contextlib
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import peewee as pw

from kiosk.box import Box
from kiosk.sync import alarms, inbox, outbox, seen
from kiosk.sync.alarms import Alarm
from kiosk.sync.link import Link, LinkError, RowError, StoppedError, StorageError, spare_searches, trusts_environment
from kiosk.sync.outbox import Counts
from kiosk.sync.round import Round
from kiosk.sync.tls import verification
from kiosk.system.database import Priority
from kiosk.views import Health, QuarantinedView, SyncView

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

T = TypeVar("T")

BACKOFF_FROM_S: Final = 1.0
AFTER_COMMIT_S: Final = 0.2
"""From a commit until it is counted: what a rider waits for is drawn first, and a burst is counted once. The hub is
told at once: that takes the loop a few milliseconds, and the database thread serves riders first."""
LOOK_EVERY_S: Final = 0.2
"""While a backlog goes, the tables are read this often for `status`, not for each batch."""
BACKOFF_TO_S: Final = 60.0
"""Also the pause after a refusal: somebody may have set it right by then."""

DISK_FAILS: Final = (pw.DatabaseError, sqlite3.DatabaseError)
"""What a disk that is full, read-only or broken comes to."""

TAKEN_IDENTITY: Final = (Alarm.FORKED, Alarm.CLONED)
"""What is a problem by itself; a gap is a fact beside it."""


class Database(Protocol):
    """What runs the client's work on the box's tables (`kiosk.system.database.DatabaseThread`)."""

    async def run(self, priority: Priority, work: Callable[[], T], /) -> T:
        """Run `work` with the store in use."""


class SyncClient:
    """Tells the hub everything that is recorded here, and takes in what the hub has for this area.

    Nothing that it meets ends it: it backs off between `BACKOFF_FROM_S` and `BACKOFF_TO_S` and tries again. All
    methods are for the loop, except that commits are heard of on the database thread.

    Args:
        box: the box.
        database: where work on the tables is done.
        software: the software's version, for the hub's list of stations.
        on_change: called whenever `status` may have changed.
        connect: makes the HTTP client; tests connect to a hub in their own process.
        sleep: waits some seconds; tests let time pass otherwise.
        jitter: a number from 0 to 1, so that stations do not come back all at once.
        listens: whether the hub is asked to wait for news between two rounds; without, they come with the next one.
    """

    def __init__(
        self,
        box: Box,
        database: Database,
        *,
        software: str,
        on_change: Callable[[], None] = lambda: None,
        connect: "Callable[[], httpx.AsyncClient] | None" = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        listens: bool = True,
    ) -> None:
        self._box = box
        self._database = database
        self._software = software
        self._on_change = on_change
        self._connect = connect or self._default_http
        self._sleep = sleep
        self._jitter = jitter
        self._listens = listens
        self._counts = Counts(0, None, 0)
        self._told_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._hub_name: str | None = None
        self._hub_version: str | None = None
        self._problem: str | None = None
        self._alarms: Mapping[Alarm, datetime | None] = {}
        self._quarantine: tuple[QuarantinedView, ...] = ()
        self._backlog = 0
        self._health = Health.UNKNOWN
        self._failures = 0
        self._recorded = asyncio.Event()
        self._stir = asyncio.Event()
        """Something to send."""
        self._called = asyncio.Event()
        """Somebody wants an attempt now, back-off or not."""
        self._looked_at = -LOOK_EVERY_S
        """By the box's clock, monotonic."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._round: Round | None = None

    def status(self) -> SyncView:
        """How far the hub has been told, from memory."""
        oldest = self._counts.oldest
        age = None if oldest is None else max(0.0, (self._box.clock.now() - oldest).total_seconds())
        return SyncView(
            enrolled=self._enrolled,
            pending=self._counts.pending,
            oldest_s=age,
            last_success=self._told_at,
            quarantined=self._counts.quarantined,
            health=self._health,
            problem=self._problem or next((word.value for word in TAKEN_IDENTITY if word in self._alarms), None),
            hub_name=self._hub_name,
            hub_version=self._hub_version,
            backlog=self._backlog,
            gap_since=self._alarms.get(Alarm.GAP),
            hub_gap_since=self._alarms.get(Alarm.HUB_GAP),
            alarms=tuple(sorted(self._alarms)),
            clock_trusted=self._box.clock.trusted(),
            quarantine=self._quarantine,
            tried_at=self._tried_at,
        )

    def as_of(self) -> datetime | None:
        """When everything of the hub had arrived here last."""
        return self._told_at

    def wake(self) -> None:
        """Try now, whatever was waited for (after an enrolment, say)."""
        self._called.set()

    async def clear_alarms(self, actor: str = "cli") -> list[str]:
        """Somebody has seen what was wrong (a gap, a copied disk); what goes on is noticed anew.

        Returns:
            The alarms that stood, by name.
        """
        stood = await self._database.run(Priority.COUNTER, lambda: seen.see_alarms(self._box, actor))
        await self.look()
        return stood

    async def run(self) -> None:
        """Sync until cancelled."""
        self._listen_for_commits()
        await self._remember()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._count_on_commit())
            tasks.create_task(self._keep_going())

    @property
    def _enrolled(self) -> bool:
        return self._box.settings.hub is not None and self._box.keys.hub_api_key is not None

    def _listen_for_commits(self) -> None:
        first = self._loop is None
        self._loop = asyncio.get_running_loop()
        if first:
            self._box.journal.on_commit(self._committed)

    def _committed(self) -> None:
        """On the database thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended; the next start counts anew
                self._loop.call_soon_threadsafe(self._notice)

    def _notice(self) -> None:
        self._stir.set()
        self._recorded.set()

    async def _remember(self) -> None:
        kept = await self._database.run(Priority.SYNC, inbox.known)
        self._told_at, self._hub_name, self._hub_version = kept.told_at, kept.hub_name, kept.hub_version
        await self.look()

    async def _count(self) -> None:
        quarantined = self._counts.quarantined
        self._counts = await self._database.run(Priority.SYNC, outbox.counts)
        self._backlog = max(self._backlog, self._counts.pending) if self._counts.pending else 0
        if self._counts.quarantined != quarantined:
            self._quarantine = await self._database.run(Priority.SYNC, inbox.quarantine)
        self._on_change()

    async def look(self) -> None:
        """Read anew what stands in the tables, for `status`."""
        self._looked_at = self._box.clock.monotonic()
        self._alarms = await self._database.run(Priority.SYNC, alarms.standing)
        await self._count()

    async def _count_on_commit(self) -> None:
        while True:
            await self._recorded.wait()
            await asyncio.sleep(AFTER_COMMIT_S)
            self._recorded.clear()
            with contextlib.suppress(*DISK_FAILS):  # the round says so
                await self._count()

    async def _keep_going(self) -> None:
        while True:
            if not self._enrolled:
                self._called.clear()
                await self._called.wait()
                continue
            try:
                http = self._connect()
            except OSError as error:  # ssl.SSLError is one
                await self._failed(StoppedError("no_ca", f"hub.ca: {error.strerror or error}"))
                continue
            async with http:
                await self._keep_in_touch(http)

    async def _keep_in_touch(self, http: "httpx.AsyncClient") -> None:
        """Round after round over one client, until the box is given another key, or learns what time it is."""
        api_key, trusted = self._box.keys.hub_api_key, self._box.clock.trusted()
        link = Link(http, api_key or "")
        self._round = Round(self._box, self._database, link, self._software, self._progressed)
        try:
            while self._box.keys.hub_api_key == api_key and self._box.clock.trusted() == trusted:
                self._stir.clear()
                self._called.clear()
                try:
                    await self._round.go()
                    await self._succeeded()
                except LinkError as error:
                    await self._failed(error)
                except DISK_FAILS as error:
                    await self._failed(StorageError("disk", f"this box's own disk: {error}"))
                else:
                    await self._rest()
        finally:
            await self._round.close()

    async def _succeeded(self) -> None:
        if self._failures:
            log.info("the hub is told again, after %d failures", self._failures)
        self._failures, self._problem, self._health = 0, None, Health.CONNECTED
        self._told_at = self._tried_at = self._box.clock.now()
        await self.look()

    async def _rest(self) -> None:
        settings = self._box.settings.hub
        idle_s = 30.0 if settings is None else settings.idle_pull_s
        news = [self._round.listen(idle_s)] if self._listens and self._round is not None else []
        await self._pause(idle_s, self._stir, self._called, *news)

    async def _failed(self, error: LinkError) -> None:
        self._failures += 1
        # A hub that cannot read a hello or a pull will not read it in a second either.
        stopped = isinstance(error, StoppedError | RowError)
        self._problem = error.problem
        self._health = Health.DEGRADED if stopped or isinstance(error, StorageError) else Health.UNREACHABLE
        self._tried_at = self._box.clock.now()
        if self._failures == 1:
            log.warning("the hub is not told: %s", error)
        try:
            await self.look()  # an alarm that was noticed before it broke off is shown, too
        except DISK_FAILS:
            self._on_change()  # with the numbers of before
        await self._pause(self._backoff(stopped=stopped), self._called)

    def _backoff(self, *, stopped: bool) -> float:
        """Seconds until the next attempt: doubling, with half of it left to chance."""
        longest = BACKOFF_TO_S if stopped else min(BACKOFF_TO_S, BACKOFF_FROM_S * 2.0 ** min(self._failures, 16))
        return max(BACKOFF_FROM_S, longest * (0.5 + self._jitter() / 2))

    async def _pause(self, seconds: float, *until: asyncio.Event) -> None:
        """Wait, or until one of the events is set."""
        waits = [asyncio.ensure_future(self._sleep(seconds)), *(asyncio.create_task(event.wait()) for event in until)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _progressed(self) -> None:
        """A batch or a page went well."""
        before = (self._hub_name, self._hub_version, self._health, self._problem)
        if self._round is not None:
            self._hub_name = self._round.hub_name or self._hub_name
            self._hub_version = self._round.hub_version or self._hub_version
        self._health, self._problem = Health.CONNECTED, None
        changed = (self._hub_name, self._hub_version, self._health, self._problem) != before
        if changed or self._box.clock.monotonic() - self._looked_at >= LOOK_EVERY_S:
            await self.look()

    def _default_http(self) -> "httpx.AsyncClient":
        import httpx  # noqa: PLC0415 - the station starts without it

        spare_searches()
        settings = self._box.settings.hub
        if settings is None:
            raise RuntimeError("no hub in the settings")
        logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request fills the log with nothing
        return httpx.AsyncClient(
            base_url=settings.url,
            timeout=settings.timeout_s,
            trust_env=trusts_environment(settings.url),
            verify=verification(settings, clock_trusted=self._box.clock.trusted()),
        )
