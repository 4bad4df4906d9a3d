"""Plain words for what the station says in typed values; message ids, translated when shown."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from kiosk.facade import StationFacade
from kiosk.views import (
    ChargingRefusal,
    DeviceView,
    Health,
    LoanBlock,
    NotePhrase,
    RiderView,
    ScanRefusal,
    SlotError,
    SlotState,
    StaffRefusal,
    StopReason,
)
from screens.language import N_, _, n_

SLOT_STATES: Final[Mapping[SlotState, str]] = {
    SlotState.AVAILABLE: N_("Free"),
    SlotState.RESERVED: N_("Booked"),
    SlotState.PREPARING: N_("Plug in"),
    SlotState.CHARGING: N_("Charging"),
    SlotState.SUSPENDED_EV: N_("Bike pauses"),
    SlotState.SUSPENDED_EVSE: N_("Paused"),
    SlotState.FINISHING: N_("Finished"),
    SlotState.UNAVAILABLE: N_("Not in use"),
    SlotState.FAULTED: N_("Out of order"),
}

SLOT_ERRORS: Final[Mapping[SlotError, str]] = {
    SlotError.METER_LOST: N_("The meter does not answer"),
    SlotError.RELAY_LOST: N_("The switch does not answer"),
    SlotError.RELAY_WELDED: N_("The switch is stuck on"),
    SlotError.OFF_UNCONFIRMED: N_("Not sure that it is off"),
    SlotError.SMOKE: N_("Smoke alarm"),
    SlotError.SURROUNDINGS_HOT: N_("Too hot around the sockets"),
    SlotError.SOCKET_HOT: N_("The socket became too hot"),
    SlotError.ALARM_LOST: N_("A smoke or heat detector does not answer"),
    SlotError.WRONG_DEVICE: N_("Something else is connected than expected"),
    SlotError.NOT_COMMISSIONED: N_("Not approved by an electrician yet"),
}

STOP_REASONS: Final[Mapping[StopReason, str]] = {
    StopReason.FULL: N_("Battery full"),
    StopReason.LONGEST_TIME: N_("Longest time reached"),
    StopReason.CHOSEN_TIME: N_("Your time is up"),
    StopReason.CHOSEN_ENERGY: N_("Your energy is in"),
    StopReason.UNPLUGGED: N_("Unplugged"),
    StopReason.OVERLOAD: N_("Too much power drawn"),
    StopReason.OVER_CURRENT: N_("Too much current"),
    StopReason.OVER_VOLTAGE: N_("Mains voltage too high"),
    StopReason.UNDER_VOLTAGE: N_("Mains voltage too low"),
    StopReason.NO_LOAD_AT_START: N_("No bike was plugged in"),
    StopReason.NO_LOAD_LATER: N_("The bike stopped drawing power"),
    StopReason.SOCKET_HOT: N_("The socket became too hot"),
    StopReason.SURROUNDINGS_HOT: N_("Too hot around the sockets"),
    StopReason.SMOKE: N_("Smoke alarm"),
    StopReason.ALARM_LOST: N_("A smoke or heat detector stopped answering"),
    StopReason.RELAY_WELDED: N_("The switch is stuck"),
    StopReason.RELAY_LOST: N_("The switch was lost"),
    StopReason.METER_LOST: N_("The meter was lost"),
    StopReason.POWER_CUT: N_("Power cut"),
    StopReason.STOPPED_BY_RIDER: N_("You stopped it"),
    StopReason.STOPPED_BY_VOLUNTEER: N_("A volunteer stopped it"),
    StopReason.STATION_LIMIT: N_("The station's power limit was reached"),
    StopReason.STATION_SHUTDOWN: N_("The station was switched off"),
    StopReason.STATION_TROUBLE: N_("The station could not do it. Please tell a volunteer."),
    StopReason.CHARGING_HOURS: N_("Charging hours were over"),
}

CHARGING_REFUSALS: Final[Mapping[ChargingRefusal, str]] = {
    ChargingRefusal.NOT_IDENTIFIED: N_("Please scan your card first."),
    ChargingRefusal.NO_SUCH_SLOT: N_("There is no such slot."),
    ChargingRefusal.SLOT_TAKEN: N_("Somebody else has this slot. Please choose another."),
    ChargingRefusal.SLOT_FAULTED: N_("This slot is out of order. Please choose another."),
    ChargingRefusal.SLOT_UNAVAILABLE: N_("This slot is not in use. Please choose another."),
    ChargingRefusal.HAS_ONE_ALREADY: N_("You have a slot already."),
    ChargingRefusal.STATION_LIMIT: N_("The station has no power to spare. Please wait a little."),
    ChargingRefusal.METER_UNKNOWN: N_("The meter of this slot does not answer. Please choose another."),
    ChargingRefusal.RELAY_WELDED: N_("The switch of this slot is stuck. Please choose another."),
    ChargingRefusal.POWER_UNCONFIRMED: N_("The switch did not answer. Please try again or choose another slot."),
    ChargingRefusal.NOTHING_TO_STOP: N_("Nothing is charging here."),
    ChargingRefusal.UNVERIFIED_CARD: N_("This card is not known here yet. Please ask a volunteer."),
    ChargingRefusal.STATION_TROUBLE: N_("The station could not do it. Please tell a volunteer."),
    ChargingRefusal.QUEUED_AHEAD: N_("Others are waiting before you. Please join the queue."),
    ChargingRefusal.NOT_IN_QUEUE: N_("You are not in the queue."),
    ChargingRefusal.PAUSED_NO_SHOWS: N_("Too many bookings were not used. For now please start without booking."),
    ChargingRefusal.CONFIRM_PLUG: N_("Somebody else may have left a plug in this socket."),
    ChargingRefusal.CHARGING_HOURS: N_("The station does not charge at this hour."),
    ChargingRefusal.NOT_COMMISSIONED: N_("This slot has not been approved by an electrician yet."),
    ChargingRefusal.ALARM_LOST: N_("A smoke or heat detector does not answer. Please tell a volunteer."),
    ChargingRefusal.ALARM: N_("Smoke or heat was reported. Nobody charges until a volunteer has seen to it."),
    ChargingRefusal.STILL_CHARGING: N_("Somebody charges here. Stop it first."),
    ChargingRefusal.NO_REASON: N_("Please say why."),
}

OUT_OF_SERVICE: Final[Mapping[str, str]] = {
    "repair": N_("Repair"),
    "cleaning": N_("Cleaning"),
    "cable": N_("Cable damaged"),
    "other": N_("Other reason"),
}
"""Ready reasons for taking a slot out of service, by the word that is recorded: nobody types on this screen."""

SCAN_REFUSALS: Final[Mapping[ScanRefusal, tuple[str, str]]] = {
    ScanRefusal.UNKNOWN: (N_("This code is not ours"), N_("Please scan your rider's card or a book's label.")),
    ScanRefusal.FORGED: (N_("This card is not genuine"), N_("Please ask a volunteer for a new card.")),
    ScanRefusal.REVOKED: (
        N_("This card was cancelled"),
        N_("Please use your new card. None? Phone number and PIN do, or a volunteer."),
    ),
    ScanRefusal.EXPIRED: (
        N_("This card has expired"),
        N_("With phone number and PIN, “My card” gives you a new one; or ask a volunteer."),
    ),
    ScanRefusal.UNKNOWN_ISSUER: (N_("This card comes from elsewhere"), N_("Please ask a volunteer to help.")),
    ScanRefusal.UNKNOWN_RIDER: (
        N_("Your enrolment has not arrived here yet"),
        N_("Please try again later, or ask a volunteer."),
    ),
    ScanRefusal.BLOCKED: (N_("This card is blocked"), N_("Please ask a volunteer.")),
    ScanRefusal.TRUNCATED: (N_("Only a part was read"), N_("Hold the card still and scan it again.")),
    ScanRefusal.TOO_LONG: (N_("This code is too long"), N_("Please scan your rider's card or a book's label.")),
    ScanRefusal.BINARY: (N_("This code cannot be read"), N_("Please scan your rider's card or a book's label.")),
}
"""What happened, and what to do now."""

LOAN_BLOCKS: Final[Mapping[LoanBlock, str]] = {
    LoanBlock.LIMIT: N_("You have as many books as one may have"),
    LoanBlock.OVERDUE: N_("A book of yours is overdue: please return it first"),
    LoanBlock.UNKNOWN_COPY: N_("This book is not in our list"),
    LoanBlock.OWN_ALREADY: N_("You have this book already"),
    LoanBlock.NOT_FOR_LOAN: N_("This book stays here for reading"),
    LoanBlock.UNVERIFIED_CARD: N_("Your card is not known here yet: please ask a volunteer"),
    LoanBlock.MATERIAL_LIMIT: N_("You have as many of this kind as one may have"),
    LoanBlock.SET_ASIDE: N_("It is kept for somebody who reserved it"),
    LoanBlock.WITHDRAWN: N_("This book was taken out of the collection"),
    LoanBlock.IN_REPAIR: N_("This book is to be repaired"),
    LoanBlock.NOT_YOURS: N_("It is not on loan to you"),
    LoanBlock.RENEWED_OFTEN: N_("It was renewed already"),
    LoanBlock.WANTED: N_("Somebody else waits for it"),
}

STAFF_REFUSALS: Final[Mapping[StaffRefusal, str]] = {
    StaffRefusal.NO_CARD: N_("Please scan your volunteer's card first."),
    StaffRefusal.WRONG_PIN: N_("Wrong PIN."),
    StaffRefusal.LOCKED_OUT: N_("Too many wrong PINs."),
    StaffRefusal.NOT_A_VOLUNTEER: N_("This card is not a volunteer's any more."),
    StaffRefusal.WRONG_CODE: N_("Wrong code."),
    StaffRefusal.NO_CODE: N_("No code holds now. The command line gives a new one."),
}

NOTE_PHRASES: Final[Mapping[NotePhrase, str]] = {
    NotePhrase.COME_TO_VOLUNTEER: N_("Please see a volunteer"),
    NotePhrase.FOUND_ITEM: N_("Something you left is kept here for you"),
    NotePhrase.HELD_BOOK: N_("A book is put aside for you"),
    NotePhrase.SIGN_PLEDGE: N_("Please sign the bright-tail pledge"),
    NotePhrase.BOX_CHECK: N_("Please have your delivery box checked"),
    NotePhrase.THANK_YOU: N_("Thank you for your help!"),
}
"""Ready phrases of a volunteer's note."""

