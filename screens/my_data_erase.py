"""What deletion means, before the PIN; and the same for a volunteer who does it for a rider without one."""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.views.privacy import ErasureOutcome, StoredView
from screens.base import StationScreen
from screens.language import N_, _
from screens.my_data_pin import DataPinScreen, Purpose
from screens.my_data_words import CONSEQUENCES, open_words, refused, who_words
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile


class EraseScreen(StationScreen):
    """The consequences in words; the way back is the larger half.

    Args:
        view: what is kept about the rider.
    """

    heading: ClassVar[str] = N_("Delete my data")
    keep_words: ClassVar[str] = N_("Keep my data")

    def __init__(self, view: StoredView) -> None:
        super().__init__()
        self._view = view

    def again(self) -> Self:
        """The same, in another language."""
        return type(self)(self._view)

    def compose_body(self) -> Iterable[Widget]:
        """What happens, what stands in the way, and two tiles."""
        yield Prose(_("This cannot be undone."), id="erase-what")
        yield Prose("\n".join(f"· {_(line)}" for line in CONSEQUENCES), id="erase-lines")
        yield Prose(self._open_words(), id="erase-open")
        yield Horizontal(self.tile(), Tile(_(self.keep_words), id="erase-not"), id="erase-tiles")

    def tile(self) -> Tile:
        """Towards deletion."""
        may = self._view.rider.has_pin
        below = _("with your PIN") if may else _("A volunteer does it for you.")
        return Tile(_("Delete my data"), below, id="erase", classes="-danger", enabled=may)

    def _open_words(self) -> str:
        if not self._view.open:
            return ""
        words = _("First this has to end: {matters}. Then it is done by itself.")
        return words.format(matters=open_words(self._view.open))

    @on(Tile.Pressed, "#erase-not")
    def _keep(self) -> None:
        self.kiosk.back()

    @on(Tile.Pressed, "#erase")
    def _erase(self) -> None:
        self.on_wanted()

    def on_wanted(self) -> None:
        """Deletion is wanted."""
        self.kiosk.push_screen(DataPinScreen(Purpose.ERASE))


class StaffEraseScreen(EraseScreen):
    """The volunteer has seen who it is; the second tap does it."""

    heading: ClassVar[str] = N_("Delete the rider's data")
    keep_words: ClassVar[str] = N_("No, keep them")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, view: StoredView) -> None:
        super().__init__(view)
        self._sure = False

    def tile(self) -> Tile:
        """Towards deletion, for somebody else."""
        return Tile(_("The rider wants it"), who_words(self._view.rider), id="erase", classes="-danger")

    def on_wanted(self) -> None:
        """Ask once more, then do it."""
        tile = self.query_one("#erase", Tile)
        if not self._sure:
            self._sure = True
            tile.say(_("Tap again: delete for good"), tile.subtitle)
            return
        tile.disabled = True
        self.ask(self.station.privacy.erase_for(self._view.rider.id), self._done)

    def _done(self, outcome: ErasureOutcome) -> None:
        told = self.query_one("#erase-what", Prose)
        if outcome.refusal is not None:
            told.say(refused(outcome.refusal, None, None, self.kiosk.local_now()))
            return
        if outcome.erased:
            told.say("✓ " + _("The rider's data are deleted. The rider's cards no longer work."))
        else:
            words = _("It is done once this has ended: {matters}.").format(matters=open_words(outcome.open))
            told.say("✓ " + words)
        told.set_class(True, "-done")
        self.query_one("#erase-lines", Prose).say("")  # it was asked and answered: nothing is left to be kept
        self.query_one("#erase-open", Prose).say("")
        self.query_one("#erase", Tile).display = False
        self.query_one("#erase-not", Tile).say(_("Done"))
