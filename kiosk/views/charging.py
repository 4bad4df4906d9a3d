"""What is shown of charging: slots, sessions, bookings, the queue, and what came of a request."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


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


class SlotView(Struct, frozen=True):
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
    doubtful_plug: bool = False
    """Somebody else's plug may be in: a start needs the rider's word that the plug is theirs."""


class ChargeLimits(Struct, frozen=True):
    """What a rider chose at the start; nothing chosen charges until full."""

    seconds: float | None = None
    """Time under power, s."""
    wh: int | None = None
    """Energy, Wh."""


class SessionView(Struct, frozen=True):
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


class HoldView(Struct, frozen=True):
    """A rider's own live booking."""

    slot: str | None
    """None for "any slot": whichever is free when its rider comes."""
    until: datetime


class AnyBookingView(Struct, frozen=True):
    """Somebody's booking of whichever slot is free, as volunteers see it."""

    id: str
    rider: str
    """Masked name."""
    until: datetime


class SlotOffer(Struct, frozen=True):
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


class QueueView(Struct, frozen=True):
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
    at_most: bool = False
    """The wait is the longest that it can be: no session that runs foretells its end so early."""


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
    CONFIRM_PLUG = "confirm_plug"
    """Somebody else's plug may be in the socket: somebody has to look, and say that it is the rider's."""


class ChargingOutcome(Struct, frozen=True):
    """What came of booking, starting, stopping or releasing."""

    refusal: ChargingRefusal | None = None
    slot: str | None = None
    until: datetime | None = None
    queued: QueueView | None = None
    """Where the rider waits now, when a start had to wait for power or for others."""

    @property
    def done(self) -> bool:
        """True when the request was carried out and recorded."""
        return self.refusal is None


class PastSessionView(Struct, frozen=True):
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
    SYNC_SEEN = "sync_seen"
    """Not of a slot: the alarms of the sync were seen."""


class ActView(Struct, frozen=True):
    """Something that a volunteer did."""

    at: datetime
    actor: str
    """Masked name, or "cli"."""
    act: StaffAct | None
    """None of an act that is not about a slot or the board: then `kind` says what it was."""
    slot: str | None
    reason: str | None = None
    """The volunteer's own words."""
    about: tuple[str, ...] = ()
    """Machine words for what else it was about: of `SYNC_SEEN`, the alarms."""
    to: str | None = None
    """The slot that a rider was moved to."""
    kind: str = ""
    """The kind of the event."""
    whom: str | None = None
    """What an act of another feature was about: a masked name, a label."""
    erased: bool = False
    """It was about a person who was erased since; `whom` is the number that they had here, or None."""


class DayView(Struct, frozen=True):
    """The charging of one civil day at this station."""

    sessions: tuple[PastSessionView, ...]
    """Those that ended that day, newest first."""
    wh: int
    """Energy of the day, Wh, also of sessions that still run."""
    watts_per_minute: tuple[float | None, ...]
    """Mean power of all slots in each minute from midnight on, W; None where a session ran and nothing is known."""