DEVICES: Final[Mapping[str, str]] = {
    "scanner": N_("scanner"),
    "bus": N_("charging bus"),
    "relay": N_("switch board"),
    "board": N_("switch board"),
    "meter": N_("meter"),
    "alarm": N_("alarm input"),
}
"""Kinds of devices by the first word of their name; an unknown one is shown as it is."""

HEALTHS: Final[Mapping[Health, str]] = {
    Health.CONNECTED: N_("works"),
    Health.DEGRADED: N_("unsteady"),
    Health.UNREACHABLE: N_("does not answer"),
    Health.UNKNOWN: N_("not known yet"),
}

SYNC_PROBLEMS: Final[Mapping[str, str]] = {
    "revoked": N_("The hub has cancelled this box's key"),
    "too_old": N_("This software is too old for the hub"),
    "no_answer": N_("The hub does not answer"),
    "not_enrolled": N_("The hub does not accept this box's key"),
    "unknown_key": N_("The hub does not know this box's key"),
    "other_origin": N_("The hub knows this key as another box's"),
    "untrusted": N_("What answers cannot prove that it is the hub"),
    "refused": N_("The hub refuses this box's reports"),
    "no_ca": N_("The hub's certificate file is missing"),
    "disk": N_("This box's disk is full or fails"),
}
"""Machine words of `SyncView.problem`; an unknown one is shown as it is."""

