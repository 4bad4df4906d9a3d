"""One round with the hub: hello when needed, push until nothing is pending, pull until nothing is new."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from kiosk.box import Box
from kiosk.riders import cards
from kiosk.sync import alarms, heads, inbox, outbox
from kiosk.sync.alarms import Alarm
from kiosk.sync.delivery import Delivery
from kiosk.sync.heads import OwnHeads, Verdict
from kiosk.sync.link import Link, RowError, StoppedError, TransientError
from kiosk.sync.listener import Listener
from kiosk.sync.restitution import Restitution
from kiosk.sync.wire import (
    MAX_EVENTS,
    MAX_WAIT_S,
    PROTOCOL,
    CertifyAnswer,
    CertifyRequest,
    Cursor,
    HeadMark,
    HelloAnswer,
    HelloRequest,
    PullAnswer,
    heads_hash,
)
from kiosk.system.clock import TellableClock, from_iso, iso
from kiosk.system.database import Priority

if TYPE_CHECKING:
    from kiosk.sync.client import Database

log = logging.getLogger(__name__)

MOST_PROOFS = 100
"""Lost places named in one hello: one would do."""
KEEP_TOLD_EVERY_S = 300
BELIEVED_YEARS = range(2026, 2200)
"""Of a hub's clock: beyond these it is at fault itself, as one is that has no battery after a boot."""
MOST_HELLOS = 3
"""In one round: a hub that shows another history each time is tried again later."""


