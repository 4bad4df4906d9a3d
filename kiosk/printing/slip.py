"""A card onto the receipt printer of the settings."""

from devices.printer import PrinterError, print_bytes
from kiosk.printing.receipt import card_slip
from kiosk.settings import Settings
from kiosk.views import PrintedCard


def print_card(card: PrintedCard, settings: Settings) -> None:
    """Print one card; blocks for some seconds at most, so not for the loop.

    Raises:
        PrinterError: there is no printer, or it did not print; the message is a sentence.
        kiosk.printing.fonts.FontError: there is no font for the words.
    """
    printer = settings.printer
    if not printer.port:
        raise PrinterError("no_printer", "There is no receipt printer in the settings (printer.port).")
    slip = card_slip(card, settings.station.name, printer)
    print_bytes(printer.port, printer.baudrate, slip, asks=printer.answers)
