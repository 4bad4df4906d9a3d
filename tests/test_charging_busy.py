"""Nothing that keeps the database busy ends a lease: `verify`, backups and thousands of received events."""

import itertools
import threading
import time
from pathlib import Path

import pytest

from kiosk.hub import stations
from kiosk.riders import CardRevoked
from tests.helpers.hub import Hub, Syncing, enrolled_box
from tests.helpers.plant import POLL_S, Plant
from tests.test_end_to_end import free_port

pytestmark = pytest.mark.real_time

LEASE_S = 3.0
EVENTS = 5_000
WITHIN_S = 120.0


async def hub_with_events(folder: Path, count: int) -> str:
    """Fill a hub's database with another station's events; a one-time code for LX01."""
    hub = Hub(folder)
    try:
        neighbour = enrolled_box(folder, hub, "LX02", on_disk=True)
        journal = neighbour.journal
        with journal.transaction():
            for number in range(count):
                journal.record(CardRevoked(reason="lost"), subject=f"card:{number:016x}", actor="cli")
        async with Syncing(neighbour, hub).running() as syncing:
            assert syncing.client.status().pending == 0
        return stations.add(hub.store, "LX01", "luxi")
    finally:
        hub.store.close()


class Watch:
    """Looks at the sockets all the time."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self.looks = 0
        self.least_left_s = LEASE_S
        self.dark: list[str] = []

    def look(self) -> None:
        """Note which sockets have no voltage, and how near to its end the shortest lease is."""
        self.looks += 1
        for outlet in self._plant.outlets():
            if not outlet["live"]:
                self.dark.append(outlet["name"])
            self.least_left_s = min(self.least_left_s, outlet["left_s"] or 0.0)


def received(plant: Plant) -> int:
    """How many of the other station's events are here."""
    ((count,),) = plant.rows("SELECT count(*) FROM event WHERE kind = 'card.revoked'")
    return int(count)


async def test_verify_backups_and_a_long_receive_end_no_lease_of_eight(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await hub_with_events(tmp_path, EVENTS)
    listen = f"127.0.0.1:{free_port()}"
    hub = ("hub", "--database", f"sqlite:///{tmp_path / 'hub.db'}", "--listen", listen)
    plant = Plant(tmp_path / "station", hub_url=f"http://{listen}", lease_s=LEASE_S)
    with plant.serving(*hub):
        plant.make()
        plant.run("init", "--code", code)
    with plant.rig():
        process = plant.start()
        try:
            plant.wait_for_slots(process, ["available"])
            plant.everybody_charges()
            watch = Watch(plant)
            begun = time.monotonic()
            with plant.serving(*hub):
                backups = _keep_busy(plant, watch)
            took_s = time.monotonic() - begun
            assert watch.dark == []
            assert plant.rows("SELECT count(*), sum(stop_reason IS NULL), sum(resumed) FROM charging_session") == [
                (8, 8, 0)
            ]
        finally:
            process.terminate()
            assert process.wait(30) == 0
    with capsys.disabled():
        print(
            f"\n{EVENTS} events received, {backups} rounds of verify and backup in {took_s:.1f} s beside 8 leases of"
            f" {LEASE_S:g} s: the shortest still had {watch.least_left_s:.2f} s ({watch.looks} looks)"
        )


def _keep_busy(plant: Plant, watch: Watch) -> int:
    """Verify and back up again and again until all events are here; how often, at least twice each."""
    failures: list[BaseException] = []
    rounds, enough = 0, threading.Event()

    def work() -> None:
        nonlocal rounds
        try:
            for number in itertools.count():
                assert "all is whole" in plant.run("verify")
                plant.run("backup", str(plant.folder / f"backup-{number}.db"))
                rounds = number + 1
                if enough.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            failures.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    end = time.monotonic() + WITHIN_S
    try:
        while worker.is_alive():
            watch.look()
            if rounds and watch.looks % 10 == 0 and received(plant) == EVENTS:
                enough.set()
            assert time.monotonic() < end, (rounds, received(plant))
            time.sleep(POLL_S)
    finally:
        enough.set()  # or it would go on for ever after a failure
        worker.join()
    assert failures == []
    return rounds
