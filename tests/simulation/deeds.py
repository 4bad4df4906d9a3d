"""What happens in a run, good and bad: each a small function on the world."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from kiosk import points
from kiosk.board import NoticePublished
from kiosk.checkin import refuse
from kiosk.hub.exchange import OLDEST_PROTOCOL
from kiosk.journal import PersonalRecord, PersonErased
from kiosk.riders import CardRevoked, RiderStatus, RiderStatusSet
from kiosk.riders.kinds import RiderEnrolled
from kiosk.sync.told import PENDING
from kiosk.sync.wire import PROTOCOL
from kiosk.views import ScanRefusal
from models.journal import EventRow, JournalState, RecordRow
from tests.simulation.station import Station
from tests.simulation.versions import KINDS, FutureNoted, Version

if TYPE_CHECKING:
    from tests.simulation.world import World

Deed = Callable[["World"], Awaitable[None]]

RIDERS = ("r1", "r2", "r3")
DAYS = tuple(date(2026, 11, day) for day in (22, 23, 24))
TEN_YEARS = timedelta(days=3653)


class _Name(msgspec.Struct):
    name: str


# What a station records.


def award(world: "World", station: Station) -> None:
    """Points for an act; another station may give them for the same one."""
    rule = world.random.choice(list(points.Rule))
    rider, day = world.random.choice(RIDERS), world.random.choice(DAYS)
    points.award(station.box, rider=rider, rule=rule, day=day, actor="cli")


def reverse(world: "World", station: Station) -> None:
    """Points taken back, if there are any."""
    rule = world.random.choice(list(points.Rule))
    for rider in RIDERS:
        for day in DAYS:
            if points.withdraw(station.box, rider=rider, rule=rule, day=day, actor="cli"):
                return


def lose_card(world: "World", station: Station) -> None:
    """A card is revoked."""
    card = world.random.randbytes(8).hex()
    station.journal.record(CardRevoked(reason="lost"), subject=f"card:{card}", actor="cli")


def scan(_: "World", station: Station) -> None:
    """A scan that is refused: for the hub alone."""
    refuse(station.box, ScanRefusal.UNKNOWN)


def come(world: "World", station: Station) -> None:
    """A rider is enrolled, with a personal record."""
    rider = world.random.randbytes(8).hex()
    record = PersonalRecord.make(_Name(name="王小强"))
    body = RiderEnrolled(number=world.random.randrange(1, 999), vanguard=False, person_ref=record.ref)
    station.journal.record(body, subject=f"rider:{rider}", actor="cli", record=record)


def erase(_: "World", station: Station) -> None:
    """A person whose record is here is erased everywhere."""
    row = RecordRow.select().order_by(RecordRow.event).first()
    if row is not None:
        station.journal.record(PersonErased(events=[row.event]), subject=f"person:{row.event}", actor="cli")


def future(world: "World", station: Station) -> None:
    """What a newer version records."""
    body = FutureNoted(text="愛", more={"x": world.random.randrange(99)})
    station.journal.record(body, subject=f"future:{world.random.randrange(9)}", actor="cli")


def recordable(station: Station) -> tuple[Callable[["World", Station], None], ...]:
    """What this version of the software can record."""
    always = (lose_card, scan, come, erase)
    match station.version:
        case Version.OLD:
            return always
        case Version.NEW:
            return (*always, future, award, award, reverse)
    return (*always, award, award, award, reverse)


# What happens.


async def record(world: "World") -> None:
    """A few things are recorded."""
    station = world.somebody()
    for _ in range(world.random.randrange(1, 6)):
        world.record(station, world.random.choice(recordable(station)))


async def backlog(world: "World") -> None:
    """Nothing passes for a long while, and much is recorded."""
    if world.backlogs == 0 or world.random.random() < 0.7:
        return  # it costs a run some seconds
    world.backlogs -= 1
    station = world.somebody()
    station.network.cut = True
    for _ in range(world.random.randrange(100, 700)):
        if not world.record(station, lose_card):
            break
    await world.wait(world.random.uniform(60, 600))
    station.network.cut = False


async def hub_acts(world: "World") -> None:
    """People at the hub do something."""
    number = world.random.randrange(10**6)
    match world.random.randrange(4):
        case 0:
            body = NoticePublished(title="封路", text="x", published=DAYS[0])
            world.hub_records(body, f"notice:{number}")
        case 1:
            world.hub_records(CardRevoked(reason="stolen"), f"card:hub{number}")
        case 2:
            world.hub_records(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{world.random.choice(RIDERS)}")
        case _:
            records = sorted(world.hub.records())
            if records:
                world.hub_records(PersonErased(events=[records[0]]), f"person:{records[0]}")


async def fold(world: "World") -> None:
    """The hub goes on with its tables for people."""
    world.hub_folds(world.random.randrange(1, 4))


async def weather(world: "World") -> None:
    """The network gets better or worse."""
    station = world.somebody()
    station.network.trouble = world.random.choice((0.0, 0.1, 0.4, 0.9))
    station.network.cut = world.random.random() < 0.1
    world.note(f"{station.name}: trouble {station.network.trouble}, cut {station.network.cut}")


async def kill_station(world: "World") -> None:
    """A box goes off at some statement from now."""
    station = world.somebody()
    statement, after = world.random.randrange(1, 60), world.random.random() < 0.5
    world.note(f"{station.name}: to be killed {'after' if after else 'before'} statement {statement}")
    station.disk.arm(statement, after=after)
    await record(world)


async def kill_hub(world: "World") -> None:
    """The hub goes off at some statement from now."""
    statement, after = world.random.randrange(1, 40), world.random.random() < 0.5
    world.note(f"hub: to be killed {'after' if after else 'before'} statement {statement}")
    world.hub.arm(statement, after=after)


async def back_up_station(world: "World") -> None:
    """A box's database is copied away."""
    station = world.somebody()
    station.back_up(world.folder / f"{station.name}.bak")
    world.note(f"{station.name}: backed up")


