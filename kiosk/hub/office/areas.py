"""Areas: made by the office, or with their first station."""

from collections import Counter
from dataclasses import dataclass

from kiosk.hub import stations
from kiosk.hub.office.deeds import OfficeError
from kiosk.hub.store import HubStore
from models.hub import HubArea, HubStation


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area, as the list shows it."""

    name: str
    stations: int
    events: int
    epoch: str


def add_area(store: HubStore, name: str) -> None:
    """Make an area with a key of its own.

    Raises:
        OfficeError: it is there already.
        StationError: the name is not of its shape.
    """
    stations.check_area(name)
    with store.transaction():
        if HubArea.get_or_none(HubArea.name == name) is not None:
            raise OfficeError(f"The area {name} is there already.")
        stations.ensure_area(name)


def areas(store: HubStore) -> list[AreaLine]:
    """All areas, by name."""
    with store.transaction():
        of_area = Counter(str(station.area) for station in HubStation.select(HubStation.area))
        return [
            AreaLine(str(row.name), of_area[str(row.name)], int(row.position), str(row.epoch))
            for row in HubArea.select().order_by(HubArea.name)
        ]
