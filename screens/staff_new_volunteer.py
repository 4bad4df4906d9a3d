"""A new volunteer's name, picked by pinyin as a rider's is."""

from typing import ClassVar

from screens.enrol import Form
from screens.enrol_name import NameScreen
from screens.language import N_
from screens.staff_volunteers import VolunteerPinScreen


class VolunteerNameScreen(NameScreen):
    """The pad of an enrolment's name; behind it a PIN is asked for."""

    heading: ClassVar[str] = N_("The new volunteer's name")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, form: Form | None = None) -> None:
        super().__init__(form or Form())

    def go_on(self) -> None:
        """The name is whole: the volunteer's PIN is next."""
        self.kiosk.push_screen(VolunteerPinScreen(None, self.form.name))
