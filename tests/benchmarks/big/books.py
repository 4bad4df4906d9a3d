"""Titles and copies, as `kiosk import books` catalogues them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiosk.reading.events import CopyAdded, TitleAdded
from kiosk.reading.keys import keys_of
from kiosk.reading.pad import digits_of
from models.reading import CopyRow, TitleKeyRow, TitleRow
from tests.benchmarks.big.pen import Pen
from tests.benchmarks.big.people import FAMILIES, GIVEN
from tests.benchmarks.big.rows import Rows

WORDS: Final = (
    *(
        "中国",
        "历史",
        "红色",
        "长征",
        "人民",
        "生活",
        "世界",
        "文学",
        "故事",
        "春天",
        "山河",
        "沅水",
        "湘西",
        "少年",
        "平凡",
    ),
    *(
        "时间",
        "城市",
        "道路",
        "骑手",
        "交通",
        "安全",
        "法律",
        "常识",
        "健康",
        "养生",
        "家庭",
        "教育",
        "孩子",
        "母亲",
        "父亲",
    ),
    *(
        "党史",
        "简明",
        "读本",
        "选集",
        "全集",
        "新编",
        "图解",
        "入门",
        "手册",
        "大全",
        "传",
        "记",
        "论",
        "集",
        "与",
        "的",
        "之",
    ),
    *(
        "红楼",
        "西游",
        "水浒",
        "三国",
        "演义",
        "边城",
        "围城",
        "活着",
        "呐喊",
        "彷徨",
        "朝花",
        "骆驼",
        "茶馆",
        "家",
        "春",
        "秋",
    ),
    *(
        "电动车",
        "维修",
        "电工",
        "烹饪",
        "菜谱",
        "书法",
        "象棋",
        "诗词",
        "唐诗",
        "宋词",
        "散文",
        "小说",
        "科幻",
        "宇宙",
        "地球",
    ),
)
CLASSES: Final = ("I247", "D23", "K25", "U28", "TS97", "G89", "B84", "R16", "F12", "TP3", "P1", "Q95", "I561", "K82")
"""Of the Chinese library classification (中图法)."""
SHELVES: Final = 20
"""Of each class."""


@dataclass(frozen=True, slots=True)
class Books:
    """What there is to read.

    Attributes:
        titles: ids.
        isbns: theirs.
        shelves: their shelf marks.
        keys: a key of each that has one from its title: its usual initials.
        labels: of all copies.
    """

    titles: Sequence[str]
    isbns: Sequence[str]
    shelves: Sequence[str]
    keys: Sequence[str]
    labels: Sequence[str]


def write_books(  # noqa: PLR0917 - what a catalogue is made of
    pen: Pen, rows: Rows, chance: random.Random, code: str, titles: int, copies: int, at: datetime
) -> Books:
    """Catalogue titles; the copies are spread over them, every one has one at least."""
    spread = [1] * titles
    for _ in range(copies - titles):
        spread[min(int(chance.expovariate(4 / titles)), titles - 1)] += 1  # the first ones are asked for most
    chance.shuffle(spread)
    found = _Catalogued([], [], [], [], [])
    for number, count in enumerate(spread):
        at += timedelta(milliseconds=2)
        title = _title(pen, rows, chance, code, number, at, found)
        for _ in range(count):
            label = f"{code}-{len(found.labels) + 1:04d}"
            pen.write(CopyAdded(title=title), f"copy:{label}", "cli", at)
            rows.add(CopyRow, label=label, title=title, station=code, number=len(found.labels) + 1, for_loan=True)
            found.labels.append(label)
    return Books(found.titles, found.isbns, found.shelves, found.keys, found.labels)


@dataclass(frozen=True, slots=True)
class _Catalogued:
    titles: list[str]
    isbns: list[str]
    shelves: list[str]
    keys: list[str]
    labels: list[str]


def _title(  # noqa: PLR0917 - what a title is made of
    pen: Pen, rows: Rows, chance: random.Random, code: str, number: int, at: datetime, found: _Catalogued
) -> str:
    name = "".join(chance.choices(WORDS, k=chance.choice((1, 2, 2, 3, 3, 4, 5))))
    author = chance.choice(FAMILIES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2))))
    shelf = f"{chance.choice(CLASSES)}-{number % SHELVES + 1}"
    isbn = _isbn(number)
    keys = keys_of(name, author, isbn, shelf)
    title = pen.hexadecimal(8)
    body = TitleAdded(title=name, author=author, isbn=isbn, shelf=shelf, station=code, keys=keys)
    pen.write(body, f"title:{title}", "cli", at)
    rows.add(TitleRow, id=title, title=name, author=author, isbn=isbn, shelf=shelf, material="book", station=code)
    for key in keys:
        rows.add(TitleKeyRow, station=code, digits=digits_of(key), key=key, title=title)
    found.titles.append(title)
    found.isbns.append(isbn)
    found.shelves.append(shelf)
    found.keys.append(keys[0])
    return title


def _isbn(number: int) -> str:
    """A valid ISBN-13 (ISO 2108)."""
    body = f"9787{number:08d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"
