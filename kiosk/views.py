"""What the station tells whoever looks at it: frozen data without behaviour.

Rules return these, the station hands them on, screens draw them. Nothing here is ever personal beyond a masked name.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RiderView:
    """A rider as any public screen may show them."""

    id: str
    """Random id, 16 hex digits."""
    masked_name: str
    """Such as 王*强."""
    number: int | None = None
    """Number at this station (1, 2, ...), None for a rider enrolled elsewhere."""
    vanguard: bool = False
    """Wears the programme's mark (先锋骑手)."""
    verified: bool = True
    """False when the card's issuer is unknown here."""


class SlotState(StrEnum):
    """A slot's state by OCPP's names (OCPP 1.6 §4.9)."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    PREPARING = "preparing"
    CHARGING = "charging"
    SUSPENDED_EV = "suspended_ev"
    SUSPENDED_EVSE = "suspended_evse"
    FINISHING = "finishing"
    UNAVAILABLE = "unavailable"
    FAULTED = "faulted"


class StopReason(StrEnum):
    """Why a session ended; the true one is stored and shown, never another."""

    FULL = "full"
    LONGEST_TIME = "longest_time"
    CHOSEN_TIME = "chosen_time"
    CHOSEN_ENERGY = "chosen_energy"
    UNPLUGGED = "unplugged"
    OVERLOAD = "overload"
    OVER_CURRENT = "over_current"
    OVER_VOLTAGE = "over_voltage"
    UNDER_VOLTAGE = "under_voltage"
    NO_LOAD_AT_START = "no_load_at_start"
    NO_LOAD_LATER = "no_load_later"
    SOCKET_HOT = "socket_hot"
    SURROUNDINGS_HOT = "surroundings_hot"
    SMOKE = "smoke"
    RELAY_WELDED = "relay_welded"
    RELAY_LOST = "relay_lost"
    METER_LOST = "meter_lost"
    POWER_CUT = "power_cut"
    STOPPED_BY_RIDER = "stopped_by_rider"
    STOPPED_BY_VOLUNTEER = "stopped_by_volunteer"
    STATION_LIMIT = "station_limit"
    STATION_SHUTDOWN = "station_shutdown"
    STATION_TROUBLE = "station_trouble"
    """The station could not keep its facts, or not say "on" in time, so the power ended by itself."""
    CHARGING_HOURS = "charging_hours"
    """The hours in which this station charges were over."""
    ALARM_LOST = "alarm_lost"
    """A smoke or heat detector stopped answering."""


class SlotError(StrEnum):
    """An active error on a slot (OCPP's Faulted is a set of these over the state beneath)."""

    METER_LOST = "meter_lost"
    RELAY_LOST = "relay_lost"
    RELAY_WELDED = "relay_welded"
    OFF_UNCONFIRMED = "off_unconfirmed"
    SMOKE = "smoke"
    SURROUNDINGS_HOT = "surroundings_hot"
    SOCKET_HOT = "socket_hot"
    ALARM_LOST = "alarm_lost"
    WRONG_DEVICE = "wrong_device"
    """What answers is not what the settings say; the device's `problem` tells more."""
    NOT_COMMISSIONED = "not_commissioned"


@dataclass(frozen=True, slots=True)
class SlotView:
    """One charging slot, live."""

    name: str
    state: SlotState
    rider: str | None = None
    """Masked name of who holds or uses it."""
    mine: bool = False
    """True when the identified visitor holds or uses it."""
    watts: float | None = None
    """Active power, W; None when not known (never 0 for unknown)."""
    wh: int | None = None
    """Energy of the running session, Wh."""
    lease_s: float | None = None
    """Seconds until the board switches off by itself; None when no power is permitted."""
    errors: tuple[SlotError, ...] = ()
    until: datetime | None = None
    """End of the hold, or the longest end of the session."""
    out_of_service: str | None = None
    """A volunteer's reason, when the slot is unavailable."""


@dataclass(frozen=True, slots=True)
class ChargeLimits:
    """What a rider chose at the start; nothing chosen charges until full."""

    seconds: float | None = None
    """Time under power, s."""
    wh: int | None = None
    """Energy, Wh."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A rider's own charging session, running or just ended."""

    slot: str
    started_at: datetime
    watts: float | None
    wh: int
    elapsed_s: float
    power_curve: tuple[float, ...] = ()
    """Mean W per minute since the start, oldest first, at most the last 120."""
    ended_at: datetime | None = None
    stop_reason: StopReason | None = None
    limits: ChargeLimits = ChargeLimits()
    expected_end: datetime | None = None
    """By what was chosen and by the session's own curve; None while nothing can be told."""
    progress: float | None = None
    """0..1 toward what was chosen, or toward full; None while that is not known."""


@dataclass(frozen=True, slots=True)
class HoldView:
    """A rider's own live booking."""

    slot: str | None
    """None for "any slot": whichever is free when its rider comes."""
    until: datetime


@dataclass(frozen=True, slots=True)
class SlotOffer:
    """A slot that is kept for the first in the queue for a few minutes; taken by starting or booking there."""

    slot: str
    until: datetime


class QueueEnd(StrEnum):
    """How a rider's waiting ended."""

    STARTED = "started"
    BOOKED = "booked"
    LEFT = "left"
    """By the rider's own wish."""
    LAPSED = "lapsed"
    """An offer was not taken in time."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """A rider's own place in the queue for a slot."""

    place: int
    """1 for the first; 0 when `ended`."""
    waiting: int
    """How many wait, this rider too."""
    expected_wait_s: float | None
    """Until a slot is likely to be offered, s; None when that cannot be told."""
    offer: SlotOffer | None = None
    ended: QueueEnd | None = None
    """Told for a while to a rider whose offer lapsed; None while they wait."""


class ChargingRefusal(StrEnum):
    """Why a charging request was not done."""

    NOT_IDENTIFIED = "not_identified"
    NO_SUCH_SLOT = "no_such_slot"
    SLOT_TAKEN = "slot_taken"
    SLOT_FAULTED = "slot_faulted"
    SLOT_UNAVAILABLE = "slot_unavailable"
    HAS_ONE_ALREADY = "has_one_already"
    STATION_LIMIT = "station_limit"
    METER_UNKNOWN = "meter_unknown"
    RELAY_WELDED = "relay_welded"
    POWER_UNCONFIRMED = "power_unconfirmed"
    NOTHING_TO_STOP = "nothing_to_stop"
    UNVERIFIED_CARD = "unverified_card"
    STATION_TROUBLE = "station_trouble"
    CHARGING_HOURS = "charging_hours"
    """Outside the hours in which this station charges."""
    NOT_COMMISSIONED = "not_commissioned"
    """The board has not been measured, and nobody has accepted the slot."""
    ALARM = "alarm"
    """Smoke or heat: nobody charges until it is gone and a volunteer has cleared it."""
    ALARM_LOST = "alarm_lost"
    """A smoke or heat detector does not answer."""
    STILL_CHARGING = "still_charging"
    """A volunteer has to stop the session first."""
    NO_REASON = "no_reason"
    """A volunteer takes a slot out of service only with a reason."""
    QUEUED_AHEAD = "queued_ahead"
    """Others wait, and what is free is theirs."""
    NOT_IN_QUEUE = "not_in_queue"
    PAUSED_NO_SHOWS = "paused_no_shows"
    """Too many bookings were not used: booking is paused until the outcome's `until`; starting is not."""


@dataclass(frozen=True, slots=True)
class ChargingOutcome:
    """What came of booking, starting, stopping or releasing."""

    refusal: ChargingRefusal | None = None
    slot: str | None = None
    until: datetime | None = None

    @property
    def done(self) -> bool:
        """True when the request was carried out and recorded."""
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class PastSessionView:
    """A charging session that is over."""

    slot: str
    station: str
    """The station's code."""
    started_at: datetime
    ended_at: datetime
    wh: int
    powered_s: float
    stop_reason: StopReason


class StaffAct(StrEnum):
    """What a volunteer did to a slot."""

    STOP = "stop"
    STOP_ALL = "stop_all"
    RELEASE = "release"
    CLEAR = "clear"
    DISABLE = "disable"
    ENABLE = "enable"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class ActView:
    """Something that a volunteer did."""

    at: datetime
    actor: str
    """Masked name, or "cli"."""
    act: StaffAct
    slot: str | None
    reason: str | None = None
    """The volunteer's own words."""
    to: str | None = None
    """The slot that a rider was moved to."""


@dataclass(frozen=True, slots=True)
class DayView:
    """The charging of one civil day at this station."""

    sessions: tuple[PastSessionView, ...]
    """Those that ended that day, newest first."""
    wh: int
    """Energy of the day, Wh, also of sessions that still run."""
    watts_per_minute: tuple[float | None, ...]
    """Mean power of all slots in each minute from midnight on, W; None where a session ran and nothing is known."""


@dataclass(frozen=True, slots=True)
class LoanView:
    """One open loan."""

    label: str
    title: str
    due: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class TitleView:
    """A title with what is on the shelf."""

    title: str
    author: str
    shelf: str
    copies: int
    available: int


class ScanRefusal(StrEnum):
    """Why a scan did nothing but be recorded."""

    UNKNOWN = "unknown"
    """Not any code that a station knows."""
    FORGED = "forged"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN_ISSUER = "unknown_issuer"
    UNKNOWN_RIDER = "unknown_rider"
    """A sound card of a rider whose enrolment has not arrived here yet."""
    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    BINARY = "binary"


class LoanBlock(StrEnum):
    """Why a copy is not lent; all that apply are shown."""

    LIMIT = "limit"
    OVERDUE = "overdue"
    UNKNOWN_COPY = "unknown_copy"
    OWN_ALREADY = "own_already"
    NOT_FOR_LOAN = "not_for_loan"
    UNVERIFIED_CARD = "unverified_card"


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A rider's card was good."""

    rider: RiderView
    at: datetime
    """Local time of the first check-in of the day."""
    already: bool
    """True for a second scan the same day."""
    points_earned: int
    total_half_points: int
    total_provisional: bool
    """True while the annual review is missing (暂计)."""
    due: tuple[LoanView, ...] = ()
    """Open loans that are overdue or due within 3 days."""
    clock_trusted: bool = True


@dataclass(frozen=True, slots=True)
class ScanRefused:
    """A scan that was refused and recorded with its reason."""

    reason: ScanRefusal


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A copy was lent to the identified rider."""

    label: str
    title: str
    due: date


@dataclass(frozen=True, slots=True)
class Returned:
    """A copy came back, with nobody identified or everybody."""

    label: str
    title: str
    was_on_loan: bool
    was_overdue: bool = False


@dataclass(frozen=True, slots=True)
class LoanRefused:
    """A copy was not lent; every reason that applies."""

    label: str
    blocks: tuple[LoanBlock, ...]


@dataclass(frozen=True, slots=True)
class TitleFound:
    """An ISBN was scanned; what the station has of it."""

    isbn: str
    title: TitleView | None


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A volunteer's card was scanned; a PIN is asked for next."""

    volunteer_id: str
    masked_name: str


@dataclass(frozen=True, slots=True)
class StationTrouble:
    """The station could not keep the fact (disk full, read-only, ...): nothing was done."""

    log_id: str
    """Short id under which the error stands in the log."""


Outcome = CheckedIn | ScanRefused | Borrowed | Returned | LoanRefused | TitleFound | StaffCard | StationTrouble


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """One line of a rider's ledger."""

    day: date
    reason: str
    """Rule name such as "check_in"; screens translate it."""
    part: str
    """"daily", "review" or "bonus"."""
    amount: int
    station: str
    counted: bool = True
    """False for the second of two offline awards of the same thing."""


@dataclass(frozen=True, slots=True)
class PointsView:
    """A rider's points for a year: total = (daily + review) / 2 + bonus."""

    year: int
    daily: int
    """0..100, after the clamp."""
    review: int | None
    """0..100, None until the hub has told it."""
    bonus: int
    total_half_points: int
    provisional: bool
    """True while the review is missing: the total shown is daily + bonus (暂计)."""
    entries: tuple[PointsEntry, ...]
    as_of: datetime | None
    """When the box was last in touch with the hub; None for never."""


class Health(StrEnum):
    """A device's or link's health, told once per change."""

    CONNECTED = "connected"
    DEGRADED = "degraded"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One device and its health."""

    name: str
    health: Health
    problem: str | None = None
    """Why it is not what the settings say, as an English sentence for an electrician."""


@dataclass(frozen=True, slots=True)
class SyncView:
    """How far the hub has been told."""

    enrolled: bool
    pending: int
    oldest_s: float | None
    """Age of the oldest event not yet acknowledged, s."""
    last_success: datetime | None
    quarantined: int
    health: Health
    problem: str | None = None
    """Machine word such as "revoked", "too_old", "no_answer"; screens translate it."""
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


@dataclass(frozen=True, slots=True)
class QuarantinedView:
    """An event that one side could not take."""

    own: bool
    """Of this station; else the hub's or another station's."""
    reason: str
    raw: bytes
    """Its bytes, or the first 4 KiB of them."""
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice of the hub."""

    title: str
    text: str
    published: date


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the idle screen shows: counts only, no names."""

    station: str
    day: date
    checkins: int
    free_slots: int
    slots: int
    notices: tuple[NoticeView, ...] = ()
    opening_hours: str | None = None


class StaffRefusal(StrEnum):
    """Why the staff area stayed locked."""

    NO_CARD = "no_card"
    WRONG_PIN = "wrong_pin"
    LOCKED_OUT = "locked_out"
    NOT_A_VOLUNTEER = "not_a_volunteer"


@dataclass(frozen=True, slots=True)
class StaffOutcome:
    """What came of entering a PIN."""

    refusal: StaffRefusal | None = None
    tries_left: int | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VisitorChanged:
    """Somebody was identified, or left."""

    rider: RiderView | None


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Slots, devices, sync or counts changed: draw them anew."""


@dataclass(frozen=True, slots=True)
class ScanDone:
    """A scan was handled; show its outcome."""

    outcome: Outcome


StationNotice = VisitorChanged | StateChanged | ScanDone
