"""Everything on the charging bus, put together as the settings wire it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from devices.bus import Bus
from kiosk.charging.alarmed import Standing
from kiosk.charging.alarms import AlarmInputWatch, Alarms, Siren
from kiosk.charging.commissioning import Commissioned
from kiosk.charging.contactor import BehindContactor, Contactor
from kiosk.charging.wiring import BoardWatch, MeterWatch
from kiosk.settings import ChargingSettings, RelaySettings, SlotSettings


class Assembly:
    """Boards, meters, contactor, alarm inputs and siren.

    Args:
        numbers: the settings.
        bus: the bus.
        clock: monotonic s.
        folder: the data folder, where commissioning is recorded.
    """

    def __init__(self, numbers: ChargingSettings, bus: Bus, clock: Callable[[], float], folder: Path) -> None:
        self._numbers = numbers
        self._bus = bus
        self._clock = clock
        self._commissioned = Commissioned(folder)
        self.boards: Final = dict(self._make_boards())
        """By bus address."""
        self.contactor: Final = self._make_contactor()

    def meter(self, slot: SlotSettings) -> MeterWatch:
        """A slot's meter; to be asked for once."""
        return MeterWatch(slot.meter, self._bus, self._clock, self._numbers)

    def alarms(self, report: Callable[[frozenset[Standing]], None], lost: Callable[[], None]) -> Alarms:
        """The alarm inputs and the siren; to be asked for once.

        Args:
            report: takes all that the inputs say.
            lost: called when one that has to be heard went silent.
        """
        numbers, siren = self._numbers, None
        if numbers.siren is not None:
            place = numbers.siren.relay
            siren = Siren(self.boards[place.unit].raw, place.channel, numbers.lease_s, self._clock)
        return Alarms(
            [AlarmInputWatch(place, self._bus, self._clock, numbers.hot_c(place)) for place in numbers.alarms],
            siren,
            report=report,
            lost=lost,
            required=numbers.alarms_required,
            poll_s=numbers.alarm_poll_s,
        )

    def behind_contactor(self, slot: SlotSettings) -> bool:
        """Whether a slot's power goes through the contactor."""
        place = self._numbers.contactor
        return place is not None and (not place.slots or slot.name in place.slots)

    def _relays(self) -> Iterator[RelaySettings]:
        for slot in self._numbers.slots:
            yield slot.relay
        for section in (self._numbers.siren, self._numbers.contactor):
            if section is not None:
                yield section.relay

    def _make_boards(self) -> Iterator[tuple[int, BoardWatch]]:
        channels: dict[int, int] = {}
        for relay in self._relays():
            channels[relay.unit] = max(channels.get(relay.unit, 0), relay.channel + 1)
        for relay in self._relays():
            if relay.unit in channels:
                count = channels.pop(relay.unit)
                yield (
                    relay.unit,
                    BoardWatch(
                        relay,
                        self._bus,
                        self._clock,
                        lease_s=self._numbers.lease_s,
                        commissioned=self._commissioned,
                        channels=count,
                    ),
                )

    def _make_contactor(self) -> Contactor | None:
        place = self._numbers.contactor
        if place is None:
            return None
        above = self.boards[place.relay.unit]
        contactor = Contactor(above.raw, place.relay.channel, self._clock)
        for unit, board in self.boards.items():
            behind = frozenset(
                slot.relay.channel
                for slot in self._numbers.slots
                if slot.relay.unit == unit and self.behind_contactor(slot)
            )
            if behind:
                board.put_behind(BehindContactor(board.raw, unit, behind, contactor), above, behind)
        return contactor
