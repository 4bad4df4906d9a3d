"""What the command line may ask about riders' PINs: whoever has it may do what a volunteer may."""

from collections.abc import Callable, Mapping
from typing import Final

from kiosk import login
from kiosk.box import Box
from kiosk.control import Arguments, number_of, text_of
from kiosk.riders import marks, people

ACTOR: Final = "cli"


def set_pin(box: Box, arguments: Arguments) -> None:
    """Give a rider of this station a PIN, or another one; tries that were wrong are forgotten.

    The PIN comes as a verifier, which takes its time to be made, and never as it was typed.
    """
    rider = people.by_number(box, number_of(arguments, "rider"))
    marks.set_pin(box, rider.id, text_of(arguments, "verifier"), actor=ACTOR)
    login.forget_tries(rider.id)


def pins_beside(box: Box, arguments: Arguments) -> list[str]:
    """The verifiers of all the others with a rider's number: none of their PINs may be the new one.

    They are compared by who asks: that takes long on purpose, and the database is not to wait for it.
    """
    rider = people.by_number(box, number_of(arguments, "rider"))
    return [verifier for _, verifier in login.verifiers_beside(rider.id)]


OPERATIONS: Final[Mapping[str, Callable[[Box, Arguments], object]]] = {"rider-pin": set_pin, "pins-beside": pins_beside}
"""Served whether a station runs or not."""
