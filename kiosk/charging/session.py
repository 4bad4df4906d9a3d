"""A session in the station's memory: its course, its curve, and how it ends."""

from datetime import datetime, timedelta

from msgspec import Struct

from kiosk.charging.claims import BY_STATION, By, Minute
from kiosk.charging.limits import reserve_w
from kiosk.charging.outlook import Outlook, outlook
from kiosk.charging.rules import Course
from kiosk.settings import ChargingSettings
from kiosk.views import SessionView, StopReason

MINUTE_S = 60.0
CURVE_MINUTES = 120


class Stop(Struct, frozen=True):
    """Why a session ends and who ends it: the first that is said stays."""

    reason: StopReason
    by: By = BY_STATION


class LiveSession(Struct):
    """One open session. Times are monotonic s unless they are dates."""

    id: str
    slot: str
    rider: str
    masked_name: str | None
    started_at: datetime
    course: Course
    kept_at: float
    """When its minute was last kept."""
    minutes: int = 0
    """How many minutes are kept."""
    curve: list[float] = []
    resume_at: float | None = None
    """When it may be given power again after an outage; None once it has been."""
    outage_s: float = 0.0
    stop: Stop | None = None
    _sum_w: float = 0.0
    _readings: int = 0

    def order_stop(self, stop: Stop) -> None:
        """End it for this reason, unless it ends already."""
        if self.stop is None:
            self.stop = stop

    def ends_by(self, stop: Stop) -> bool:
        """Whether this is how it ends; what was said first stays."""
        return self.stop == stop

    def note(self, watts: float) -> None:
        """Count a reading into the present minute's mean."""
        self._sum_w += watts
        self._readings += 1

    def minute(self) -> Minute:
        """What it has come to, to be kept."""
        course = self.course
        return Minute(
            number=self.minutes + 1,
            counter_wh=course.counter_wh,
            wh=course.wh,
            powered_s=round(course.powered_s, 1),
            mean_w=round(self._sum_w / self._readings, 1) if self._readings else None,
            plateau_w=course.plateau_w,
        )

    def minute_kept(self, minute: Minute, now: float) -> None:
        """The minute is on the disk."""
        self.minutes, self.kept_at = minute.number, now
        self.curve = [*self.curve, minute.mean_w or 0.0][-CURVE_MINUTES:]
        self._sum_w, self._readings = 0.0, 0

    def reserved_w(self, numbers: ChargingSettings, now: float) -> float:
        """Power of the station's limit that it is counted with, W."""
        drawing_s = 0.0 if self.course.drawing_since is None else now - self.course.drawing_since
        if self.resume_at is not None and self.course.plateau_w is not None:
            drawing_s = float("inf")  # it has shown what it takes before the outage
        return reserve_w(numbers, self.course.plateau_w, drawing_s)

    @property
    def until(self) -> datetime:
        """The longest end."""
        return self.started_at + timedelta(seconds=self.course.longest_s)

    def elapsed_s(self, now: float) -> float:
        """Since its very first start."""
        return max(0.0, now - self.course.first_start)

    def outlook(self, now: float, numbers: ChargingSettings, closes_s: float | None = None) -> Outlook:
        """When it is likely to end, and how far it has come."""
        return Outlook() if self.stop is not None else outlook(self.course, self.curve, now, numbers, closes_s)

    def view(self, now: float, watts: float | None, ended_at: datetime | None = None) -> SessionView:
        """As its rider sees it, without the outlook."""
        curve = (*self.curve, round(self._sum_w / self._readings, 1)) if self._readings else tuple(self.curve)
        return SessionView(
            slot=self.slot,
            started_at=self.started_at,
            watts=watts,
            wh=self.course.wh,
            elapsed_s=self.elapsed_s(now),
            limits=self.course.limits,
            power_curve=curve[-CURVE_MINUTES:],
            ended_at=ended_at,
            stop_reason=self.stop.reason if self.stop is not None and ended_at is not None else None,
        )