class Round:
    """Rounds with one hub over one link.

    Args:
        box: the box.
        database: where work on the tables is done.
        link: to the hub.
        software: the software's version.
        progressed: called after each batch and page that went well.
    """

    def __init__(
        self, box: Box, database: "Database", link: Link, software: str, progressed: Callable[[], Awaitable[None]]
    ) -> None:
        self._box = box
        self._journal = box.journal
        self._database = database
        self._link = link
        self._software = software
        self._progressed = progressed
        self._greeted = False
        self._complete = False
        """Whether everything of the hub was here once since this process started."""
        self._renewed = False
        """Whether a new incarnation was begun in this round; one is enough, whatever the hub says."""
        self._kept_told: datetime | None = None
        self._awaited: Sequence[HeadMark] = ()
        """The newest of the own events that are to come back from the hub with the next pull."""
        self._tried = ""
        """How far what was put aside has been tried again."""
        self._unsettled = True
        """Whether a gap may be in the making: a box starts with one that a power cut left there."""
        self._delivery = Delivery(self._journal, database, link, self._pushed)
        self._listener = Listener(link, box.clock)
        self._reached: Cursor | None = None
        """The cursor after the newest pull."""
        self._restitution = Restitution(self._journal, database, link, progressed)
        self._certifying: str | None = None
        """The issuing key whose certificate was asked for since the newest hello."""
        self.hub_name: str | None = None
        self.hub_version: str | None = None

    async def go(self) -> None:
        """One round.

        Raises:
            LinkError: it ended early; the next one begins with a hello.
        """
        self._renewed = False
        try:
            await self._exchange()
        except BaseException:
            self._greeted = False
            await self._listener.stop()
            raise

    def listen(self, seconds: float) -> asyncio.Event:
        """Have the hub wait for news, if it is not doing that already.

        Args:
            seconds: how long it may.

        Returns:
            What is set when there is something for the next round.
        """
        wait_s = min(MAX_WAIT_S, int(seconds))
        if self._reached is not None and wait_s > 0:
            self._listener.begin(self._reached, self._query(self._reached), wait_s)
        return self._listener.heard

    async def close(self) -> None:
        """No more rounds."""
        await self._listener.stop()

    async def _exchange(self) -> None:
        for _ in range(MOST_HELLOS):
            if not self._greeted:
                await self._hello()
                self._greeted = True
            await self._delivery.deliver()
            if (
                await self._pull()
                and (not await self._restitution.give_back() or await self._pull())
                and (not await self._certify() or await self._pull())
            ):
                return
            self._greeted = False
        raise TransientError("no_answer", "the hub's history changes all the time")

    # Hello.

    async def _hello(self) -> None:
        known = await self._database.run(Priority.SYNC, inbox.known)
        own = await self._database.run(Priority.SYNC, lambda: heads.own_heads(self._journal))
        answer = await self._ask_hello(own, known.cursor, [])
        verdict = await self._database.run(Priority.SYNC, lambda: heads.compare(self._journal, own, answer))
        if verdict.lost:
            log.warning("the hub lost events that it had acknowledged; they are sent again")
            answer = await self._ask_hello(own, known.cursor, verdict.lost[:MOST_PROOFS])
        if known.cursor is not None and known.cursor.epoch != answer.epoch:
            verdict.resend += [(incarnation, 0) for incarnation in await self._forks(own)]
        await self._act_on(verdict)
        self._delivery.hub_takes(answer.pushes)
        self._restitution.begin()
        self._listener.hello()
        self._certifying = None
        if known.cursor is None or known.cursor.epoch != answer.epoch:
            cursor = Cursor(epoch=answer.epoch, position=0)
            await self._database.run(Priority.SYNC, lambda: inbox.keep_cursor(self._journal, cursor))
        await self._database.run(Priority.SYNC, lambda: self._keep_hub(answer, known.hub_version))
        self.hub_name, self.hub_version = answer.hub_name, answer.hub_version
        await self._progressed()

    async def _forks(self, own: OwnHeads) -> list[str]:
        """Own incarnations with two branches, of which a restored hub may hold but one, whatever its head says."""
        found: list[str] = []
        for portion in heads.portions([*own.open, *own.rest]):
            found += await self._database.run(Priority.SYNC, partial(heads.forked_among, self._journal, portion))
        return found

    def _keep_hub(self, answer: HelloAnswer, version_before: str | None) -> None:
        """On the database thread."""
        with self._journal.store.atomic():
            if version_before not in (None, answer.hub_version[:80]) and outbox.retry_refused(self._journal):
                log.info("the hub is version %s now; what it had refused is sent once more", answer.hub_version[:80])
            inbox.keep_hub(self._journal, answer.hub_name, answer.hub_version)
            alarms.note_hub_gap(self._journal, _moment(answer.gap_since))

    async def _ask_hello(self, own: OwnHeads, cursor: Cursor | None, lost: list[HeadMark]) -> HelloAnswer:
        request = HelloRequest(
            protocol=PROTOCOL,
            origin=self._journal.origin,
            software=self._software,
            heads=own.open,
            rest=heads_hash(own.rest),
            cursor=cursor,
            lost=lost,
        )
        rest: list[HeadMark] = []
        while True:
            answer = await self._greet(request)
            if answer.rest is None or not isinstance(answer.rest_upto, str):
                break
            rest += answer.rest
            if isinstance(request.rest_behind, str) and answer.rest_upto <= request.rest_behind:
                raise TransientError("no_answer", "the hub's list of incarnations does not go forward")
            request = msgspec.structs.replace(request, rest_behind=answer.rest_upto)
        return answer if answer.rest is None else msgspec.structs.replace(answer, rest=rest + answer.rest)

    async def _greet(self, request: HelloRequest) -> HelloAnswer:
        before = self._box.clock.monotonic()
        answer = await self._link.post("/v1/hello", msgspec.json.encode(request), HelloAnswer)
        self._tell_clock(answer.time, self._box.clock.monotonic() - before)
        return answer

    def _tell_clock(self, time: str, round_trip_s: float) -> None:
        clock = self._box.clock
        try:
            told = from_iso(time)
        except ValueError:
            return
        if told.tzinfo is not None and told.year in BELIEVED_YEARS and isinstance(clock, TellableClock):
            clock.tell(told + timedelta(seconds=max(0.0, round_trip_s) / 2))

    async def _act_on(self, verdict: Verdict) -> None:
        if verdict.recovering:
            self._awaited = verdict.awaited
            log.warning("the hub holds own events that are not here; they come back with the next pull")
        if verdict.forked:
            await self._fork(verdict.forked)
        for incarnation, held in verdict.resend:
            behind: int | None = held
            while behind is not None:
                behind = await self._send_again(incarnation, behind)

    async def _send_again(self, incarnation: str, behind: int) -> int | None:
        return await self._database.run(Priority.SYNC, lambda: outbox.send_again(self._journal, incarnation, behind))

    async def _fork(self, incarnations: Sequence[str]) -> None:
        """Somebody else continued one of our chains: both are kept, and ours goes on in a chain of its own."""
        new = await self._database.run(Priority.SYNC, lambda: alarms.note(self._journal, Alarm.FORKED))
        log.error("another box has continued a chain of this one: its disk was copied, or it was restored")
        if self._journal.incarnation in incarnations and not self._renewed:
            self._renewed = new = True
            await self._database.run(Priority.SYNC, lambda: self._journal.begin_incarnation(self._software))
        if new:
            # The other branch may stand before the cursor: of the current incarnation nothing was asked for.
            await self._database.run(Priority.SYNC, lambda: inbox.pull_anew(self._journal))
            self._complete = False

    async def _pushed(self, forked: Sequence[str]) -> None:
        if forked:
            await self._fork(forked)
        await self._progressed()

    # The issuing key.

    async def _certify(self) -> bool:
        """Have a new issuing key certified; whether something is to be pulled for it.

        A hub that will not costs nothing but the certificate: cards are signed all the same, and it is asked again
        after the next hello.
        """
        key = await self._database.run(Priority.SYNC, self._uncertified)
        if key is None or key == self._certifying:
            return False
        self._certifying = key
        own = self._box.keys.issuing
        request = CertifyRequest(origin=self._journal.origin, key_id=own.key_id, public_key=own.public_key.hex())
        try:
            await self._link.post("/v1/certify", msgspec.json.encode(request), CertifyAnswer)
        except (RowError, StoppedError) as error:
            log.warning("the hub does not certify this station's issuing key: %s", error)
            return False
        return True

    def _uncertified(self) -> str | None:
        """The id of this box's issuing key when the hub has not certified it; on the database thread.

        A key that the hub called back is replaced by a new one first.
        """
        keys = self._box.keys
        with self._journal.store.use():
            if cards.is_called_back(keys.issuing.key_id):
                log.warning("the hub called the issuing key %s back; a new one takes its place", keys.issuing.key_id)
                keys.rotate_issuing()
            return keys.issuing.key_id if cards.needs_certificate(self._box) else None

    # Pull.

    async def _pull(self) -> bool:
        """Receive everything; False when the hub's history is not the one that the cursor counts in."""
        cursor = (await self._database.run(Priority.SYNC, inbox.known)).cursor or Cursor(epoch="", position=0)
        before, more = cursor.position, True
        while more:
            page = self._listener.take(cursor) or await self._link.get("/v1/pull", self._query(cursor), PullAnswer)
            if page.epoch != cursor.epoch:
                log.warning("the hub has begun a new epoch; everything is pulled anew")
                return False
            if page.next < cursor.position or (page.more and page.next == cursor.position):
                raise TransientError("no_answer", "the hub's pages do not go forward")
            cursor = await self._take(page, cursor)
            more = page.more
            if page.events:
                await self._progressed()
        self._complete, self._reached = True, cursor
        self._tried = await self._database.run(Priority.SYNC, lambda: inbox.try_again(self._journal, self._tried))
        if self._awaited:
            await self._database.run(Priority.SYNC, lambda: heads.note_away(self._journal, self._awaited))
            self._awaited = ()
        if self._unsettled:
            await self._database.run(Priority.SYNC, lambda: alarms.settle(self._journal))
            self._unsettled = False
        await self._keep_told(self._box.clock.now(), anew=cursor.position != before)
        return True

    def _query(self, cursor: Cursor) -> dict[str, str]:
        # Own events of other incarnations come too: so a restored box gets back what it had sent, and a box whose disk
        # was copied hears of its double.
        return {
            "cursor": str(cursor.position),
            "epoch": cursor.epoch,
            "digest": cursor.digest,
            "at": cursor.at,
            "limit": str(MAX_EVENTS),
            "without": self._journal.incarnation,
        }

    async def _take(self, page: PullAnswer, cursor: Cursor) -> Cursor:
        left = page.events
        of_hub: list[str] = []
        seen: list[str] = []
        while left:
            complete = self._complete and not self._awaited
            take = partial(inbox.take, self._journal, left, complete=complete)
            taken = await self._database.run(Priority.SYNC, take)
            left = left[taken.count :]
            of_hub += taken.of_hub
            seen += taken.seen
            self._unsettled |= taken.own_came and not complete
            if taken.cloned:
                log.error("another box writes with this one's identity: its disk was copied")
        reached = Cursor(epoch=page.epoch, position=page.next, digest=page.digest, at=page.time[:64])
        if (reached.position, reached.digest) != (cursor.position, cursor.digest):
            await self._database.run(Priority.SYNC, lambda: inbox.keep_cursor(self._journal, reached, of_hub, seen))
        return reached

    async def _keep_told(self, at: datetime, *, anew: bool) -> None:
        """Note the success for after a restart, but not with a write to the card for each idle pull."""
        if anew or self._kept_told is None or (at - self._kept_told).total_seconds() >= KEEP_TOLD_EVERY_S:
            self._kept_told = at
            await self._database.run(Priority.SYNC, lambda: inbox.keep_told(self._journal, at))


def _moment(text: str | None) -> str | None:
    """A moment as the hub told it, when it is one."""
    try:
        return None if text is None else iso(from_iso(text))
    except (ValueError, OverflowError):
        return None
