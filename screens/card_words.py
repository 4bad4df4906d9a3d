"""Words about cards: why none is shown, why none came out of the printer (message ids)."""

from typing import Final

from kiosk.views import CardRefusal, PrintProblem
from screens.language import N_

CARD_REFUSALS: Final = {
    CardRefusal.NOT_IDENTIFIED: N_("Scan your card first."),
    CardRefusal.UNKNOWN_RIDER: N_("You are not known here any more. Ask a volunteer."),
    CardRefusal.NO_PIN: N_("You have no PIN yet. A volunteer sets one."),
    CardRefusal.WRONG_PIN: N_("This PIN is wrong."),
    CardRefusal.LOCKED_OUT: N_("Too many wrong PINs."),
}

_BROKEN: Final = N_("The printer does not answer. Photograph the code.")

PRINT_PROBLEMS: Final = {
    PrintProblem.NO_PRINTER: N_("There is no printer here. Photograph the code."),
    PrintProblem.NO_CARD: N_("This card cannot be printed. Ask a volunteer."),
    PrintProblem.NO_FONT: _BROKEN,
    PrintProblem.UNREACHABLE: _BROKEN,
    PrintProblem.SILENT: _BROKEN,
    PrintProblem.NO_PAPER: N_("The printer has no paper. Photograph the code."),
    PrintProblem.NOT_READY: N_("The printer's cover is open."),
}
