"""Who receives a parcel, picked by pinyin as a rider's name is."""

from typing import ClassVar

from kiosk.views import Outcome, Task
from screens.enrol_name import NameScreen
from screens.language import N_
from screens.staff_pack import StaffPackScreen


class RecipientScreen(NameScreen):
    """The pad of an enrolment's name, over the parcel that is being packed."""

    heading: ClassVar[str] = N_("Who receives it")
    needs_visitor: ClassVar[bool] = False

    def on_screen_resume(self) -> None:
        """On top again: scans go into the parcel, as they do on the screen beneath."""
        self.station.reading.begin(Task.PACK)

    def takes(self, outcome: Outcome) -> bool:
        """A book that is scanned meanwhile goes into the parcel, and is shown over the pad."""
        for screen in self.kiosk.screen_stack:
            if isinstance(screen, StaffPackScreen):
                screen.takes(outcome)
        return False

    def go_on(self) -> None:
        """The name is whole: back to the parcel."""
        self.kiosk.close_all(RecipientScreen)
