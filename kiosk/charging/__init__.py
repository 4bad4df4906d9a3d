"""Charging: slots, bookings, sessions, and power as a lease that ends by itself."""

from kiosk.charging.events import FEATURE
from kiosk.charging.point import ChargingPoint

__all__ = ["FEATURE", "ChargingPoint"]
