"""Names by nine keys: what is common comes first, what is rare can be found, and the table names its sources."""

import pytest

from screens.pinyin import LETTERS, TABLE, Candidate, Pinyin, code_of, pinyin

SHOWN = 12
"""Candidates on one page of the small screen."""


def found(letter: str, keys: str, *, surname: bool = False) -> int:
    """At which place a character comes, from 0."""
    return [one.letter for one in pinyin().candidates(keys, surname=surname)].index(letter)


@pytest.mark.parametrize(
    ("letter", "keys"), [("王", ""), ("李", ""), ("陈", ""), ("彭", "7"), ("覃", "746"), ("向", "94264")]
)
def test_a_surname_is_on_the_first_page(letter: str, keys: str) -> None:
    assert found(letter, keys, surname=True) < SHOWN


@pytest.mark.parametrize(("letter", "keys"), [("小", ""), ("强", "7"), ("梓", "94"), ("涵", "426"), ("军", "5")])
def test_a_given_names_character_is_on_the_first_page(letter: str, keys: str) -> None:
    assert found(letter, keys) < SHOWN


@pytest.mark.parametrize(
    ("letter", "syllable"), [("单", "shan"), ("仇", "qiu"), ("区", "ou"), ("曾", "zeng"), ("盖", "ge")]
)
def test_surnames_are_found_by_their_reading_as_one(letter: str, syllable: str) -> None:
    assert found(letter, code_of(syllable), surname=True) < 2 * SHOWN


@pytest.mark.parametrize("letter", list("玥喆堃妍晗睿萱煜犇祎璟"))
def test_names_newer_than_the_old_character_set_can_be_written(letter: str) -> None:
    assert any(letter in line for line in TABLE.read_text(encoding="utf-8").splitlines()[6:])


def test_candidates_show_the_syllable_that_was_typed_and_none_twice() -> None:
    candidates = pinyin().candidates("9264", surname=True)
    assert candidates[0] in (Candidate("王", "wang"), Candidate("杨", "yang"), Candidate("张", "zhang"))
    letters = [one.letter for one in candidates]
    assert len(letters) == len(set(letters))


def test_keys_that_no_syllable_begins_with_lead_nowhere() -> None:
    assert not pinyin().candidates("9999", surname=False)
    assert not pinyin().goes_on("9999")
    assert pinyin().goes_on("94")


def test_umlaut_is_typed_as_v_on_the_same_key_as_u() -> None:
    assert code_of("lv") == code_of("lu") == "58"
    assert sorted("".join(LETTERS.values())) == [chr(code) for code in range(ord("a"), ord("z") + 1)]


def test_the_table_is_small_and_names_its_sources_and_licences() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert len(text.encode()) < 48 * 1024
    assert text.count("MIT License") == 2


def test_a_table_of_ones_own_is_read_alike() -> None:
    table = Pinyin(["# a comment", "= 王", "+ 小", "wang 王望", "xiao 小晓"])
    assert [one.letter for one in table.candidates("9", surname=True)] == ["王", "小", "望", "晓"]
