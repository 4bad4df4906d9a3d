"""Every value has words in both languages, and the compiled catalogue is the written one."""

import ast
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import screens
from kiosk.views import (
    Borrowed,
    ChargingRefusal,
    CopyNote,
    Health,
    HoldBlock,
    LoanBlock,
    LoanRefused,
    LoanView,
    Outcome,
    ParcelRefusal,
    Returned,
    RiderView,
    ScanRefusal,
    ScanRefused,
    SlotError,
    SlotState,
    StaffRefusal,
    StationTrouble,
    StopReason,
    TitleFound,
    TitleView,
)
from screens import book_words, words
from screens.language import LOCALE, _, set_language
from screens.outcome_words import tell
from screens.theme import HEALTH_LOOKS, SLOT_LOOKS
from screens.widgets.outcome import Telling, Tone
from tests.helpers.fake_station import RIDER, VOLUNTEER, FakeStation

CATALOGUE = LOCALE / "zh" / "LC_MESSAGES" / "kiosk.po"
K = TypeVar("K", bound=StrEnum)


def plain(values: type[K], table: Mapping[K, str]) -> tuple[type[StrEnum], dict[str, str]]:
    """An enum and its table, by the values' names."""
    return values, {value.value: words for value, words in table.items()}


TABLES = (
    plain(SlotState, words.SLOT_STATES),
    plain(SlotError, words.SLOT_ERRORS),
    plain(StopReason, words.STOP_REASONS),
    plain(ChargingRefusal, words.CHARGING_REFUSALS),
    plain(LoanBlock, words.LOAN_BLOCKS),
    plain(HoldBlock, book_words.HOLD_BLOCKS),
    plain(ParcelRefusal, book_words.PARCEL_REFUSALS),
    plain(CopyNote, book_words.COPY_NOTES),
    plain(Health, words.HEALTHS),
    plain(StaffRefusal, words.STAFF_REFUSALS),
)
DUE = (
    LoanView("LX01-0003", "红岩", date(2026, 11, 26), overdue=False),
    LoanView("LX01-0009", "活着", date(2026, 11, 20), overdue=True),
)


def written() -> Catalog:
    """The catalogue as people edit it."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def strings(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """One or several plural forms, as a tuple."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def pairs(catalogue: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Message ids and their translations."""
    return {strings(message.id): strings(message.string) for message in catalogue if message.id}


