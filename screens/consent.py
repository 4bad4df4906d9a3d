"""The consent text: what is kept of whoever takes a card, what for, who sees it, how long, and that they may say no."""

from typing import Final

from screens.language import N_, _

CONSENT: Final = (
    N_(
        "We keep: your name; your phone number, locked so that only the county office can open it; a check value of "
        "your PIN; your check-ins, charging, books and points."
    ),
    N_("What for: your card, charging, books, points and awards at the stations of this area."),
    N_("Who sees it: these stations and the county office. Screens show your name masked, such as 王*强."),
    N_("How long: until you ask for deletion, at any station. Points stay, without your name."),
    N_("You may say no: rest and read here all the same, just without a card."),
)
"""Version 1 (`kiosk.riders.consent`): who changes a promise raises the version."""


def consent_words(*, close: bool) -> str:
    """The text in the language spoken now, a paragraph a promise.

    Args:
        close: without blank lines between them.
    """
    return ("\n" if close else "\n\n").join(f"■ {_(promise)}" for promise in CONSENT)
