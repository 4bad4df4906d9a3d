"""A station that tests script: it satisfies `StationFacade` and remembers what it was asked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from kiosk.settings import ScannerSettings, Settings, check_settings
from kiosk.views import (
    ActView,
    Borrowed,
    CheckedIn,
    DayCount,
    DeviceView,
    Health,
    LoanView,
    NoticeView,
    Outcome,
    PointsEntry,
    PointsView,
    QuarantinedView,
    RankingView,
    RiderView,
    ScanDone,
    StaffCard,
    StateChanged,
    StationNotice,
    SyncView,
    TitleView,
    TodayView,
    VisitorChanged,
)
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_cards import FakeCards
from tests.helpers.fake_charging import FakeCharging, some_slots
from tests.helpers.fake_privacy import FakePrivacy
from tests.helpers.fake_reading import FakeReading
from tests.helpers.fake_riders import FakeRiders
from tests.helpers.fake_volunteers import FakeVolunteers, some_volunteers

RIDER = RiderView(id="00112233445566aa", masked_name="王*强", number=7, vanguard=True)
"""The rider whom most screen tests greet."""

OTHER = RiderView(id="00112233445566bb", masked_name="李*", number=8)
"""Somebody else."""

VOLUNTEER = StaffCard(volunteer_id="99112233445566aa", masked_name="周*兰")
"""A volunteer's card."""


def settings(**screen: float | str) -> Settings:
    """Settings of a plausible station with eight slots; `screen` values as given."""
    slots = [
        {
            "name": str(number + 1),
            "relay": {"driver": "waveshare", "unit": 1, "channel": number},
            "meter": {"driver": "pzem", "unit": 11 + number},
        }
        for number in range(8)
    ]
    table = {
        "station": {"code": "LX01", "name": "初心驿站 · 沅江路站", "area": "luxi", "data": "./data"},
        "scanner": {"port": "/dev/ttyS0"},
        "charging": {"port": "/dev/ttyS1", "slots": slots},
        "screen": screen,
    }
    return check_settings(table, Path("/nowhere/kiosk.toml"))


