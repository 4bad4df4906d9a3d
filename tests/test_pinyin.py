"""Names by nine keys: what is common comes first, what is rare can be found, and the table names its sources."""

import pytest

from screens.enrol_name import SHOWN_SMALL
from screens.pinyin import LETTERS, TABLE, Candidate, Pinyin, code_of, pinyin

NO_NAME, SURNAME = "", "王"
"""What stands there before the surname, and before the given name."""


def found(word: str, keys: str, name: str = SURNAME) -> int:
    """At which place it comes, from 0."""
    return [one.letter for one in pinyin().candidates(keys, name=name)].index(word)


@pytest.mark.parametrize(
    ("word", "keys"),
    [("王", ""), ("李", ""), ("陈", ""), ("彭", "7"), ("覃", "746"), ("向", "94264"), ("欧阳", "6"), ("欧阳", "69")],
)
def test_a_surname_is_on_the_first_page(word: str, keys: str) -> None:
    assert found(word, keys, NO_NAME) < SHOWN_SMALL


@pytest.mark.parametrize(("word", "keys"), [("小", ""), ("强", "7"), ("梓", "94"), ("涵", "426"), ("军", "5")])
def test_a_given_names_character_is_on_the_first_page(word: str, keys: str) -> None:
    assert found(word, keys) < SHOWN_SMALL


@pytest.mark.parametrize("keys", ["99", "949", "9449", "944982", "9449826"])
def test_a_whole_given_name_is_found_by_its_initials_or_by_as_much_of_it_as_is_spelled(keys: str) -> None:
    assert found("志远", keys) < SHOWN_SMALL


def test_behind_a_first_character_stand_those_that_names_go_on_with() -> None:
    assert found("远", "", "王志") < SHOWN_SMALL < found("远", "", "王梓")


@pytest.mark.parametrize(("name", "given"), [("欧阳锋", "锋"), ("王小强", "小强"), ("买买提·吐", "吐"), ("", "")])
def test_the_surname_may_have_several_characters(name: str, given: str) -> None:
    assert pinyin().given_of(name) == given


@pytest.mark.parametrize(
    ("letter", "syllable"), [("单", "shan"), ("仇", "qiu"), ("区", "ou"), ("曾", "zeng"), ("盖", "ge")]
)
def test_surnames_are_found_by_their_reading_as_one(letter: str, syllable: str) -> None:
    assert found(letter, code_of(syllable), NO_NAME) < 2 * SHOWN_SMALL


@pytest.mark.parametrize("letter", list("玥喆堃妍晗睿萱煜犇祎璟"))
def test_names_newer_than_the_old_character_set_can_be_written(letter: str) -> None:
    assert any(letter in line for line in TABLE.read_text(encoding="utf-8").splitlines()[9:])


def test_candidates_show_the_syllable_that_was_typed_and_none_twice() -> None:
    candidates = pinyin().candidates("9264")
    assert candidates[0] in (Candidate("王", "wang"), Candidate("杨", "yang"), Candidate("张", "zhang"))
    letters = [one.letter for one in pinyin().candidates("94", name=SURNAME)]
    assert len(letters) == len(set(letters))


def test_keys_that_no_syllable_begins_with_lead_nowhere() -> None:
    assert not pinyin().candidates("9999")
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
    assert [one.letter for one in table.candidates("9")] == ["王", "小", "望", "晓"]