async def restore_station(world: "World") -> None:
    """A box goes on from its backup."""
    station = world.somebody()
    if station.backup is not None:
        by_command = world.random.random() < 0.5
        world.note(f"{station.name}: restored {'by command' if by_command else 'as a file'}")
        await world.restore_station(station, by_command=by_command)


async def back_up_hub(world: "World") -> None:
    """The hub's database is copied away."""
    world.hub.disarm()
    world.hub.back_up(world.folder / "hub.bak")
    world.note("hub: backed up")


async def restore_hub(world: "World") -> None:
    """The hub goes on from its backup."""
    if world.hub.backup is not None:
        world.note("hub: restored")
        world.restore_hub()


async def clone(world: "World") -> None:
    """A disk is copied, and both boxes run."""
    if len(world.stations) < 4:
        station = world.somebody()
        world.note(f"{station.name}: its disk is copied")
        world.copy_disk(station)


async def leave_behind(world: "World") -> None:
    """The hub speaks only later versions of the protocol for a while, or this one again."""
    left = world.hub.oldest_protocol == OLDEST_PROTOCOL
    world.hub.oldest_protocol = PROTOCOL + 1 if left else OLDEST_PROTOCOL
    world.note(f"hub: speaks the protocol from version {world.hub.oldest_protocol}")


async def wrong_clock(world: "World") -> None:
    """A box boots ten years off."""
    station = world.somebody()
    station.clock_was_wrong = True
    station.clock.go_wrong(world.random.choice((TEN_YEARS, -TEN_YEARS)))
    world.note(f"{station.name}: boots on {station.clock.now().date()}")
    await station.restart()


async def revoke(world: "World") -> None:
    """The hub refuses a station."""
    station = world.somebody()
    world.note(f"{station.name}: revoked")
    world.hub.disarm()
    world.hub_revokes(station)


async def enrol_again(world: "World") -> None:
    """A station is enrolled again, whether it was refused or not."""
    station = world.somebody()
    world.note(f"{station.name}: enrolled again")
    world.enrol(station)


async def damage(world: "World") -> None:
    """The disk damages events that were not sent: the first, one in the middle, the last, or all."""
    station = world.somebody()
    station.network.cut = True
    for _ in range(3):
        world.record(station, scan)
    if not station.ended:
        where = world.random.choice(("head", "middle", "all"))
        garbage = world.random.choice((b"\xff\x00", b"", b"{}", b'{"id":7}'))
        hit = world.damage(station, where, garbage)
        world.note(f"{station.name}: {where} of the pending scans damaged, {len(hit)} events")
    station.network.cut = False


def pending_scans(station: Station) -> list[str]:
    """Ids of the refused scans of this box that the hub has not acknowledged."""
    mine = (EventRow.origin == station.box.origin) & (EventRow.kind == "scan.refused")
    rows = EventRow.select(EventRow.id).where(mine & (PENDING)).order_by(EventRow.arrival)
    return [row.id for row in rows]


def spoil(events: list[str], garbage: bytes) -> None:
    """Other bytes stand on the disk in place of these events."""
    for event in events:
        EventRow.update(envelope=garbage + event.encode()).where(EventRow.id == event).execute()


async def refuse_event(world: "World") -> None:
    """The hub, or something before it, answers 422 to every push with one event in it."""
    station = world.somebody()
    waiting = world.plainly(station, pending)
    if waiting:
        event = world.random.choice((waiting[0], waiting[len(waiting) // 2], waiting[-1]))
        world.note(f"{station.name}: {event} is refused with 422")
        station.network.refused.add(event)


def _kinds_to_send() -> set[str]:
    own = EventRow.select(EventRow.kind).where(EventRow.origin == JournalState.get().origin)
    return {row.kind for row in own.distinct()}


def pending() -> list[str]:
    """Ids of the events that the hub has not acknowledged, in their order."""
    rows = EventRow.select(EventRow.id).where(PENDING).order_by(EventRow.arrival)
    return [row.id for row in rows]


async def change_version(world: "World") -> None:
    """A box is upgraded, or set back; not with events to send that the older version does not know.

    Those could not say whom they are for, and an old hub would keep them to itself (docs/sync-protocol.md, "Limits").
    """
    station = world.somebody()
    version = world.random.choice(list(Version))
    known = KINDS[version]().names()
    if world.plainly(station, _kinds_to_send) - known:
        return
    station.version = version
    world.note(f"{station.name}: version {station.version}")
    await station.restart()


async def change_hub(world: "World") -> None:
    """The hub is upgraded, or set back."""
    world.hub_version(world.random.choice(list(Version)))


async def wait(world: "World") -> None:
    """Time passes."""
    await world.wait(world.random.choice((1, 5, 31, 300)))


DEEDS: tuple[tuple[Deed, int], ...] = (
    (record, 30),
    (wait, 30),
    (hub_acts, 8),
    (fold, 6),
    (weather, 10),
    (kill_station, 6),
    (kill_hub, 4),
    (back_up_station, 4),
    (restore_station, 4),
    (back_up_hub, 3),
    (restore_hub, 3),
    (clone, 1),
    (wrong_clock, 2),
    (revoke, 2),
    (enrol_again, 2),
    (damage, 2),
    (refuse_event, 2),
    (change_version, 3),
    (change_hub, 2),
    (leave_behind, 1),
    (backlog, 1),
)
"""With how often each happens."""