class FakeStation:
    """Answers what a test put in, and keeps the calls in `asked`.

    Args:
        clock: the clock that the app is given as well.
        screen: values of the settings' screen table.
    """

    def __init__(self, clock: VirtualClock | None = None, **screen: float | str) -> None:
        self.clock = clock or VirtualClock()
        self.set = settings(**screen)
        self.now_visiting: RiderView | None = None
        self.asked: list[tuple[str, ...]] = []
        self.cards = FakeCards(self.asked)
        self.privacy = FakePrivacy(self.asked, RIDER, self.local_now())
        self.charging = FakeCharging(self.asked, self._fail_if_told)
        self.charging.slot_views = some_slots(self.local_now())
        self.reading = FakeReading(self.asked, self._fail_if_told, title_views=some_titles())
        self.listeners: list[Callable[[StationNotice], None]] = []
        self.device_views: tuple[DeviceView, ...] = (
            DeviceView("scanner", Health.CONNECTED),
            DeviceView("bus", Health.CONNECTED),
            DeviceView("relay 1", Health.CONNECTED),
            DeviceView("meter 11", Health.CONNECTED),
        )
        self.sync = SyncView(
            enrolled=True,
            pending=0,
            oldest_s=None,
            last_success=self.clock.now() - timedelta(minutes=2),
            quarantined=0,
            health=Health.CONNECTED,
            hub_name="泸溪县",
            hub_version="0.1.0",
        )
        self.notices: tuple[NoticeView, ...] = (
            NoticeView("周五19:00读书会", "《红船精神》共读，地点：驿站二楼，欢迎骑手参加。", date(2026, 11, 20)),
            NoticeView("雨天路滑，请慢行。", "", date(2026, 11, 19)),
        )
        self.ranking: RankingView | None = None
        self.checkins = 23
        self.points_view = some_points(self.local_now())
        self.act_views: tuple[ActView, ...] = ()
        self.quarantined_views: tuple[QuarantinedView, ...] = ()
        self.trouble: Exception | None = None
        self.volunteers = FakeVolunteers(self.asked, lambda: self.act_views, self._fail_if_told)
        self.volunteers.everybody = some_volunteers(self.local_now())
        self.week_counts = (31, 28, 12, 0, 40, 35)
        self.riders = FakeRiders(self.asked, lambda: self.scan(self.greeting()), RIDER)

    def local_now(self) -> datetime:
        """The time at the station."""
        return self.clock.now().astimezone(self.set.station.zone)

    # What tests do

    def set_scanner_that_types(self) -> None:
        """The scanner is one that types as a keyboard does."""
        scanner = ScannerSettings(profile="keyboard")
        self.set = msgspec.structs.replace(self.set, scanner=scanner)

    def notify(self, notice: StationNotice) -> None:
        """Tell every listener."""
        for listener in list(self.listeners):
            listener(notice)

    def identify(self, rider: RiderView = RIDER) -> None:
        """Somebody is identified, without an outcome."""
        self.now_visiting = rider
        self.notify(VisitorChanged(rider))

    def scan(self, outcome: Outcome) -> None:
        """A scan was handled: a good card identifies its rider first, as the station does."""
        if isinstance(outcome, CheckedIn):
            self.identify(outcome.rider)
        self.notify(ScanDone(outcome))

    def change(self) -> None:
        """Something changed."""
        self.notify(StateChanged())

    def greeting(self, rider: RiderView = RIDER, *, already: bool = False, due: tuple[LoanView, ...] = ()) -> CheckedIn:
        """A good card's outcome."""
        return CheckedIn(
            rider=rider,
            at=self.local_now(),
            already=already,
            points_earned=0 if already else 2,
            total_half_points=143,
            total_provisional=True,
            due=due,
        )

    # StationFacade

    @property
    def settings(self) -> Settings:
        """The checked settings."""
        return self.set

    @property
    def version(self) -> str:
        """The software's version."""
        return "0.1.0"

    @property
    def visitor(self) -> RiderView | None:
        """Who is identified now."""
        return self.now_visiting

    def listen(self, listener: Callable[[StationNotice], None]) -> Callable[[], None]:
        """Call `listener` for every notice; the returned function ends that."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def touched(self) -> None:
        """Somebody touched the screen."""
        self.asked.append(("touched",))

    def typed(self, data: bytes) -> None:
        """A scanner that types has read this."""
        self.asked.append(("typed", data.decode("latin-1")))

    def leave(self) -> None:
        """End the visit."""
        self.asked.append(("leave",))
        self.end_visit()

    def end_visit(self) -> None:
        """End the visit alone."""
        if self.now_visiting is not None:
            self.now_visiting = None
            self.notify(VisitorChanged(None))

    def devices(self) -> tuple[DeviceView, ...]:
        """Devices with their health."""
        return self.device_views

    def sync_status(self) -> SyncView:
        """How far the hub has been told."""
        return self.sync

    def today(self) -> TodayView:
        """Counts and notices."""
        return TodayView(
            station=self.set.station.name,
            day=self.local_now().date(),
            checkins=self.checkins,
            free_slots=self.charging.free,
            slots=len(self.charging.slot_views),
            notices=self.notices,
            opening_hours="07:00–22:00",
            week=tuple(
                DayCount(self.local_now().date() - timedelta(days=6 - place), count)
                for place, count in enumerate((*self.week_counts, self.checkins))
            ),
            on_duty=sum(one.on_duty_since is not None for one in self.volunteers.everybody),
            ranking=self.ranking,
        )

    async def points(self) -> PointsView:
        """The visitor's points."""
        self._fail_if_told()
        return self.points_view

    async def set_named(self, *, named: bool) -> PointsView:
        """Whether the ranking may show the visitor's name."""
        self.asked.append(("set_named", str(named)))
        self._fail_if_told()
        self.points_view = replace(self.points_view, named=named)
        return self.points_view

    async def not_me(self, greeting: CheckedIn) -> None:
        """Undo the check-in and end the visit of that greeting."""
        self.asked.append(("not_me", greeting.checkin))
        self._fail_if_told()
        if self.visitor == greeting.rider:
            self.leave()

    def sync_now(self) -> None:
        """Ask the hub now."""
        self.asked.append(("sync_now",))

    async def clear_sync_alarms(self) -> tuple[str, ...]:
        """A volunteer has seen this box's own alarms."""
        self.asked.append(("clear_sync_alarms",))
        self._fail_if_told()
        stood = tuple(word for word in self.sync.alarms if word != "hub_gap")
        left = tuple(word for word in self.sync.alarms if word == "hub_gap")
        self.sync = replace(self.sync, alarms=left, gap_since=None)
        return stood

    async def quarantine(self, page: int, per_page: int) -> tuple[tuple[QuarantinedView, ...], int]:
        """One page of what one side could not take, and the number of pages."""
        self._fail_if_told()
        pages = max(1, -(-len(self.quarantined_views) // per_page))
        return self.quarantined_views[page * per_page : (page + 1) * per_page], pages

    async def quarantined(self, key: str) -> QuarantinedView | None:
        """One of them."""
        self._fail_if_told()
        return next((view for view in self.quarantined_views if view.key == key), None)

    def _fail_if_told(self) -> None:
        if self.trouble is not None:
            raise self.trouble


def some_titles() -> tuple[TitleView, ...]:
    """A small catalogue."""
    names = ("红岩", "平凡的世界", "活着", "青春之歌", "道路交通安全法", "电动自行车安全手册", "湘西往事", "苦难辉煌")
    return tuple(TitleView(name, "佚名", f"A{number + 1}", 2, number % 3) for number, name in enumerate(names))


def some_points(now: datetime) -> PointsView:
    """A provisional year with three entries, one of them not counted."""
    day = now.date()
    return PointsView(
        year=day.year,
        daily=71,
        review=None,
        bonus=6,
        total_half_points=154,
        provisional=True,
        entries=(
            PointsEntry(day, "check_in", "daily", 1, "LX01"),
            PointsEntry(day - timedelta(days=1), "check_in", "daily", 1, "LX02"),
            PointsEntry(day - timedelta(days=1), "check_in", "daily", 1, "LX01", counted=False),
        ),
        as_of=now - timedelta(minutes=2),
    )


def borrowed(now: datetime) -> Borrowed:
    """A loan just made."""
    return Borrowed(label="LX01-0007", title="平凡的世界", due=(now + timedelta(days=14)).date())