def messages_in_code() -> Iterator[tuple[str, str]]:
    """Every message id that the code marks, with its place."""
    for path in sorted(Path(screens.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_", "n_"}:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                    yield first.value, f"{path.name}:{node.lineno}"


def told(outcome: Outcome, language: str) -> Telling:
    """An outcome in a language."""
    set_language(language)
    return tell(outcome, FakeStation().settings.station.zone)


@pytest.mark.parametrize(("values", "table"), TABLES, ids=[table[0].__name__ for table in TABLES])
def test_every_value_has_words_in_both_languages(values: type[StrEnum], table: dict[str, str]) -> None:
    """And not the same ones."""
    assert set(table) == {value.value for value in values}
    for message in table.values():
        set_language("en")
        english = _(message)
        set_language("zh")
        assert english == message
        assert _(message) != message


@pytest.mark.parametrize("reason", ScanRefusal)
def test_every_refused_scan_says_what_happened_and_what_to_do(reason: ScanRefusal) -> None:
    """Its own words, in both languages."""
    english = told(ScanRefused(reason), "en")
    chinese = told(ScanRefused(reason), "zh")
    assert english.tone is Tone.BAD
    assert english.headline != chinese.headline
    assert len(english.lines) == len(chinese.lines) == 1
    others = [told(ScanRefused(other), "zh").headline for other in ScanRefusal if other is not reason]
    assert chinese.headline not in others


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_blocks_of_a_loan_are_shown(language: str) -> None:
    """Not the first alone."""
    blocks = tuple(block for block in LoanBlock if block is not LoanBlock.OWN_ALREADY)
    telling = told(LoanRefused("LX01-0007", blocks), language)
    shown = "\n".join(telling.lines)
    for block in blocks:
        assert _(words.LOAN_BLOCKS[block]) in shown
    assert "LX01-0007" in shown
    assert told(LoanRefused("LX01-0007", tuple(LoanBlock)), language).tone is Tone.CAREFUL, "a question, no refusal"


def test_a_greeting_says_points_and_what_is_due() -> None:
    """Masked name, mark, time, points earned, total, books."""
    outcome = FakeStation().greeting(due=DUE)
    telling = told(outcome, "zh")
    shown = "\n".join((telling.headline, *telling.lines))
    for part in (
        "王*强",
        "先锋骑手",
        "12:00 签到成功",
        "+2 分",
        "暂计 71.5 分",
        "《红岩》请在11月26日前归还",
        "已超期：《活着》",
    ):
        assert part in shown
    english = "\n".join(told(outcome, "en").lines)
    for part in ("Checked in at 12:00", "+2 points", "71.5", "26 November", "Overdue"):
        assert part in english


def test_a_second_scan_says_already_and_when() -> None:
    """With the time of the first."""
    outcome = FakeStation().greeting(already=True)
    assert "今天 12:00 已经签到过了" in told(outcome, "zh").lines
    assert "Already checked in today at 12:00" in told(outcome, "en").lines


def test_an_unverified_card_is_greeted_with_care() -> None:
    """The check-in is kept; charging and loans are not for it."""
    stranger = RiderView(RIDER.id, "*", verified=False)
    telling = told(FakeStation().greeting(stranger), "zh")
    assert telling.headline == "您好", "nobody is called *"
    for already, line in ((False, "12:00 已记录，不计积分"), (True, "今天 12:00 已经记录过，不计积分")):
        assert line in told(FakeStation().greeting(stranger, already=already), "zh").lines
    assert telling.tone is Tone.CAREFUL
    assert any("志愿者" in line for line in telling.lines)


@pytest.mark.parametrize(
    ("outcome", "parts"),
    [
        (Borrowed("LX01-0007", "活着", date(2026, 12, 8)), ("借书成功", "《活着》", "12月8日")),
        (Returned("LX01-0007", "活着", was_on_loan=True), ("还书成功", "《活着》")),
        (Returned("LX01-0007", "活着", was_on_loan=True, was_overdue=True), ("还书成功", "已超期")),
        (Returned("LX01-0007", "活着", was_on_loan=False), ("没有借出", "《活着》")),
        (TitleFound("9787020008735", TitleView("红岩", "罗广斌", "A1", 2, 1)), ("红岩", "罗广斌", "A1", "在架 1 册")),
        (TitleFound("9787020008735", None), ("没有这本书", "9787020008735")),
        (StationTrouble("4F2A9C"), ("故障", "4F2A9C")),
        (VOLUNTEER, ("周*兰", "密码")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_other_outcome_says_the_essential(outcome: Outcome, parts: tuple[str, ...]) -> None:
    """In Chinese, and other words in English."""
    chinese = told(outcome, "zh")
    shown = "\n".join((chinese.headline, *chinese.lines))
    for part in parts:
        assert part in shown
    english = told(outcome, "en")
    assert (english.headline, *english.lines) != (chinese.headline, *chinese.lines)


def test_every_state_has_a_shape_of_one_cell() -> None:
    """Colour is not alone in telling a state."""
    assert set(SLOT_LOOKS) == set(SlotState)
    assert set(HEALTH_LOOKS) == set(Health)
    assert all(len(look.shape) == 1 for look in (*SLOT_LOOKS.values(), *HEALTH_LOOKS.values()))


def test_every_message_in_the_code_is_translated() -> None:
    """Nobody meets an English sentence on a Chinese screen."""
    catalogue = written()
    missing = []
    for message, place in messages_in_code():
        entry = catalogue.get(message)
        texts = () if entry is None else strings(entry.string)
        if not texts or not all(texts):
            missing.append(f"{place}: {message}")
    assert missing == []


def test_the_compiled_catalogue_equals_the_written_one() -> None:
    """`pybabel compile -d screens/locale -D kiosk` was run."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert pairs(compiled) == pairs(written())


def test_translations_keep_the_placeholders() -> None:
    """A name that is filled in must have its place in both languages."""
    for ids, texts in pairs(written()).items():
        for text in texts:
            assert _places(text) <= _places(ids[0]), text


def test_the_screens_show_no_sign_whose_width_fonts_disagree_on() -> None:
    """Circled digits, degree Celsius in one sign, emoji (terminals count one cell and draw two)."""
    unsafe = set("①②③④⑤⑥⑦⑧⑨⑩℃㎡Ⅰ⚡✅❌")
    for path in (*Path(screens.__path__[0]).rglob("*.py"), CATALOGUE):
        text = path.read_text(encoding="utf-8")
        assert not unsafe & set(text), path.name
        assert all(ord(sign) < 0x1F000 for sign in text), path.name


def _places(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}
