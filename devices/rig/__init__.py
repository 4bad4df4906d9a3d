"""The simulated hardware: a QR scanner and an RS-485 bus of relay boards and meters, on pseudo-terminals.

It is the other side of the wire, written from the devices' register maps and not from our drivers, so that a mistake in
a driver shows instead of being made twice. A Linux pseudo-terminal behaves like a serial adapter to whoever opens it.
"""

from devices.rig.client import RigClient
from devices.rig.faults import FaultKind
from devices.rig.plan import RigError, RigPlan, SlotPlan
from devices.rig.rig import Rig

__all__ = ["FaultKind", "Rig", "RigClient", "RigError", "RigPlan", "SlotPlan"]
