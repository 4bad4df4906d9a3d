"""What the volunteers' board shows and asks, as values: no widget, no station."""

from datetime import tzinfo
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kiosk.views import AnyBookingView, SlotState, SlotView

RUNNING: Final = frozenset({SlotState.PREPARING, SlotState.CHARGING, SlotState.SUSPENDED_EV, SlotState.SUSPENDED_EVSE})
"""States with a session that a stop ends."""

CONFIRM_S: Final = 8.0
"""How long "yes" is offered, s."""

CHOOSE_S: Final = 30.0
"""How long a choice is waited for that takes a look at the slot or the map, s."""


class Tap(StrEnum):
    """What a tile of the panel does. Most of them ask first."""

    STOP = "stop"
    STOP_ALL = "stop_all"
    RELEASE = "release"
    PLUG_OUT = "plug_out"
    """Ends the waiting for a plug: somebody has seen that it is out."""
    CLEAR = "clear"
    DISABLE = "disable"
    MOVE = "move"
    ENABLE = "enable"
    BECAUSE = "because"
    """A reason was chosen."""
    RELEASE_ANY = "release_any"
    """A booking of any slot, which has to be chosen."""
    THIS = "this"
    """A booking of any slot was chosen; whether it is to end is asked next."""
    NO = "no"
    YES = "yes"


class Question(Struct, frozen=True):
    """What the board has asked and nobody has answered yet.

    Args:
        about: the act that is about to be done.
        slot: the slot it is for; None for all of them.
        rider: the masked name that stood there when it was asked.
        target: the slot that a rider is to be moved to, or the booking of any slot that is to end, once it was tapped.
    """

    about: Tap
    slot: str | None = None
    rider: str | None = None
    target: str | None = None

    @property
    def chooses_target(self) -> bool:
        """Whether the next tap on the map names the slot to move to."""
        return self.about is Tap.MOVE and self.target is None

    @property
    def lasts_s(self) -> float:
        """How long it is offered, s: a mere "yes" for a short time, what has to be looked at for longer."""
        choice = self.chooses_target or self.about in {Tap.DISABLE, Tap.CLEAR, Tap.PLUG_OUT}
        choice = choice or (self.about is Tap.RELEASE_ANY and self.target is None)
        return CHOOSE_S if choice else CONFIRM_S

    def holds(self, slots: tuple[SlotView, ...]) -> bool:
        """Whether it may still be answered: "yes" must not hit a rider who came after it was asked."""
        if self.about is Tap.RELEASE_ANY:
            return True
        if self.slot is None:
            return any(slot.state in RUNNING for slot in slots)
        if self.target is not None and not any(
            slot.name == self.target and slot.state is SlotState.AVAILABLE for slot in slots
        ):
            return False
        return any(slot.name == self.slot and slot.rider == self.rider for slot in slots)


class Offer(Struct, frozen=True):
    """A tile, in words of the language spoken now."""

    tap: Tap
    words: str
    danger: bool = False
    value: str = ""
    """The reason that a tap gives, a key of `OUT_OF_SERVICE`; or the id of a booking."""


class Told(Struct, frozen=True):
    """What came of the last act, in words of the language spoken now."""

    words: str
    good: bool


class Scene(Struct, frozen=True):
    """Everything the panel depends on."""

    slots: tuple[SlotView, ...]
    zone: tzinfo
    limit_w: float
    """What the station's wiring carries, W."""
    waiting: int = 0
    """Riders in the queue."""
    any_bookings: tuple[AnyBookingView, ...] = ()
    """Bookings of whichever slot is free."""
    chosen: str | None = None
    question: Question | None = None
    left_s: int = 0
    """How long the question is still offered, s."""
    told: Told | None = None

    def slot(self, name: str | None) -> SlotView | None:
        """The slot of this name."""
        return next((slot for slot in self.slots if slot.name == name), None)

    @property
    def running(self) -> tuple[SlotView, ...]:
        """The slots that "stop all" stops."""
        return tuple(slot for slot in self.slots if slot.state in RUNNING)


Places = tuple[tuple[Offer, ...], tuple[Offer, ...], tuple[Offer, ...]]
"""Tiles in three rows, the lowest last, none or up to two in each.

"Yes" has the lowest place and "no" the middle one; what leads to a question never lies lowest, unless the question's
lowest tile is "no". So a finger that taps twice by accident cuts nobody off.
"""

NO_OFFERS: Final[Places] = ((), (), ())


class StaffPanel(Struct, frozen=True):
    """What stands beside the map."""

    heading: str
    look: str = ""
    """Style class of the heading: the state's colours, or "-call" for a question."""
    figure: str = ""
    unit: str = ""
    lines: tuple[str, ...] = ()
    told: Told | None = None
    places: Places = NO_OFFERS
