"""The box as the rules see it: its settings, its journal and its keys."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from kiosk.identity.keys import Keys
from kiosk.journal import Journal
from kiosk.settings import Settings
from kiosk.system.clock import Clock, civil_day, from_iso
from models.journal import JournalState


class Box(Struct, frozen=True):
    """What every rule function gets first. Rules run on the database thread, with the store in use."""

    settings: Settings
    journal: Journal
    keys: Keys

    @property
    def clock(self) -> Clock:
        """Where times come from."""
        return self.journal.clock

    @property
    def origin(self) -> str:
        """This box's random id, which stands on every event it writes."""
        return self.journal.origin

    @property
    def zone(self) -> ZoneInfo:
        """The station's time zone."""
        return self.settings.station.zone

    @property
    def now(self) -> datetime:
        """The time as the journal would write it: never below the newest event while the clock is not believed."""
        now = self.clock.now()
        if self.clock.trusted():
            return now
        with self.journal.store.use():
            newest = JournalState.get().newest_at
        return max(now, from_iso(newest)) if newest else now

    @property
    def today(self) -> date:
        """The civil day at the station."""
        return civil_day(self.now, self.zone)

    def local(self, moment: datetime) -> datetime:
        """A moment in the station's time zone."""
        return moment.astimezone(self.zone)
