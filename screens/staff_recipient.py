"""Who receives a parcel, picked by pinyin as a rider's name is."""

from typing import ClassVar

from screens.enrol_name import NameScreen
from screens.language import N_


class RecipientScreen(NameScreen):
    """The pad of an enrolment's name, over the parcel that is being packed."""

    heading: ClassVar[str] = N_("Who receives it")
    needs_visitor: ClassVar[bool] = False

    def go_on(self) -> None:
        """The name is whole: back to the parcel."""
        self.kiosk.close_all(RecipientScreen)
