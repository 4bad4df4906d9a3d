"""What one station's rules and pages take, in a process of its own.

Started as `python -m tests.benchmarks.big.inside SETTINGS FILLED`. Prints one JSON object: milliseconds by name. Each
is one job of the database thread, as the running station has them.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from kiosk import audit, checkin, login, parcels, reading, volunteers
from kiosk.box import Box
from kiosk.charging import history, plugs, recovery, service
from kiosk.folder import DataFolder, open_box
from kiosk.overview import read_points, read_today
from kiosk.privacy import retention
from kiosk.privacy.stored import stored
from kiosk.reading import catalogue, copies, holds
from kiosk.reading.history import past_loans
from kiosk.reading.pad import digits_of
from kiosk.reading.stocktaking import Closing, Look
from kiosk.reading.stocktaking import begin as begin_counting
from kiosk.settings import load_settings
from kiosk.status import live_status
from kiosk.sync import heads, outbox
from kiosk.system.clock import SystemClock
from models.base import Store
from tests.benchmarks.big.fill import Filled
from tests.benchmarks.big.people import PIN
from tests.benchmarks.processes import rss_mb
from tests.helpers import stocktaking

PER_PAGE: Final = 5
TOUCHES: Final = 6
"""Keys of one search; by then hardly anything is left to choose from."""
LOGINS: Final = 10
"""Of as many riders: the keypad's look-up takes 0.1 s each on purpose."""
MARKED: Final = 100
"""Steps of marking copies as missing."""
STAYS: Final = 5
"""How often a page is asked for that nobody waits for at a counter."""

PASSES: Final = 3
"""How often everything that changes nothing is asked, with all the rest between one time and the next.

The quickest of them is set against the small station's: what a busy machine adds is not the size of the database. The
slowest hundredth is of all.
"""
QUICKEST: Final = " quickest"
"""Behind the names of the quickest."""

Times = dict[str, list[float]]
"""Milliseconds by name."""


class Watch:
    """Times what is done, by name."""

    def __init__(self) -> None:
        self.times: Times = {}
        self._quickest: dict[str, dict[object, float]] = {}

    def time(self, name: str, work: Callable[[], object], which: object = None) -> None:
        """Do it, and note how long it took; `which` tells one question from another of the same name."""
        began = time.perf_counter()
        work()
        took = 1000 * (time.perf_counter() - began)
        self.times.setdefault(name, []).append(took)
        if which is not None:
            known = self._quickest.setdefault(f"{name}{QUICKEST}", {})
            known[which] = min(took, known.get(which, took))

    def all(self) -> Times:
        """Everything, and the quickest of what was asked several times."""
        return self.times | {name: list(known.values()) for name, known in self._quickest.items()}


def measure(settings_file: Path, filled: Filled) -> Times:
    """Everything, on a station's own database. What it records stays there."""
    settings = load_settings(settings_file)
    store = Store(DataFolder.of(settings).database)
    watch = Watch()
    with store.use():
        clock = SystemClock()
        clock.trust()  # as at a station whose kernel says so
        opened: list[Box] = []
        watch.time("open_journal", lambda: opened.append(open_box(settings, store, clock)))
        box = opened[0]
        for part in (_boot, _counter, _logins, *(_lookups, _searches) * PASSES, _pages, _jobs):
            part(box, filled, watch)
    store.close()
    watch.times["memory_mb"] = [rss_mb(os.getpid())]
    return watch.all()


def _boot(box: Box, _filled: Filled, watch: Watch) -> None:
    """What a start does before it serves."""
    watch.time("boot_holds", lambda: recovery.settle_holds(box))
    watch.time("boot_sessions", lambda: recovery.open_sessions(box))
    watch.time("boot_plugs", lambda: plugs.left_in(box))
    watch.time("boot_idle_screen", lambda: read_today(box))


def _counter(box: Box, filled: Filled, watch: Watch) -> None:
    for rider in filled.known:
        watch.time("check_in", partial(checkin.present_card, box, rider.card))
    for rider in filled.known:
        watch.time("card", partial(checkin.present_card, box, rider.card))


def _logins(box: Box, filled: Filled, watch: Watch) -> None:
    for rider in filled.known[:LOGINS]:
        watch.time("phone_and_pin", partial(_login, box, rider.phone, watch))


def _lookups(box: Box, filled: Filled, watch: Watch) -> None:
    for rider in filled.known:
        watch.time("points", partial(read_points, box, rider.id, None), rider.id)
        watch.time("loans", partial(reading.loans, box, rider.id), rider.id)
        watch.time("past_loans", partial(past_loans, box, rider.id, 0, PER_PAGE), rider.id)
        watch.time("past_sessions", partial(history.sessions, box, rider.id, 0, PER_PAGE), rider.id)
    for rider_id in filled.regulars[: len(filled.known)]:
        watch.time("regular_points", partial(read_points, box, rider_id, None))
        watch.time("regular_loans", partial(reading.loans, box, rider_id))
        watch.time("regular_past_loans", partial(past_loans, box, rider_id, 0, PER_PAGE))
        watch.time("regular_past_sessions", partial(history.sessions, box, rider_id, 0, PER_PAGE))
    for isbn in filled.isbns:
        watch.time("isbn", partial(catalogue.find_isbn, box, isbn), isbn)


