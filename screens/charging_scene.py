"""What the charging screen's panel depends on, what it says, and what can be asked for on it: values alone."""

from datetime import datetime, tzinfo
from enum import StrEnum
from math import ceil

from msgspec import Struct

from kiosk.views import (
    ChargingRefusal,
    HoldView,
    QueueView,
    RiderView,
    SessionView,
    SlotState,
    SlotView,
)
from screens.charging_choice import Choice
from screens.language import _
from screens.theme import SLOT_LOOKS
from screens.words import SLOT_STATES, day_words


class Ask(StrEnum):
    """What a rider can ask for on this screen."""

    START = "start"
    START_MINE = "start_mine"
    """Start, and the plug in the socket is the rider's."""
    NOT_MINE = "not_mine"
    """The plug in the socket is somebody else's."""
    HOLD = "hold"
    HOLD_ANY = "hold_any"
    RELEASE = "release"
    """Asks for one more tap: the slot may be somebody else's a moment later."""
    RELEASE_NOW = "release_now"
    STOP = "stop"
    """Asks for one more tap."""
    STOP_NOW = "stop_now"
    KEEP = "keep"
    UNPLUGGED = "unplugged"
    """The session has ended and its rider says that the plug is out."""
    SEEN = "seen"
    """The end of the session was read."""
    JOIN = "join"
    LEAVE = "leave"
    """Asks for one more tap: who comes back waits at the end."""
    LEAVE_NOW = "leave_now"
    HISTORY = "history"


class Offer(Struct, frozen=True):
    """A tile: what it asks for, in words of the language spoken now."""

    ask: Ask
    words: str
    beneath: str = ""
    """A second line: what exactly will happen."""
    danger: bool = False


class Refused(Struct, frozen=True):
    """A request that was not done, and from when on it may be, if the station told."""

    why: ChargingRefusal
    until: datetime | None = None


class Scene(Struct, frozen=True):
    """Everything the panel depends on."""

    visitor: RiderView | None
    slots: tuple[SlotView, ...]
    session: SessionView | None
    hold: HoldView | None
    now: datetime
    zone: tzinfo
    hold_minutes: float
    offer_minutes: float
    """How long a slot is kept for the first in the queue."""
    chosen: str | None = None
    confirming: bool = False
    end_seen: bool = False
    refused: Refused | None = None
    ran_out: HoldView | None = None
    """The visitor's booking whose time was over before they came."""
    queue: QueueView | None = None
    waiting: int = 0
    """Riders in the queue, the visitor among them."""
    choice: Choice = Choice()
    hours: str = ""
    """When the station charges, such as "06:00-23:00"; empty for always."""
    not_mine: str | None = None
    """The slot in whose socket the rider has just seen somebody else's plug."""
    closed: bool = False
    """Those hours are over by the station's clock."""
    promised: int = 0
    """Slots that the map shows as free and that bookings of any slot have a right to."""

    def asks_for_plug(self, name: str) -> bool:
        """Whether a start needs the rider's word that the plug in the socket is theirs."""
        slot = self.slot(name)
        told = self.refused is not None and self.refused.why is ChargingRefusal.CONFIRM_PLUG
        return told or (slot is not None and slot.doubtful_plug)

    @property
    def free(self) -> int:
        """Slots that nobody has, nor has a right to."""
        return max(0, self._shown_free - self.promised)

    @property
    def booked_up(self) -> bool:
        """Whether all that the map shows as free is promised to others than the visitor."""
        return bool(self._shown_free) and not self.free

    @property
    def _shown_free(self) -> int:
        return sum(slot.state is SlotState.AVAILABLE for slot in self.slots)

    @property
    def own_slot(self) -> str | None:
        """The slot that is kept for the visitor alone, by a booking or a turn."""
        offer = None if self.queue is None else self.queue.offer
        return offer.slot if offer is not None else None if self.hold is None else self.hold.slot

    def slot(self, name: str | None) -> SlotView | None:
        """The slot of this name."""
        return next((slot for slot in self.slots if slot.name == name), None)

    def clock(self, moment: datetime) -> str:
        """A time at the station, HH:MM."""
        return f"{moment.astimezone(self.zone):%H:%M}"

    def moment(self, moment: datetime) -> str:
        """A time at the station, with the day unless it is today."""
        local = moment.astimezone(self.zone)
        if local.date() == self.now.astimezone(self.zone).date():
            return self.clock(moment)
        return f"{day_words(local.date())} {local:%H:%M}"


class Panel(Struct, frozen=True):
    """What stands beside the map."""

    heading: str
    look: str = ""
    """Style class of the heading: the state's colours."""
    figure: str = ""
    unit: str = ""
    progress: float | None = None
    progress_words: str = ""
    lines: tuple[str, ...] = ()
    curve: tuple[float, ...] = ()
    curve_words: str = ""
    alert: str = ""
    """What must not be missed: a refusal, or what to do with the plug."""
    choice: Choice | None = None
    """How much, to be chosen before a start; None where nothing is started."""
    main: Offer | None = None
    other: Offer | None = None
    more: Offer | None = None
    slot: str | None = None
    """The slot it speaks of, to be marked on the map."""


def slot_heading(slot: str, state: SlotState) -> tuple[str, str]:
    """Shape, slot and state in words, and the style class of their colours."""
    look = SLOT_LOOKS[state]
    words = _("{shape} Slot {slot}: {state}").format(shape=look.shape, slot=slot, state=_(SLOT_STATES[state]))
    return words, look.css_class


def until_words(scene: Scene, slot: SlotView) -> str:
    """Until when somebody has a slot; empty for one that nobody has."""
    if slot.until is None:
        return ""
    pattern = _("Booked until {time}") if slot.state is SlotState.RESERVED else _("Ends at {time} at the latest")
    return pattern.format(time=scene.clock(slot.until))


def duration(seconds: float) -> str:
    """Hours and minutes, such as "1 h 12 min"."""
    hours, minutes = divmod(int(max(0.0, seconds)) // 60, 60)
    if hours:
        return _("{h} h {m} min").format(h=hours, m=minutes)
    return _("{m} min").format(m=minutes)


def countdown(until: datetime, now: datetime) -> str:
    """Minutes and seconds that are left, such as "2:40"; "0:00" when the time is over."""
    minutes, seconds = divmod(max(0, ceil((until - now).total_seconds())), 60)
    return f"{minutes}:{seconds:02d}"
