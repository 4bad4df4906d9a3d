"""Areas: made by the office, or with their first station."""

from collections import Counter
from dataclasses import dataclass

from kiosk.hub import stations
from kiosk.hub.office.deeds import OfficeError
from kiosk.hub.store import HubStore
from models.hub import HubArea, HubMoved, HubStation


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area, as the list shows it."""

    name: str
    stations: int
    events: int
    epoch: str
    moved_to: str | None
    """Where it is served, of one that is closed here."""


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
    with store.reading():
        of_area = Counter(str(station.area) for station in HubStation.select(HubStation.area))
        closed = {str(row.area): str(row.moved_to) for row in HubMoved.select()}
        rows = HubArea.select().order_by(HubArea.name)
        return [
            AreaLine(row.name, of_area[row.name], int(row.position), row.epoch, closed.get(row.name)) for row in rows
        ]
