"""What is shown of the station itself, from devices to the staff area, and what it says to screens."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from kiosk.views.checkin import DayCount
from kiosk.views.points import RankingView
from kiosk.views.riders import RiderView
from kiosk.views.scans import Outcome


class Health(StrEnum):
    """A device's or link's health, told once per change."""

    CONNECTED = "connected"
    DEGRADED = "degraded"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class DeviceView(Struct, frozen=True):
    """One device and its health."""

    name: str
    health: Health
    problem: str | None = None
    """Why it is not what the settings say, as an English sentence for an electrician."""


class SyncView(Struct, frozen=True):
    """How far the hub has been told."""

    enrolled: bool
    pending: int
    oldest_s: float | None
    """Age of the oldest event not yet acknowledged, s."""
    last_success: datetime | None
    quarantined: int
    health: Health
    problem: str | None = None
    """Machine word such as "revoked", "too_old", "no_answer", "untrusted"; screens translate it."""
    hub_name: str | None = None
    hub_version: str | None = None
    backlog: int = 0
    """The most that were pending since they were last none: with `pending` how far a long one has got."""
    gap_since: datetime | None = None
    """This station's database was restored; what it recorded since then, and had not sent, may be missing."""
    hub_gap_since: datetime | None = None
    """The hub's database was restored; what it took since then, and nobody gave back, may be missing."""
    alarms: tuple[str, ...] = ()
    """Machine words such as "cloned" that stand until a person clears them."""
    clock_trusted: bool = True
    quarantine: tuple["QuarantinedView", ...] = ()
    """The newest of the quarantined."""
    tried_at: datetime | None = None
    """When the last attempt to reach the hub ended, well or not."""


class QuarantinedView(Struct, frozen=True):
    """An event that one side could not take."""

    own: bool
    """Of this station; else the hub's or another station's."""
    reason: str
    raw: bytes
    """Its bytes, or the first 4 KiB of them."""
    at: datetime
    key: str = ""
    """By which it is found again."""
    kind: str | None = None
    """What it says it is; None when it cannot be read."""


class NoticeView(Struct, frozen=True):
    """A notice of the hub."""

    title: str
    text: str
    published: date


class TodayView(Struct, frozen=True):
    """What the idle screen shows: counts and notices, and names in the ranking alone."""

    station: str
    day: date
    checkins: int
    free_slots: int
    slots: int
    notices: tuple[NoticeView, ...] = ()
    opening_hours: str | None = None
    ranking: RankingView | None = None
    """Of the newest quarter that was published: the only names here, of riders who agreed to it."""
    week: tuple[DayCount, ...] = ()
    """Riders of each of seven days, the last one today."""
    on_duty: int = 0
    """Volunteers who signed on."""


class StaffRefusal(StrEnum):
    """Why the staff area stayed locked."""

    NO_CARD = "no_card"
    WRONG_PIN = "wrong_pin"
    LOCKED_OUT = "locked_out"
    NOT_A_VOLUNTEER = "not_a_volunteer"
    WRONG_CODE = "wrong_code"
    NO_CODE = "no_code"
    """No code for one entry holds (any more)."""


class StaffOutcome(Struct, frozen=True):
    """What came of entering a PIN."""

    refusal: StaffRefusal | None = None
    tries_left: int | None = None
    locked_until: datetime | None = None


class VisitorChanged(Struct, frozen=True):
    """Somebody was identified, or left."""

    rider: RiderView | None


class StateChanged(Struct, frozen=True):
    """Slots, devices, sync or counts changed: draw them anew."""


class ScanDone(Struct, frozen=True):
    """A scan was handled; show its outcome."""

    outcome: Outcome


StationNotice = VisitorChanged | StateChanged | ScanDone
