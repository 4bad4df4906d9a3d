"""The counts and notices of the idle screen."""

from kiosk import board, checkin
from kiosk.box import Box
from kiosk.views import TodayView


def read_today(box: Box) -> TodayView:
    """What the idle screen shows, without the slots, which the charging part knows by itself."""
    station = box.settings.station
    return TodayView(
        station=station.name,
        day=box.today,
        checkins=checkin.today_count(box),
        free_slots=0,
        slots=len(box.settings.charging.slots),
        notices=board.notices(box),
        opening_hours=station.opening_hours or None,
    )
