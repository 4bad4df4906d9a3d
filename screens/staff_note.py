"""A note for a rider in a volunteer's own words, picked by pinyin as a name is."""

from typing import ClassVar, Final

from kiosk.checkin.notes import LONGEST
from kiosk.views import VolunteerOutcome
from screens.enrol import Form
from screens.enrol_name import NameScreen
from screens.language import N_, _
from screens.pinyin import Candidate, pinyin
from screens.volunteer_words import refused

ROOM: Final = {True: 8, False: 20}
"""Characters of the line above the pad, compact or not; of a longer note its end is shown."""


class NoteWordsScreen(NameScreen):
    """The pad of a name for any words; nothing is told until the last tap.

    Args:
        rider_id: whom the note is for.
        once: whether it is told once alone.
        form: the words so far.
    """

    heading: ClassVar[str] = N_("A note in your own words")
    longest: ClassVar[int] = LONGEST
    mark: ClassVar[str] = "，"
    done_words: ClassVar[str] = N_("Leave the note")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, rider_id: str, *, once: bool, form: Form | None = None) -> None:
        super().__init__(form or Form())
        self._rider_id = rider_id
        self._once = once
        self._refused = ""

    def again(self) -> "NoteWordsScreen":
        """The same words in another language."""
        return NoteWordsScreen(self._rider_id, once=self._once, form=self.form)

    def offered(self, keys: str) -> tuple[Candidate, ...]:
        """Any character of the table."""
        self._refused = ""
        return pinyin().letters(keys)

    @property
    def is_whole(self) -> bool:
        """Nobody knows but the volunteer."""
        return False

    @property
    def shown_words(self) -> str:
        """The end of the note, for that is where the volunteer is."""
        room = ROOM[self.compact]
        return self.form.name if len(self.form.name) <= room else "…" + self.form.name[1 - room :]

    def hint(self) -> str:
        """Why a note was refused, or how to begin."""
        return self._refused or ("" if self.form.name else _("spell it"))

    def go_on(self) -> None:
        """The note is whole."""
        desk = self.station.volunteers
        self.ask(desk.leave_note(self._rider_id, None, once=self._once, text=self.form.name), self._left)

    def _left(self, outcome: VolunteerOutcome) -> None:
        if outcome.refusal is None:
            self.kiosk.close_all(NoteWordsScreen)
            return
        self._refused = "× " + refused(outcome.refusal)
        self.draw()
