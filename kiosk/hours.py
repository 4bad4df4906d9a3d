"""Hours of the day such as "06:00-23:00", in the time of the place; they may pass midnight."""

import re
from datetime import datetime, timedelta

from msgspec import Struct

_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


class Hours(Struct, frozen=True):
    """From one minute of the day, included, to another, excluded; minutes since midnight."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Read "HH:MM-HH:MM"; 00:00 as the end is midnight.

        Raises:
            ValueError: it is something else, or an hour that ends when it begins.
        """
        found = _HOURS.match(text)
        if found is None:
            raise ValueError(text)
        start, end = (int(found[hour]) * 60 + int(found[hour + 1]) for hour in (1, 3))
        if start == end:
            raise ValueError(text)
        return cls(start, end)

    def include(self, local: datetime) -> bool:
        """Whether a moment, given in the time of the place, lies within them."""
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def end_after(self, local: datetime) -> datetime:
        """When they end next, in the time of the place."""
        edge = local.replace(hour=self.end // 60, minute=self.end % 60, second=0, microsecond=0)
        return edge if edge > local else edge + timedelta(days=1)
