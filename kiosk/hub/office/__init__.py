"""What the county's office does at the hub: each act is an event of the hub, or a change of its own lists."""

from kiosk.hub.office.areas import AreaLine, add_area, areas
from kiosk.hub.office.deeds import OfficeError, record, records

__all__ = ["AreaLine", "OfficeError", "add_area", "areas", "record", "records"]
