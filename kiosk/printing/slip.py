"""A card, or a label to be stuck on, onto the receipt printer of the settings."""

from collections.abc import Callable

from devices.printer import PrinterError, print_bytes
from kiosk.printing.fonts import FontError
from kiosk.printing.labels import Label
from kiosk.printing.receipt import card_slip, label_slip
from kiosk.settings import PrinterSettings, Settings
from kiosk.views import PrintedCard, PrintProblem


def print_card(card: PrintedCard, settings: Settings) -> None:
    """Print one card; blocks for some seconds at most, so not for the loop.

    Raises:
        PrinterError: there is no printer, or it did not print; the message is a sentence.
        kiosk.printing.fonts.FontError: there is no font for the words.
    """
    printer = _printer(settings)
    slip = card_slip(card, settings.station.name, printer)
    print_bytes(printer.port, printer.baudrate, slip, asks=printer.answers)


def print_label(label: Label, settings: Settings) -> None:
    """Print one label; blocks and raises as `print_card` does."""
    printer = _printer(settings)
    slip = label_slip(label, settings.station.name, printer)
    print_bytes(printer.port, printer.baudrate, slip, asks=printer.answers)


def problem_of(job: Callable[[], None]) -> PrintProblem | None:
    """Print, and say in a typed value why nothing came out; None when it did."""
    try:
        job()
    except PrinterError as error:
        return PrintProblem(error.problem)
    except FontError:
        return PrintProblem.NO_FONT
    return None


def _printer(settings: Settings) -> PrinterSettings:
    if not settings.printer.port:
        raise PrinterError("no_printer", "There is no receipt printer in the settings (printer.port).")
    return settings.printer