def _login(box: Box, phone: str, watch: Watch) -> None:
    lookups = login.lookups_of(box.keys, phone)
    began = time.perf_counter()
    attempt = login.begin(box, lookups)
    tables = time.perf_counter() - began
    if not isinstance(attempt, login.Attempt):
        raise TypeError(f"{phone} is locked out")
    rider = login.try_pin(attempt, PIN)
    began = time.perf_counter()
    login.admit(box, attempt, rider)
    watch.times.setdefault("phone_and_pin_tables", []).append(1000 * (tables + time.perf_counter() - began))


def _searches(box: Box, filled: Filled, watch: Watch) -> None:
    for key in filled.keys:
        for name, typed in _touches(key):
            watch.time(name, partial(catalogue.search, box, typed, 0, PER_PAGE), typed)
    for shelf in filled.shelves:
        typed = digits_of("".join(letter for letter in shelf.lower() if letter.isalnum()))
        watch.time("search_shelf_mark", partial(catalogue.search, box, typed, 0, PER_PAGE), typed)
    for isbn in filled.isbns:
        watch.time("search_isbn", partial(catalogue.search, box, isbn, 0, PER_PAGE), isbn)


def _touches(key: str) -> Iterator[tuple[str, str]]:
    """What has been typed after each touch."""
    typed = digits_of(key)
    for count in range(1, min(TOUCHES, len(typed)) + 1):
        yield f"search_touch_{count}", typed[:count]


def _pages(box: Box, filled: Filled, watch: Watch) -> None:
    pages: dict[str, Callable[[], object]] = {
        "page_catalogue": lambda: catalogue.titles(box, 0, PER_PAGE),
        "page_catalogue_last": lambda: catalogue.titles(box, catalogue.titles(box, 0, PER_PAGE)[1] - 1, PER_PAGE),
        "page_shelves": lambda: catalogue.shelves(box),
        "page_acts": lambda: audit.acts(box, 0, PER_PAGE),
        "page_acts_of_today": lambda: audit.acts(box, 0, PER_PAGE, box.today),
        "page_acts_later": lambda: audit.acts(box, 1000, PER_PAGE),
        "page_checkins": lambda: checkin.checkins(box, 0, PER_PAGE),
        "page_volunteers": lambda: volunteers.listing(box),
        "page_board": lambda: service.day(box),
        "page_in_transit": lambda: copies.in_transit(box, 0, PER_PAGE),
        "page_out_of_order": lambda: copies.out_of_order(box, 0, PER_PAGE),
        "page_pick_up_shelf": lambda: holds.pick_up_shelf(box),
        "page_parcels": lambda: parcels.open_parcels(box, 0, PER_PAGE),
        "page_stored_of_a_regular": lambda: stored(box, filled.regulars[0]) if filled.regulars else None,
        "page_stocktake_of_a_shelf": lambda: _stocktake(box, filled.shelves[0]),
        "add_copy": lambda: catalogue.add_scanned(box, filled.isbns[0], shelf="A1", actor="cli"),
    }
    for name, page in pages.items():
        for _ in range(STAYS):
            watch.time(name, page)
    _stocktake_of_all(box, watch)
    _marking(box, watch)


def _stocktake(box: Box, shelf: str) -> None:
    stocktaking.begin(box, shelf, "cli")
    stocktaking.close(box, "cli", mark_missing=False)


def _stocktake_of_all(box: Box, watch: Watch) -> None:
    """Every step of counting all copies, and of giving it up: each is one job of the database thread."""
    begin_counting(box, "", "cli")
    looking = Look(box)
    closing = Closing(box, "cli", mark_missing=False)
    for step in (looking.step, closing.step):
        began = time.perf_counter()
        ended: list[bool] = [False]
        while not ended[-1]:
            watch.time("job_stocktake_step", partial(_noted, step, ended))
        watch.times.setdefault("stocktake_of_all", []).append(1000 * (time.perf_counter() - began))


def _marking(box: Box, watch: Watch) -> None:
    """Steps in which copies are recorded as missing: the first ones of marking everything, which takes minutes."""
    begin_counting(box, "", "cli")
    marking = Closing(box, "cli", mark_missing=True)
    for _ in range(MARKED):
        watch.time("job_marking_step", marking.step)
    giving_up = Closing(box, "cli", mark_missing=False)
    while not giving_up.step():
        pass


def _noted(step: Callable[[], bool], ended: list[bool]) -> None:
    ended.append(step())


def _jobs(box: Box, _filled: Filled, watch: Watch) -> None:
    """What the station does by itself."""
    jobs: dict[str, Callable[[], object]] = {
        "job_idle_screen": lambda: read_today(box),
        "job_shifts": lambda: volunteers.end_forgotten(box),
        "job_holds": lambda: holds.expire(box),
        "job_sync_counts": outbox.counts,
        "job_sync_hello": lambda: heads.own_heads(box.journal),
        "job_sync_batch": lambda: outbox.next_batch(box.journal),
        "job_status": lambda: live_status(box, uptime_s=0, slots=(), devices=()),
        **{f"job_retention{step.__name__}": partial(step, box) for step in retention.steps(box)},
    }
    for name, job in jobs.items():
        for _ in range(STAYS):
            watch.time(name, job)


def main() -> int:
    """Measure, print, 0."""
    settings_file, filled_file = map(Path, sys.argv[1:])
    filled = msgspec.json.decode(filled_file.read_bytes(), type=Filled)
    print(msgspec.json.encode(measure(settings_file, filled)).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
