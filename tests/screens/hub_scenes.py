"""Scenes of the board's hub page: how it stands with the hub, and what was tapped."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from msgspec.structs import replace
from textual.pilot import Pilot

from kiosk.views import Health, QuarantinedView
from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.scenes import settle

EVENT: Final = (
    '{"id":"0193f2c4-7a10-7cc1-9d3e-5b1f0a6e2c77","origin":"5f0c9a3be1d24c6f8e7a1b2c3d4e5f60","incarnation":'
    '"a1b2c3d4e5f60718","seq":4211,"lamport":90817,"at":"2026-11-24T03:56:10.123Z","boot":"6f1d","monotonic_ms":'
    '81234567,"trusted":true,"kind":"checkin.recorded","version":1,"subject":"visit:00112233445566aa/2026-11-24",'
    '"actor":"rider:00112233445566aa","body":{"card":"99887766554433aa","day":"2026-11-24","rider":"00112233445566aa",'
    '"rule_version":3,"verified":true}}'
)


def quarantined(station: FakeStation, count: int = 23) -> tuple[QuarantinedView, ...]:
    """As many as there are, of every sort."""
    now = station.clock.now()
    some = (
        (True, "the digest does not continue the chain", EVENT.encode(), "checkin.recorded"),
        (False, "points.reviewed: Expected `int`, got `str` - at `$.points`", EVENT.encode(), "points.reviewed"),
        (True, "its bytes are damaged on this disk: no UTF-8", b"\xff\x1b[2J" + EVENT.encode() * 3, None),
        (False, "", b"[red]\x00[/red]", None),
    )
    return tuple(
        QuarantinedView(own, reason, raw, now - timedelta(minutes=19 * n), key=f"key-{n}", kind=kind)
        for n in range(count)
        for own, reason, raw, kind in [some[n % len(some)]]
    )


def well(station: FakeStation) -> None:
    """Nothing to do."""


def backlog(station: FakeStation) -> None:
    """A long queue drains."""
    station.sync = replace(station.sync, pending=12_000, oldest_s=9 * 86_400.0, backlog=20_000)


def waiting(station: FakeStation) -> None:
    """The hub has been silent for two hours."""
    last = station.clock.now() - timedelta(hours=2)
    station.sync = replace(
        station.sync,
        health=Health.UNREACHABLE,
        problem="no_answer",
        pending=14,
        oldest_s=7100.0,
        last_success=last,
        tried_at=station.clock.now() - timedelta(seconds=20),
    )


def revoked(station: FakeStation) -> None:
    """The hub cancelled the key."""
    waiting(station)
    station.sync = replace(station.sync, health=Health.DEGRADED, problem="revoked")


def old(station: FakeStation) -> None:
    """The software is too old."""
    waiting(station)
    station.sync = replace(station.sync, health=Health.DEGRADED, problem="too_old")


def unsafe(station: FakeStation) -> None:
    """Another CA, and a clock that nobody confirmed."""
    waiting(station)
    station.sync = replace(station.sync, problem="untrusted", clock_trusted=False)


def alone(station: FakeStation) -> None:
    """Not enrolled."""
    station.sync = replace(
        station.sync,
        enrolled=False,
        pending=310,
        oldest_s=86_400.0 * 4,
        last_success=None,
        hub_name=None,
        hub_version=None,
        health=Health.UNKNOWN,
    )


def alarmed(station: FakeStation) -> None:
    """Cloned, with a gap."""
    station.sync = replace(station.sync, alarms=("cloned", "gap"), gap_since=station.clock.now() - timedelta(days=4))


def everything(station: FakeStation) -> None:
    """All that can stand at once."""
    backlog(station)
    then = station.clock.now() - timedelta(days=4)
    station.sync = replace(
        station.sync,
        alarms=("cloned", "forked", "gap", "hub_gap"),
        gap_since=then,
        hub_gap_since=then,
        clock_trusted=False,
        quarantined=3000,
    )


def refused(station: FakeStation) -> None:
    """What the hub did not take."""
    station.quarantined_views = quarantined(station)
    station.sync = replace(station.sync, quarantined=len(station.quarantined_views))


SCENES: Final[Mapping[str, tuple[Callable[[FakeStation], None], tuple[str, ...]]]] = {
    "hub-well": (well, ()),
    "hub-backlog": (backlog, ()),
    "hub-waiting": (waiting, ()),
    "hub-revoked": (revoked, ()),
    "hub-old": (old, ()),
    "hub-unsafe": (unsafe, ()),
    "hub-alone": (alone, ()),
    "hub-alarmed": (alarmed, ()),
    "hub-everything": (everything, ()),
    "hub-alarms": (alarmed, ("#hub-to-alarms",)),
    "hub-all-alarms": (everything, ("#hub-to-alarms",)),
    "hub-seen": (alarmed, ("#hub-to-alarms", "#alarms-right")),
    "hub-refused": (refused, ("#hub-to-refused",)),
    "hub-text": (refused, ("#hub-to-refused", "#refused-0")),
    "hub-bytes": (refused, ("#hub-to-refused", "#refused-2")),
}
"""How it stands, and what is tapped."""


async def show(scene: str, app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Prepare the station, open the hub's page, tap what the scene needs, and wait for the answers."""
    prepare, taps = SCENES[scene]
    prepare(station)
    await pilot.pause()
    app.open_staff()
    await settle(app, pilot)
    for tap in ("#tab-hub", *taps):
        await pilot.click(tap)
        await settle(app, pilot)
    if prepare is backlog:
        await drain(app, station, pilot)


async def drain(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Half a minute passes, and the queue with it."""
    clock = station.clock
    assert isinstance(clock, VirtualClock)
    for _ in range(6):
        clock.advance(5)
        station.sync = replace(station.sync, pending=station.sync.pending - 250)
        app.tick()
    await settle(app, pilot)
