"""`kiosk card`: riders' cards shown, printed, issued, replaced and revoked, and the key that signs them replaced."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk.commands.common import DONE, FAILED, WRONG_USE, Subparsers, at_the_writer, say, say_error, settings_of
from kiosk.settings import Settings
from kiosk.views import PrintedCard

_EPILOG = """\
kiosk card 7 [--png FILE]             the text of rider 7's card; its code as a picture
kiosk card issue 7 [--png FILE]       a further card
kiosk card replace 7 [--reason WORD]  a new card; the rider's others are revoked, in one step
kiosk card 7 --revoke WORD            end rider 7's cards, such as --revoke lost
kiosk card print --pdf FILE 7 8 ...   a sheet of cards to cut out; --all for everybody's
kiosk card print --receipt 7 8 ...    on the receipt printer of the settings
kiosk card rotate-key                 sign cards with a new key from now on; cards of the old one stay good"""
_AT_ONCE = 100
"""Cards in one answer of the writer."""


class _Printed(msgspec.Struct):
    """What the writer answers."""

    cards: list[PrintedCard]
    without: list[int]


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk card`."""
    parser = subparsers.add_parser(
        "card",
        parents=parents,
        help="riders' cards: show, print, issue, replace, revoke",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what",
        nargs="+",
        metavar="WHAT",
        help="print, issue, replace or rotate-key, and riders by their numbers at this station: 1, 2, ...",
    )
    parser.add_argument("--png", type=Path, metavar="FILE", help="also draw the QR code into this file")
    parser.add_argument("--revoke", metavar="WORD", help="end the rider's cards instead, such as --revoke lost")
    parser.add_argument("--reason", metavar="WORD", default="lost", help="of a replacement (lost)")
    parser.add_argument(
        "--pdf", nargs="+", metavar=("FILE", "RIDER"), help="print into this file, ten cards on a sheet of A4"
    )
    parser.add_argument("--all", action="store_true", help="print everybody's card")
    parser.add_argument("--receipt", nargs="*", metavar="RIDER", help="print on the receipt printer")
    parser.set_defaults(handler=_card)


def _card(arguments: argparse.Namespace) -> int:
    # Whoever is named behind an option is taken for the option's by the parser; here they are one list again.
    words = [*arguments.what, *(arguments.pdf or [])[1:], *(arguments.receipt or [])]
    verb, riders = _parted(words)
    if riders is None:
        say_error(f"RIDER: found {' '.join(words)!r}; accepted are numbers such as 1, 2, ...")
        return WRONG_USE
    settings = settings_of(arguments)
    if verb == "rotate-key" and not riders:
        return _rotate(settings)
    if verb == "print":
        return _print(settings, arguments, riders)
    if verb in ("", "issue", "replace") and len(riders) == 1:
        return _one(settings, arguments, verb, riders[0])
    say_error("One rider's number is needed; `kiosk card --help` shows what there is.")
    return WRONG_USE


def _parted(words: Sequence[str]) -> tuple[str, list[int] | None]:
    """The verb, "" for none, and the numbers; None when they are none."""
    verb = words[0] if words[0] in ("print", "issue", "replace", "rotate-key") else ""
    numbers = words[1:] if verb else words
    if not all(word.isascii() and word.isdecimal() and int(word) > 0 for word in numbers):
        return verb, None
    return verb, [int(word) for word in numbers]


def _one(settings: Settings, arguments: argparse.Namespace, verb: str, rider: int) -> int:
    if arguments.revoke is not None:
        at_the_writer(settings, "revoke-card", {"rider": rider, "reason": arguments.revoke})
        return DONE
    operation = {"": "card", "issue": "issue-card", "replace": "replace-card"}[verb]
    asked: dict[str, str | int | bool | None] = {"rider": rider}
    if verb == "replace":
        asked["reason"] = arguments.reason
    text = str(at_the_writer(settings, operation, asked))
    say(text)
    if arguments.png is not None:
        from kiosk.identity.picture import save_png

        save_png(text, arguments.png)
    return DONE


def _print(settings: Settings, arguments: argparse.Namespace, riders: list[int]) -> int:
    if (arguments.pdf is None) is (arguments.receipt is None) or bool(riders) is arguments.all:
        say_error("Either --pdf FILE or --receipt is needed, and riders' numbers or --all.")
        return WRONG_USE
    found = _everybody(settings) if arguments.all else [_printed(settings, rider, rider) for rider in riders]
    cards = [card for each in found for card in each.cards]
    without = [number for each in found for number in each.without]
    if without:
        numbers = ", ".join(map(str, without))
        say_error(f"Without a card that can be printed: {numbers}. `kiosk card replace RIDER` issues a new one.")
    if not cards:
        return say_error("There is no card to print.")
    printed = _on_paper(settings, cards) if arguments.pdf is None else _into_pdf(settings, cards, arguments.pdf[0])
    return FAILED if without else printed


def _everybody(settings: Settings) -> list[_Printed]:
    highest = msgspec.convert(at_the_writer(settings, "highest-rider", {}), int)
    return [_printed(settings, first, first + _AT_ONCE - 1) for first in range(1, highest + 1, _AT_ONCE)]


def _printed(settings: Settings, first: int, last: int) -> _Printed:
    found = at_the_writer(settings, "printed-cards", {"first": first, "last": last})
    return msgspec.convert(found, _Printed, from_attributes=True)


def _into_pdf(settings: Settings, cards: list[PrintedCard], file: str) -> int:
    from kiosk.printing.fonts import FontError, Fonts
    from kiosk.printing.sheet import save_sheets

    try:
        pages = save_sheets(cards, settings.station.name, Fonts(settings.printer.font), Path(file))
    except FontError as error:
        return say_error(error)
    except OSError as error:
        return say_error(f"{file} cannot be written: {error.strerror or error}.")
    say(f"Cards: {len(cards)}, sheets: {pages}, in {file}")
    return DONE


def _on_paper(settings: Settings, cards: list[PrintedCard]) -> int:
    from devices.printer import PrinterError
    from kiosk.printing.fonts import FontError
    from kiosk.printing.slip import print_card

    try:
        for card in cards:
            print_card(card, settings)
    except (PrinterError, FontError) as error:
        return say_error(error)
    return DONE


def _rotate(settings: Settings) -> int:
    made = msgspec.convert(at_the_writer(settings, "rotate-key", {}), dict[str, str])
    say(
        f"Cards are signed with the key {made['new']} from now on; the hub certifies it with the next sync. "
        f"Cards of the key {made['old']} stay good until they run out."
    )
    return DONE