MONTHS: Final = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)

STALE_SYNC: Final = timedelta(minutes=30)
"""A hub that was last reached longer ago than this is mentioned on the idle screen: revocations may be missing."""


def faulty(devices: tuple[DeviceView, ...]) -> tuple[DeviceView, ...]:
    """The devices that do not work as they should."""
    return tuple(device for device in devices if device.health in {Health.UNREACHABLE, Health.DEGRADED})


def device_words(name: str) -> str:
    """A device's name in words: "meter 11" is 电表 11."""
    kind, _space, which = name.partition(" ")
    return f"{_(DEVICES.get(kind, kind))} {which}".rstrip()


def out_of_service(reason: str) -> str:
    """Why a slot is out of service; words from the command line are shown as they are."""
    return _(OUT_OF_SERVICE[reason]) if reason in OUT_OF_SERVICE else reason


def station_warning(station: StationFacade) -> str:
    """One line about devices that fail; empty when all is well."""
    devices = faulty(station.devices())
    if not devices:
        return ""
    names = _(", ").join(device_words(device.name) for device in devices[:3])
    return "▲ " + n_("{names} has a fault", "{names} have faults", len(devices)).format(names=names)


def age(seconds: float) -> str:
    """How long ago, in one unit: minutes, hours or days."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return _("under a minute")
    if minutes < 120:
        return n_("{n} minute", "{n} minutes", minutes).format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return n_("{n} hour", "{n} hours", hours).format(n=hours)
    return n_("{n} day", "{n} days", hours // 24).format(n=hours // 24)


def points_words(half_points: int) -> str:
    """Points from half points: 143 is 71.5."""
    whole, half = divmod(half_points, 2)
    return f"{whole}.5" if half else str(whole)


def hello_words(rider: RiderView) -> str:
    """The greeting, with the masked name; without one where none is known, as of a card from elsewhere."""
    if not rider.masked_name.strip("*"):
        return _("Hello")
    return _("Hello, {name}").format(name=rider.masked_name)


def day_words(day: date) -> str:
    """A day without its year: 12月3日, 3 December."""
    return _("{day} {month}").format(day=day.day, month=_(MONTHS[day.month - 1]))
