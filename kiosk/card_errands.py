"""What the command line may ask of cards, at the running station or with the folder's lock."""

from kiosk import riders
from kiosk.box import Box
from kiosk.control import Arguments, ControlError, number_of, text_of
from kiosk.riders.cards import highest_number, issue_card, replace_card, to_print

MOST_AT_ONCE = 100
"""Cards in one answer: about 100 ms of the database's time."""


def show(box: Box, arguments: Arguments) -> str:
    """The text of a rider's card."""
    return riders.card_text(box, number_of(arguments, "rider"))


def issue(box: Box, arguments: Arguments) -> str:
    """A further card for a rider; its text."""
    return issue_card(box, number_of(arguments, "rider"), actor="cli")


def replace(box: Box, arguments: Arguments) -> str:
    """A new card for a rider, whose others are revoked; its text."""
    return replace_card(box, number_of(arguments, "rider"), text_of(arguments, "reason"), actor="cli")


def revoke(box: Box, arguments: Arguments) -> None:
    """Revoke a rider's cards."""
    riders.revoke_card(box, number_of(arguments, "rider"), text_of(arguments, "reason"), actor="cli")


def printed(box: Box, arguments: Arguments) -> dict[str, object]:
    """What stands on the cards of riders from number `first` to `last`, and who has none that could be made again."""
    first, last = number_of(arguments, "first"), number_of(arguments, "last")
    cards, without = [], []
    for number in range(first, min(last, first + MOST_AT_ONCE - 1) + 1):
        try:
            cards.append(to_print(box, number))
        except riders.NoCardError:
            without.append(number)
        except riders.NoSuchRiderError:
            if first == last:
                raise
            # the person was erased
    return {"cards": cards, "without": without}


def highest(box: Box, _: Arguments) -> int:
    """The highest number of a rider of this station; 0 when there is none."""
    return highest_number(box)


def rotate_key(box: Box, _: Arguments) -> dict[str, str]:
    """Sign cards with a new key; the ids of the old one and the new."""
    old = box.keys.issuing.key_id
    try:
        return {"old": old, "new": box.keys.rotate_issuing().key_id}
    except OSError as error:
        raise ControlError(f"The new key cannot be written: {error.strerror or error}.") from None
