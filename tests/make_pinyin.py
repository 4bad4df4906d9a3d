"""Make `screens/pinyin.txt`, by which names are picked on the pad: `python -m tests.make_pinyin PYPINYIN JIEBA`.

Readings are pypinyin's (MIT, from the Unihan database); which characters stand in names is counted from the names of
persons in jieba's dictionary (MIT). Both are given as folders into which a release was unpacked, and needed for this
alone. The first hundred surnames stand in the order of the Ministry of Public Security's report on names for 2020
(二〇二〇年全国姓名报告, 8 February 2021), and the given names' characters that its reports of 2019 and 2020 call the
most frequent are put before the others.
"""

import json
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
OTHER_SURNAMES: Final = (
    "欧汤易赖乔文庞樊兰殷施洪翟安颜倪季鲁涂柳岳麦葛辛管柯耿焦左柴祝骆关包霍甘鲍邢梅齐路凌阮单符冯章庄申温康伍余傅詹"
    "卜喻时代聂裴盛盘阳滕臧景向房储谷简童宁蒲冉车牛蓝古艾全仇苗连褚娄闵项游成车巫戚席宗应迟柏司华俞曲解佟米尤卓靳"
    "覃谈丛燕商费卞明纪舒屈瞿符揭粟全姬慕尚诸令上皇长东尉淳独"
)
"""In no certain order, compound surnames' first characters last."""
RECENT: Final = "玥喆堃犇垚祎珺翀彧镕淼昇玙姮骅芃昉旻晟琛璟珩珂倩茜霏霖"
"""Of names that are newer than GB 2312."""
REPORTED: Final = "英华文玉秀明丽兰红金伟芳静敏娜梓宇子涵泽雨佳浩欣轩奕辰亦一诺依怡桐妍语汐可梦瑶墨航然豪宸小强军国建"
REPORTED_WEIGHT: Final = 500

ALSO_SURNAMES: Final = {
    "单": "shan",
    "仇": "qiu",
    "区": "ou",
    "解": "xie",
    "查": "zha",
    "盖": "ge",
    "朴": "piao",
    "翟": "zhai",
    "尉": "yu",
    "万": "mo",
    "曾": "zeng",
    "缪": "miao",
    "乐": "yue",
    "员": "yun",
    "覃": "qin",
    "种": "chong",
    "洗": "xian",
    "冼": "xian",
}
"""Readings as a surname; the others stay."""

HEADER: Final = """\
# Characters by syllable, those of names first; made by tests/make_pinyin.py.
# Readings: pypinyin (https://github.com/mozillazg/python-pinyin), MIT License, Copyright (c) 2016 mozillazg.
# Frequencies: jieba (https://github.com/fxsjy/jieba), MIT License, Copyright (c) 2013 Sun Junyi.
# Order of surnames: 二〇二〇年全国姓名报告, Ministry of Public Security.
"""


def common_characters(names: Counter[str]) -> list[str]:
    """All characters of GB 2312 (6,763), and those of names that are not in it."""
    found = []
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.append(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    more = sorted({*names, *RECENT} - set(found))
    return [*found, *(name for name in more if "\u4e00" <= name <= "\u9fff")]


def counted(dictionary: Path) -> tuple[Counter[str], Counter[str]]:
    """Characters of given names, and of all words."""
    given, every = Counter[str](), Counter[str]()
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, count, tag = line.split()
        every.update({letter: int(count) for letter in word})
        if tag == "nr" and len(word) == 3 and word[0] in SURNAMES[:60]:
            given.update(word[1:])
    given.update(dict.fromkeys(REPORTED, REPORTED_WEIGHT))
    return given, every


def plain(reading: str) -> str:
    """A reading without its tone: ü is v, as it is typed."""
    letters = unicodedata.normalize("NFD", reading.strip()).replace("u\u0308", "v").replace("U\u0308", "v")
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha()).lower()


def table(readings: dict[str, list[str]], order: Iterable[str]) -> list[str]:
    """Lines of a syllable, the characters mostly read so, and those seldom read so; in the order given."""
    mostly: dict[str, list[str]] = defaultdict(list)
    seldom: dict[str, list[str]] = defaultdict(list)
    for letter in order:
        for place, syllable in enumerate(dict.fromkeys(readings.get(letter, []))):
            usual = place == 0 or ALSO_SURNAMES.get(letter) == syllable
            (mostly if usual else seldom)[syllable].append(letter)
    syllables = sorted({*mostly, *seldom})
    return [f"{one} {''.join(mostly[one])} {''.join(seldom[one])}".rstrip() for one in syllables]


def main(pypinyin: Path, jieba: Path) -> None:
    """Write the table."""
    given, every = counted(jieba / "jieba" / "dict.txt")
    told = json.loads((pypinyin / "pypinyin" / "pinyin_dict.json").read_text(encoding="utf-8"))
    letters = common_characters(given)
    readings: dict[str, list[str]] = {}
    for letter in letters:
        syllables = [plain(one) for one in told.get(str(ord(letter)), "").split(",")]
        readings[letter] = [one for one in [*syllables, ALSO_SURNAMES.get(letter, "")] if one and one[0] not in "iuv"]
    ranked = sorted(letters, key=lambda one: (-given[one], -every[one], one))
    surnames = dict.fromkeys(SURNAMES + OTHER_SURNAMES + "".join(ALSO_SURNAMES))
    lines = [HEADER.rstrip(), f"= {''.join(surnames)}", f"+ {''.join(ranked[:1200])}", *table(readings, ranked)]
    (Path(__file__).parent.parent / "screens" / "pinyin.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
