"""How many taps a name takes, by who spells it and looks at the screen after each; and with it a new card."""

import pytest

from screens.enrol_name import SHOWN_SMALL, USUAL_GIVEN
from screens.pinyin import DOT, code_of, pinyin

MOST_TAPS = 25
MOST_TAPS_RAREST = 28
AROUND_THE_NAME = 17
""""I am new" and "I agree", ten digits of the phone, four of the PIN, "make my card"."""

NAMES = """
王小强 wang xiao qiang, 李建国 li jian guo, 张丽 zhang li, 刘海波 liu hai bo, 陈春梅 chen chun mei,
杨志远 yang zhi yuan, 黄晓东 huang xiao dong, 赵玉兰 zhao yu lan, 周大勇 zhou da yong, 吴思雨 wu si yu,
徐永福 xu yong fu, 孙欣 sun xin, 彭大海 peng da hai, 张伟 zhang wei, 王芳 wang fang, 李娜 li na, 覃梓涵 qin zi han,
向玉梅 xiang yu mei, 田茂才 tian mao cai, 龙金凤 long jin feng, 石昌明 shi chang ming, 麻晓燕 ma xiao yan,
符大勇 fu da yong, 瞿国庆 qu guo qing, 刘喆 liu zhe, 周淼 zhou miao, 吴玥 wu yue, 陈奕辰 chen yi chen,
黄一诺 huang yi nuo, 单晓峰 shan xiao feng, 仇英 qiu ying, 宋犇 song ben, 欧阳锋 ou yang feng,
欧阳雨桐 ou yang yu tong, 尉迟恭 yu chi gong, 令狐冲 ling hu chong, 买买提·吐尔逊 mai mai ti tu er xun,
阿依古丽·艾买提 a yi gu li ai mai ti, 扎西顿珠 zha xi dun zhu, 次仁拉姆 ci ren la mu
"""
"""The demonstration's riders, surnames of western Hunan, characters that are rare or new, surnames of two characters,
and names by sound."""

RAREST = """
曾令辉 zeng ling hui, 谭咏麟 tan yong lin, 谷爱凌 gu ai ling, 胡骁睿 hu xiao rui, 邓稼先 deng jia xian,
诸葛亮 zhu ge liang, 上官婉儿 shang guan wan er, 皇甫嵩 huang fu song
"""
"""Two characters of the given name, or the surname and one of them, are each found by three or four keys."""


def taps_for(name: str, syllables: list[str]) -> int:
    """Keys and characters that are tapped: what is on the page is taken, else the next letter is typed.

    The rider spells one character after the other, and looks for more when a syllable is whole.
    """
    so_far, taps = "", 0
    while so_far != name:
        rest = name[len(so_far) :]
        if rest[0] == DOT:
            so_far, taps = so_far + DOT, taps + 1
            continue
        code = code_of(syllables[len(so_far.replace(DOT, ""))])
        keys, page = "", 0
        while not (hits := [one for one in _page(keys, so_far, page) if rest.startswith(one)]):
            keys, page = (code[: len(keys) + 1], 0) if keys != code else (keys, page + 1)
            taps += 1
        so_far, taps = so_far + max(hits, key=len), taps + 1
    goes_on_by_itself = DOT not in name and len(pinyin().given_of(name)) >= USUAL_GIVEN
    return taps + (not goes_on_by_itself)


def _page(keys: str, name: str, page: int) -> list[str]:
    found = pinyin().candidates(keys, name=name)[page * SHOWN_SMALL : (page + 1) * SHOWN_SMALL]
    assert found, (name, keys, page)
    return [one.letter for one in found]


@pytest.mark.parametrize(("names", "most"), [(NAMES, MOST_TAPS), (RAREST, MOST_TAPS_RAREST)], ids=("names", "rarest"))
def test_a_new_riders_name_leaves_the_card_within_so_many_taps_on_the_small_screen(names: str, most: int) -> None:
    entries = [entry.split() for entry in names.replace("\n", " ").split(",")]
    table = {name: AROUND_THE_NAME + taps_for(name, syllables) for name, *syllables in entries}
    assert max(table.values()) <= most, table
