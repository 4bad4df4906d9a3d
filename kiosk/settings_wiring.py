"""Mistakes in how slots, alarms, siren and contactor are wired: each named with its key and what is accepted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.settings import ChargingSettings, RelaySettings

RELAY_CHANNELS = {"waveshare": 8, "wirenboard": 6, "plain": 32}
"""Relay drivers, and how many relays such a board has at most."""
LEASING_DRIVER = "waveshare"
"""The driver whose relays end each by itself: what a siren and a master contactor need."""
METER_DRIVERS = ("pzem", "sdm120")
ALARM_DRIVERS = ("contact", "celsius")
ALARM_KINDS = ("smoke", "surroundings_hot", "socket_hot")
LEASE_LEAST_S, LEASE_MOST_S = 0.5, 60.0
"""What `charging.lease_s` may be with any board."""
BOARD_LEASES_S = {"waveshare": (0.1, 3276.7), "wirenboard": (4.0, 240.0)}
"""The shortest and the longest lease that a board can time, s: ticks of 100 ms up to 0x7FFF, and a watchdog of whole
seconds that is a quarter of the lease; see devices.relays. A plain board times none."""
LEASE_WORDS = f"{LEASE_LEAST_S:g} to {LEASE_MOST_S:g} s; " + ", ".join(
    f"a {driver} board can time {least:g} to {most:g} s" for driver, (least, most) in BOARD_LEASES_S.items()
)
"""What is accepted as `charging.lease_s`."""


def check_wiring(charging: "ChargingSettings") -> list[str]:
    """All mistakes of the wiring."""
    mistakes = []
    if not charging.slots:
        mistakes.append("charging.slots: found none; accepted are one or more [[charging.slots]] tables")
    mistakes += _check_drivers(charging)
    mistakes += _check_uses(charging)
    mistakes += _check_roles(charging)
    mistakes += _check_plain(charging)
    mistakes += _check_lease(charging)
    mistakes += _check_watchdog(charging)
    mistakes += _check_alarms(charging)
    return mistakes


def _relays(charging: "ChargingSettings") -> Iterator[tuple[str, "RelaySettings"]]:
    """Every relay with its key."""
    for number, slot in enumerate(charging.slots):
        yield f"charging.slots[{number}]", slot.relay
    if charging.siren is not None:
        yield "charging.siren", charging.siren.relay
    if charging.contactor is not None:
        yield "charging.contactor", charging.contactor.relay


def _check_drivers(charging: "ChargingSettings") -> Iterator[str]:
    for key, relay in _relays(charging):
        own = key in ("charging.siren", "charging.contactor")
        accepted = (LEASING_DRIVER,) if own else tuple(RELAY_CHANNELS)
        if relay.driver not in accepted:
            yield f"{key}.relay.driver: found {relay.driver!r}; {_accepted(accepted)}" + (
                ", whose relays end by themselves" if own else ""
            )
        elif relay.channel >= RELAY_CHANNELS[relay.driver]:
            most = RELAY_CHANNELS[relay.driver] - 1
            yield f"{key}.relay.channel: found {relay.channel}; accepted is 0 to {most} on this board"
    for number, slot in enumerate(charging.slots):
        if slot.meter.driver not in METER_DRIVERS:
            yield f"charging.slots[{number}].meter.driver: found {slot.meter.driver!r}; {_accepted(METER_DRIVERS)}"


def _check_uses(charging: "ChargingSettings") -> Iterator[str]:
    """Nothing is used twice."""
    taken: dict[object, str] = {}
    uses: list[tuple[str, object]] = []
    for number, slot in enumerate(charging.slots):
        key = f"charging.slots[{number}]"
        uses += [
            (f"{key}.name", ("name", slot.name)),
            (f"{key}.relay", ("relay", slot.relay.unit, slot.relay.channel)),
            (f"{key}.meter", ("meter", slot.meter.unit)),
        ]
    uses += [
        (f"{key}.relay", ("relay", relay.unit, relay.channel))
        for key, relay in _relays(charging)
        if not key.startswith("charging.slots")
    ]
    for number, alarm in enumerate(charging.alarms):
        key = f"charging.alarms[{number}]"
        uses += [
            (f"{key}.name", ("alarm", alarm.name)),
            (f"{key}.channel", ("input", alarm.driver, alarm.unit, alarm.channel)),
        ]
    for key, use in uses:
        if use in taken:
            yield f"{key}: found the same as {taken[use]}; accepted is one of its own"
        taken.setdefault(use, key)


def _check_roles(charging: "ChargingSettings") -> Iterator[str]:
    """Each bus address belongs to one device."""
    roles: dict[int, tuple[str, str]] = {}
    claims = [
        claim
        for number, slot in enumerate(charging.slots)
        for claim in (
            (f"charging.slots[{number}]", slot.relay.unit, "relay board", slot.relay.driver),
            (f"charging.slots[{number}]", slot.meter.unit, "meter", slot.meter.driver),
        )
    ]
    claims += [
        (key, relay.unit, "relay board", relay.driver)
        for key, relay in _relays(charging)
        if not key.startswith("charging.slots")
    ]
    claims += [
        (f"charging.alarms[{number}]", alarm.unit, "input module", "") for number, alarm in enumerate(charging.alarms)
    ]
    for key, unit, role, driver in claims:
        known = roles.setdefault(unit, (role, driver))
        if known != (role, driver):
            yield f"{key}: the bus address {unit} is used by a {known[0]} and a {role}; each has its own"


def _check_plain(charging: "ChargingSettings") -> Iterator[str]:
    """A board that does not switch off by itself needs something above it that does."""
    contactor = charging.contactor
    names = [slot.name for slot in charging.slots]
    if contactor is not None:
        for name in contactor.slots:
            if name not in names:
                yield f"charging.contactor.slots: found {name!r}; accepted are names of slots"
    for number, slot in enumerate(charging.slots):
        held = contactor is not None and (not contactor.slots or slot.name in contactor.slots)
        if slot.relay.driver == "plain" and not held:
            yield (
                f"charging.slots[{number}].relay.driver: found 'plain', a board that never switches off by itself; "
                "accepted with a [charging.contactor] on a leased relay that this slot is behind"
            )
        if contactor is not None and slot.relay.unit == contactor.relay.unit and slot.relay.driver == "plain":
            yield f"charging.contactor.relay.unit: found {contactor.relay.unit}, a plain board; accepted is another"


def _check_lease(charging: "ChargingSettings") -> Iterator[str]:
    """Each board has to be able to time the lease."""
    for driver in dict.fromkeys(relay.driver for _key, relay in _relays(charging)):
        least, most = BOARD_LEASES_S.get(driver, (0.0, LEASE_MOST_S))
        if not least <= charging.lease_s <= most:
            yield (
                f"charging.lease_s: found {charging.lease_s:g}; accepted is {max(least, LEASE_LEAST_S):g} to "
                f"{min(most, LEASE_MOST_S):g} s with a {driver} board, which can time {least:g} to {most:g} s"
            )


def _check_watchdog(charging: "ChargingSettings") -> Iterator[str]:
    """What one slot is given must not hang on another's: half a lease is each one's own."""
    watchdog = any(slot.relay.driver == "wirenboard" for slot in charging.slots)
    if (watchdog or charging.contactor is not None) and charging.renew_s > charging.lease_s / 3:
        yield (
            f"charging.renew_s: found {charging.renew_s:g}; accepted is at most a third of lease_s with a "
            f"{'wirenboard board' if watchdog else 'contactor'}"
        )
    if watchdog and charging.relay_idle_s > charging.lease_s / 8:
        yield (
            f"charging.relay_idle_s: found {charging.relay_idle_s:g}; accepted is at most an eighth of lease_s, "
            f"{charging.lease_s / 8:g} s, with a wirenboard board"
        )


def _check_alarms(charging: "ChargingSettings") -> Iterator[str]:
    names = [slot.name for slot in charging.slots]
    for number, alarm in enumerate(charging.alarms):
        key = f"charging.alarms[{number}]"
        if alarm.driver not in ALARM_DRIVERS:
            yield f"{key}.driver: found {alarm.driver!r}; {_accepted(ALARM_DRIVERS)}"
        if alarm.kind not in ALARM_KINDS:
            yield f"{key}.kind: found {alarm.kind!r}; {_accepted(ALARM_KINDS)}"
        if alarm.slot and alarm.kind != "socket_hot":
            yield f"{key}.slot: found {alarm.slot!r}; accepted only with kind socket_hot"
        elif alarm.slot and alarm.slot not in names:
            yield f"{key}.slot: found {alarm.slot!r}; accepted is a slot's name"
    if charging.siren is not None and not charging.alarms:
        yield "charging.siren: found without an alarm that would sound it; accepted with [[charging.alarms]]"


def _accepted(names: tuple[str, ...]) -> str:
    return f"accepted is {', '.join(names)}"
