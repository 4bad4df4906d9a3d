"""What several features tell one screen: the idle screen, and a rider's points."""

from datetime import datetime

from msgspec.structs import replace

from kiosk import board, checkin, points, ranking, volunteers
from kiosk.box import Box
from kiosk.views import PointsView, TodayView


def read_today(box: Box) -> TodayView:
    """What the idle screen shows, without the slots, which the charging part knows by itself."""
    station = box.settings.station
    week = checkin.week(box)
    return TodayView(
        station=station.name,
        day=box.today,
        checkins=week[-1].riders,
        free_slots=0,
        slots=len(box.settings.charging.slots),
        notices=board.notices(box),
        opening_hours=station.opening_hours or None,
        ranking=ranking.current(box),
        week=week,
        on_duty=volunteers.on_duty(box),
    )


def read_points(box: Box, rider: str, as_of: datetime | None) -> PointsView:
    """A rider's points of this year, and whether the ranking may show their name."""
    return replace(points.summary(box, rider, as_of=as_of), named=ranking.consents(box, rider))
