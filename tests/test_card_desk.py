"""Who is shown a card, and what comes of the printer; the screens have tests of their own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from kiosk import riders
from kiosk.box import Box
from kiosk.card_desk import CardDesk
from kiosk.counter import Counter
from kiosk.identity.card import read
from kiosk.identity.pin import make_verifier
from kiosk.riders import marks
from kiosk.system.database import DatabaseThread
from kiosk.views import CardRefusal, PrintProblem, RiderView
from tests.helpers.box import close_boxes, make_box, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Inline
from tests.helpers.riders import add_rider


class SomebodyHere:
    """Stands in for the counter: knows the visitor."""

    def __init__(self) -> None:
        self.visitor: RiderView | None = None


class Desk:
    """A desk over a box in memory.

    Args:
        folder: the box's.
        sections: of its settings.
    """

    def __init__(self, folder: Path, **sections: dict[str, object]) -> None:
        self.clock = VirtualClock()
        self.box: Box = make_box(folder, self.clock, settings=make_settings(folder, "LX01", **sections))
        self.counter = SomebodyHere()
        self.actor: str | None = None
        self.desk = CardDesk(
            self.box,
            cast("DatabaseThread", Inline(self.box)),
            cast("Counter", self.counter),
            lambda: self.actor,
        )

    def enrolled(self, pin: str | None = "1357") -> tuple[RiderView, str]:
        """A rider who stands here, and the card of the enrolment."""
        with self.box.journal.store.use():
            made = add_rider(self.box)
            if pin is not None:
                marks.set_pin(self.box, made.rider.id, make_verifier(pin), actor="volunteer:1")
        self.counter.visitor = made.rider
        return made.rider, made.card_text


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path)
    close_boxes()


async def test_the_own_card_is_shown_after_the_pin_and_none_is_issued_for_it(here: Desk) -> None:
    rider, text = here.enrolled()
    outcome = await here.desk.own("1357")
    assert (outcome.rider, outcome.card_text, outcome.refusal) == (rider, text, None)


async def test_wrong_pins_are_counted_with_those_of_the_phone(here: Desk) -> None:
    here.enrolled()
    left = [(await here.desk.own("2468")).tries_left for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    outcome = await here.desk.own("1357")
    assert (outcome.refusal, outcome.card_text) == (CardRefusal.LOCKED_OUT, "")
    assert outcome.locked_until is not None


async def test_nobody_and_a_card_that_nobody_vouches_for_see_none(here: Desk) -> None:
    rider, _ = here.enrolled()
    here.counter.visitor = None
    assert (await here.desk.own("1357")).refusal is CardRefusal.NOT_IDENTIFIED
    here.counter.visitor = replace(rider, verified=False)
    assert (await here.desk.own("1357")).refusal is CardRefusal.NOT_IDENTIFIED


async def test_who_has_no_pin_is_sent_to_a_volunteer(here: Desk) -> None:
    here.enrolled(pin=None)
    assert (await here.desk.own("1357")).refusal is CardRefusal.NO_PIN


async def test_a_further_card_is_issued_when_the_key_is_gone_or_the_card_ran_out(here: Desk) -> None:
    _, first = here.enrolled()
    here.box.keys.rotate_issuing()
    second = (await here.desk.own("1357")).card_text
    assert read(second).card.key_id == here.box.keys.issuing.key_id != read(first).card.key_id
    assert (await here.desk.own("1357")).card_text == second
    here.clock.advance(731 * 86_400)
    third = (await here.desk.own("1357")).card_text
    assert third not in (first, second)
    with here.box.journal.store.use():
        assert not riders.is_revoked(read(first).card.card_id)


async def test_a_volunteer_sees_any_riders_card_and_nobody_else_does(here: Desk) -> None:
    rider, text = here.enrolled()
    assert (await here.desk.of(rider.id)).refusal is CardRefusal.NOT_IDENTIFIED
    here.actor = "volunteer:1"
    assert (await here.desk.of(rider.id)).card_text == text
    assert (await here.desk.of("00" * 8)).refusal is CardRefusal.UNKNOWN_RIDER


async def test_without_a_printer_nothing_is_tried(here: Desk) -> None:
    _, text = here.enrolled()
    assert not here.desk.printer
    assert await here.desk.print(text) is PrintProblem.NO_PRINTER


async def test_a_printer_that_is_not_there_is_told_and_a_forged_text_is_not_printed(tmp_path: Path) -> None:
    port = tmp_path / "printer"
    here = Desk(tmp_path, printer={"port": str(port), "text": "gb18030"})
    _, text = here.enrolled()
    assert here.desk.printer
    assert await here.desk.print(text) is PrintProblem.UNREACHABLE
    assert await here.desk.print("no card") is PrintProblem.NO_CARD
    close_boxes()
