"""A card's text: the published vector, and that nothing else passes for it."""

import hashlib
import random
from datetime import date
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kiosk.identity import card as cards
from kiosk.identity.card import Card, CardError, CardLengthError, CardShapeError
from kiosk.identity.keys import IssuingKey
from kiosk.identity.picture import save_png

KEY = IssuingKey(bytes(range(32)))
CARD = Card(key_id="56475aa7", card_id="1122334455667788", rider_id="99aabbccddeeff00", issued=date(2026, 11, 24))
PAYLOAD = "0156475aa7112233445566778899aabbccddeeff00512d"
SIGNATURE = (
    "96cda81e81e9ebdb1164abe42cf093a2215875111d7d13abb68a42b5f0d75c9c"
    "934a765760aeed89ec3eda87aa3e9edfbcf27c0b9c5dbf5287eb77a80eddd203"
)
TEXT = (
    "R70-09J5LPE4XS8-.C4CHCQLK+PS9U 10FY5/:PO%3XPTBVRVWC2%SRIUFMKA8BG7"
    "2O F%VLOLH10N7ARXZJRI932B65MSJHP.7Z6HA-7 CSLTU2L1E%BMJAOYT2BL-1S30"
)
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def passes(text: str) -> bool:
    """Whether a text is taken for a card of the vector's key."""
    try:
        signed = cards.read(text)
    except CardError:
        return False
    return signed.card.key_id == KEY.key_id and signed.is_signed_by(KEY.public_key)


def test_the_published_vector_is_written_to_the_letter() -> None:
    assert len(TEXT) == 131
    assert cards.write(CARD, KEY) == TEXT


def test_the_published_vector_is_read_byte_by_byte() -> None:
    signed = cards.read(TEXT)
    assert signed.card == CARD
    assert signed.payload.hex() == PAYLOAD
    assert signed.signature.hex() == SIGNATURE
    assert signed.is_signed_by(KEY.public_key)


def test_the_vector_in_the_documentation_is_this_one() -> None:
    told = (Path(__file__).parents[1] / "docs" / "card.md").read_text(encoding="utf-8")
    assert all(part in told for part in (TEXT, PAYLOAD, KEY.key_id, KEY.public_key.hex()))
    assert SIGNATURE in told


def test_the_key_id_is_the_beginning_of_the_sha256_of_the_public_key() -> None:
    assert hashlib.sha256(KEY.public_key).hexdigest().startswith(KEY.key_id)


def test_another_character_anywhere_is_refused() -> None:
    chooser = random.Random(45)  # noqa: S311 - repeatable choices, no secret
    for place, right in enumerate(TEXT):
        for wrong in chooser.sample([letter for letter in BASE45 if letter != right], 6):
            assert not passes(TEXT[:place] + wrong + TEXT[place + 1 :]), f"{wrong} at {place}"


def test_random_mutations_are_refused() -> None:
    chooser = random.Random(9285)  # noqa: S311 - repeatable choices, no secret
    for _ in range(500):
        letters = list(TEXT)
        for _ in range(chooser.randint(1, 8)):
            place = chooser.randrange(len(letters))
            match chooser.randrange(4):
                case 0:
                    letters[place] = chooser.choice(BASE45)
                case 1:
                    letters.insert(place, chooser.choice(BASE45))
                case 2:
                    del letters[place]
                case _:
                    other = chooser.randrange(len(letters))
                    letters[place], letters[other] = letters[other], letters[place]
        mutant = "".join(letters)
        assert mutant == TEXT or not passes(mutant)


@pytest.mark.parametrize("shape", [TEXT.lower(), TEXT[:-1] + "\n", TEXT[:-1] + "五", "0" * 131, ":" * 131])
def test_a_text_of_the_right_length_and_the_wrong_shape_is_no_card(shape: str) -> None:
    with pytest.raises(CardShapeError):
        cards.read(shape)


@pytest.mark.parametrize("shape", ["", TEXT[:-1], TEXT + "0", TEXT + "\n", TEXT + TEXT])
def test_a_text_of_another_length_is_no_card(shape: str) -> None:
    with pytest.raises(CardLengthError):
        cards.read(shape)


def test_a_card_of_a_later_version_is_not_guessed_at() -> None:
    payload = bytes.fromhex("02" + PAYLOAD[2:])
    text = cards._text(payload + KEY.sign(payload))
    with pytest.raises(CardShapeError, match="version 2"):
        cards.read(text)


def test_another_key_has_not_signed_it() -> None:
    assert not cards.read(TEXT).is_signed_by(IssuingKey(bytes(32)).public_key)


@pytest.mark.parametrize(
    "wrong",
    [
        Card(key_id="00000000", card_id=CARD.card_id, rider_id=CARD.rider_id, issued=CARD.issued),
        Card(key_id=CARD.key_id, card_id="11", rider_id=CARD.rider_id, issued=CARD.issued),
        Card(key_id=CARD.key_id, card_id=CARD.card_id, rider_id=CARD.rider_id, issued=date(1969, 12, 31)),
        Card(key_id=CARD.key_id, card_id=CARD.card_id, rider_id=CARD.rider_id, issued=date(2149, 6, 7)),
    ],
)
def test_what_does_not_fit_a_card_is_not_written(wrong: Card) -> None:
    with pytest.raises(ValueError, match="card"):
        cards.write(wrong, KEY)


def test_the_first_and_the_last_day_that_fit_come_back_as_they_are() -> None:
    for day in (date(1970, 1, 1), date(2149, 6, 6)):
        text = cards.write(Card(CARD.key_id, CARD.card_id, CARD.rider_id, day), KEY)
        assert cards.read(text).card.issued == day


def test_the_picture_is_read_back_by_another_decoder(tmp_path: Path) -> None:
    save_png(TEXT, tmp_path / "card.png")
    with Image.open(tmp_path / "card.png") as picture:
        codes = zxingcpp.read_barcodes(picture)
        modules = picture.size[0] // 12
    assert [code.text for code in codes] == [TEXT]
    assert modules == 41 + 2 * 4  # version 6 and its quiet zone


def test_a_text_too_long_for_the_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        save_png("A" * 200, tmp_path / "card.png")
    assert not (tmp_path / "card.png").exists()
