"""How long a card takes to be verified: its text and signature alone, and the whole judgement over the database."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from nacl.signing import VerifyKey

from kiosk.box import Box
from kiosk.checkin.admission import Good, judge
from kiosk.identity.card import read
from tests.benchmarks.figures import Goal, at_most, figure
from tests.helpers.box import close_boxes, make_box
from tests.helpers.riders import add_rider

if TYPE_CHECKING:
    from tests.benchmarks.measures import Figures, Run

GOALS: Final[Mapping[str, tuple[str, Goal]]] = {
    "card_verification": ("ms", at_most(1, "ms")),
    "card_judgement": ("ms", at_most(5, "ms")),
}
CARDS: Final = 100
TIMES: Final = 20


def measure_cards(run: "Run") -> "Figures":
    """Good cards of 100 riders of a station on disk, in turn; against the bare Ed25519 check of as many bytes."""
    box = make_box(run.folder / "cards", on_disk=True)
    try:
        with box.journal.store.use():
            texts = [add_rider(box, phone=f"138{number:08}").card_text for number in range(CARDS)]
            key = box.keys.issuing.public_key
            signed = [read(text) for text in texts]
            bare = VerifyKey(key)
            times = [_took(partial(bare.verify, one.payload, one.signature)) for _ in range(TIMES) for one in signed]
            alone = [_took(partial(_verified, text, key)) for _ in range(TIMES) for text in texts]
            whole = [_took(partial(_judged, box, text)) for _ in range(TIMES // 4) for text in texts]
    finally:
        close_boxes()
    return {
        "card_verification": figure(alone, *GOALS["card_verification"], times),
        "card_judgement": figure(whole, *GOALS["card_judgement"]),
    }


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _verified(text: str, key: bytes) -> None:
    if not read(text).is_signed_by(key):
        raise AssertionError("a good card was not verified")


def _judged(box: Box, text: str) -> None:
    if not isinstance(judge(box, text), Good):
        raise TypeError("a good card was refused")
