"""Make `screens/pinyin.txt`, by which names are picked on the pad: `python -m tests.make_pinyin PYPINYIN JIEBA`.

Readings are pypinyin's (MIT, from the Unihan database); which characters stand in names is counted from the names of
persons in jieba's dictionary (MIT). Both are given as folders into which a release was unpacked, and needed for this
alone. The first hundred surnames stand in the order of the Ministry of Public Security's report on names for 2020
(二〇二〇年全国姓名报告, 8 February 2021), and the given names' characters that its reports of 2019 and 2020 call the
most frequent are put before the others. Given names of two characters are those that several surnames of that
dictionary share and no other word is written like, behind the common ones that stand below.
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
    "覃谈丛燕商费卞明纪舒屈瞿符揭粟全姬慕麻"
)
"""In no certain order."""
COMPOUND: Final = (
    "欧阳 上官 司马 皇甫 诸葛 司徒 令狐 夏侯 东方 尉迟 公孙 慕容 长孙 宇文 端木 轩辕 南宫 西门 百里 呼延 澹台 申屠 "
    "淳于 闻人 钟离 赫连 独孤 太史 万俟 纳兰 完颜 拓跋 公羊 濮阳 宗政 鲜于 司空 闾丘 亓官 左丘 东郭 爱新觉罗"
)
"""Surnames of two characters and more, the commonest first."""
BY_SOUND: Final = (
    "阿卜杜拉 阿卜杜 阿不都 买买提 麦麦提 艾合买提 艾买提 吐尔逊 吐尔洪 古丽 阿依古丽 阿依夏木 阿迪力 艾力 艾尼瓦尔 "
    "阿里木 阿布力孜 巴哈尔 布威 达吾提 迪丽 迪丽努尔 哈力克 哈斯木 海热提 吉力力 卡德尔 库尔班 肉孜 玛依拉 穆罕默德 "
    "穆萨 努尔 帕提曼 热依汗 赛买提 塔依尔 图尔荪 伊力 依明 玉素甫 伊明 祖力 扎西 卓玛 次仁 多吉 格桑 尼玛 达瓦 旦增 "
    "丹增 拉姆 央金 平措 顿珠 索朗 洛桑 仁增 白玛 德吉 旺堆 巴图 格日勒 其其格 巴特尔 乌兰 娜仁 斯琴 苏日娜 那日苏 "
    "阿依 吉克 沙马"
)
"""Parts of Uyghur, Kazakh, Tibetan, Mongolian and Yi names as they are usually written."""
GIVEN: Final = (
    "建国 建军 建华 建平 国强 志强 志刚 志明 志远 志勇 海波 海涛 海峰 海燕 晓东 晓峰 晓明 晓燕 晓红 晓丽 小强 小军 "
    "小龙 小兵 小平 小红 小燕 小芳 永福 永强 永红 大勇 大伟 大海 春梅 春燕 春花 春生 桂英 桂兰 桂花 秀英 秀兰 秀珍 "
    "秀梅 秀华 玉兰 玉梅 玉珍 玉英 玉华 玉莲 金凤 金花 金莲 红梅 红英 红霞 丽华 丽娟 丽萍 丽娜 淑珍 淑英 淑华 淑兰 "
    "凤英 凤兰 翠英 翠兰 翠花 雪梅 冬梅 腊梅 爱华 爱民 爱国 卫东 卫国 卫华 文军 文华 文斌 文杰 文明 文涛 国庆 国华 "
    "国平 国辉 国栋 建明 建新 建林 建伟 建波 家明 家豪 家辉 俊杰 俊峰 俊豪 俊辉 俊熙 明辉 明华 明亮 明杰 伟强 伟明 "
    "伟民 伟杰 振华 振国 新华 新民 新建 新明 红军 红兵 红星 长江 长青 长生 长春 天宇 天翔 天佑 宇航 宇轩 宇辰 宇豪 "
    "宇涵 浩然 浩宇 浩轩 浩天 子涵 子轩 子豪 子墨 子怡 子萱 子睿 梓涵 梓轩 梓豪 梓萱 梓睿 梓晨 梓欣 雨桐 雨欣 雨轩 "
    "雨涵 雨泽 思雨 思琪 思涵 思远 思思 欣怡 欣妍 欣悦 欣然 佳怡 佳琪 佳欣 佳豪 佳明 嘉豪 嘉欣 嘉怡 嘉琪 诗涵 诗琪 "
    "诗雨 梦瑶 梦琪 梦婷 梦洁 语汐 语桐 语嫣 可欣 可馨 一诺 一鸣 一凡 一涵 依诺 依依 若曦 若溪 若彤 奕辰 奕泽 亦辰 "
    "亦宸 沐宸 沐阳 泽宇 泽洋 博文 博涵 文博 文轩 文静 文婷 文娟 静怡 静雯 雅婷 雅琪 雅静 婷婷 丽丽 娟娟 芳芳 媛媛 "
    "莉莉 倩倩 欢欢 晶晶 磊磊 明明 鹏飞 鹏程 云飞 云龙 云霞 少华 少平 少华 耀辉 耀华 光明 光辉 光荣 德华 德明 德福 "
    "贵生 福生 水生 根生 茂才 昌明 昌盛 世杰 世荣 启明 启航 庆华 庆丰 祥林 瑞林 瑞雪 金龙 金生 金平 兴华 兴旺 胜利 "
    "胜男 亚男 亚军 亚平 亚楠 立军 立新 立华 利军 利民 利华 利平 义军 先华 先明 清华 清泉 秋香 秋菊 月英 月娥 美玲 "
    "美华 美丽 艳红 艳丽 艳梅 艳芳 慧敏 慧玲 慧芳 燕子 海英 海霞 海龙 海军 海洋 海林 江华 江涛 江波 湘军 湘平 湘华 "
    "湘云 顺利 顺福 开明 开元 远航 远东 向阳 向东 旭东 旭阳 东升 东海 东明 冬生 龙飞 正华 正东 正明 宗明 承志 自强 "
    "自立 学军 学文 学明 学友 运生 三妹 四妹 满妹 巧云 巧玲 彩云 彩霞 彩虹 银花 银凤 菊花 菊英 菊香 莲花 荷花 梅花 "
    "兰英 兰花 香莲 香兰 珍珍 珍妮 圆圆 团团"
)
"""Given names of two characters that are heard often, in no certain order; the Ministry's reports name many of them."""
RECENT: Final = "玥喆堃犇垚祎珺翀彧镕淼昇玙姮骅芃昉旻晟琛璟珩珂倩茜霏霖"
"""Of names that are newer than GB 2312."""
REPORTED: Final = "英华文玉秀明丽兰红金伟芳静敏娜梓宇子涵泽雨佳浩欣轩奕辰亦一诺依怡桐妍语汐可梦瑶墨航然豪宸小强军国建"
REPORTED_WEIGHT: Final = 500
GIVEN_WEIGHT: Final = 100
HEARD: Final = (
    "志永春平林强伟荣梅云桂凤珍霞杰燕亮勇峰刚涛辉龙波鹏斌飞俊超成东光祥福生德庆新洪忠良学家世仁义清泉旭阳振兴胜利宝民芬琴玲娟"
    "萍艳莲香月彩琼素惠淑贤喜慧雪婷倩琳颖洁晶磊鑫凯昊晨睿"
)
HEARD_WEIGHT: Final = 200
OF_NAMES: Final = (
    "睿骁喆玥淼犇淇婉凌稼咏麟珠柔恒彬鑫森垚焱晖昊旭阳晨曦岚峻岩峥嵘松柏杨柳枫桦楠林森荣茂盛芝芸芹芬苗苹茹荷莲菊菲萍萱蓉蓓"
    "蕾薇兰云雯雪霜霞露冰凝清洁澜涛波洋海江河湖泊沛津润溪源滨漫潇瀚灿烁炎炜烨焕煜熙照耀辉光亮明昭昕晏晓晗晴智普景暄暖曼月朋"
    "朗望期杰极标栋树格桂桃梁梅棋楚榕欢欣歌正武毅民永治泉泰洁洪浩淑深渊湘滔满潮澄灵爱爽牧珊珍珏珠琦琪琳琴琼瑛瑜瑞瑾瑶璇璐璧"
    "甜生田男略百益盈真硕磊祁祖祝祥福禄禹科秀秋秦程稳立竹笑筠筱紫红纯纲维绍经绪继绮绿缘羽翔翠耘聪胜育胤能腾臻舒良艳艺节苏若"
    "茜草荃莉莎莹葵蓝虎虹蝶行裕观言训论诗诚询语诺谊谦贝贞贤贵赞超越路轶辛达迅运进远迪逸道邦郁里重野金钊钢钧铁铃铭银锋锐锦镇镜"
    "长闯闻阔际陆隆雁雄雅集霄霆青靖静非韵韶顺颂颖风飞馨香驰驹骏骥高鲁鲜鸣鸿鹃鹏鹤麒黎齐龄龙一乐乔书予云五京仁仪仲任伦佑佩佳"
    "依侠俊信修倩健偲儒元兆先克全公兴其典军冬冲凌凡凤凯利刚创力加劲励勇勋勤化千升午华卓南博卫厚双发可史叶司合吉同名君启周和咏"
    "哲唯善喜嘉四国圆坚坤城培基堂墨士声夏大天夫奇奎奕奥好如妍妙妮姗姝姣娅娇娟娥娴婉婕婧婵婷媛嫣嫦子孔存孝学宁宇守安宏宗定宜宝"
    "实宣宪宽宾密寒寿小少尚尧山岳岸崇川州巧巍帅帆师希常平年广庆康建开弘强彤彦彩影德心志忆忠念怀思恩恬悦情惠意慈慕慧懿戈成才振"
    "捷攀放政敏敬文斌新方旋日时昌映春昱显晋晔晟令德维垂钦绍扬道敦安懋修肇裕景锡世绪希闻尚衍毓传广昭繁祥代仕朝廷宗祖开应必先盛儒"
    "武文正大光仁义礼孝忠良承家运相如亮恭顺满仙妹秋冬腊喜来发财富贵旺全有得才根土生水火木"
)
"""Characters that are heard in names today, often and sometimes, in no certain order: that dictionary is of older and
of famous people."""
OF_NAMES_WEIGHT: Final = 25
NO_NAMES: Final = "尔斯特塞贝莱家庄村沟寨湾镇屯老乡埠军"
NO_ENDS: Final = (
    "克夫基曼格拉罗爷哥弟姐妹叔伯娘妈婶嫂婆舅姑父母官臣将兵师人主儿公侯氏子府皇帝王堡河桥里头坪岭院州宗二侠兄后姨少之"
)
"""Of places, foreigners' names and forms of address, which that dictionary takes for given names: nowhere, not last."""
SHARED_BY: Final = 2
"""So many surnames go with a given name at least."""

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
ALSO_GIVEN: Final = {
    "长": "chang",
    "朝": "zhao",
    "重": "chong",
    "劲": "jing",
    "佛": "fo",
    "勒": "le",
    "泊": "bo",
}
ALSO_READ: Final = {**ALSO_SURNAMES, **ALSO_GIVEN}
"""Readings as a surname or in a given name; the others stay."""

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
        if tag == "nr" and len(word) == 3 and word[0] in SURNAMES[:60] and not set(word[1:]) & set(NO_NAMES):
            given.update(word[1:])
    given.update(letter for name in GIVEN.split() for letter in name for _ in range(GIVEN_WEIGHT))
    given.update(dict.fromkeys(OF_NAMES, OF_NAMES_WEIGHT))
    given.update(dict.fromkeys(HEARD, HEARD_WEIGHT))
    given.update(dict.fromkeys(REPORTED, REPORTED_WEIGHT))
    return given, every


def pairs(dictionary: Path) -> list[str]:
    """Given names of two characters, the commonest first."""
    tags = {word: tag for word, _, tag in map(str.split, dictionary.read_text(encoding="utf-8").splitlines())}
    found = Counter(
        word[1:]
        for word, tag in tags.items()
        if tag == "nr" and len(word) == 3 and word[0] in SURNAMES and tags.get(word[1:], "nr") == "nr"
    )
    names = [
        name
        for name, count in found.most_common()
        if count >= SHARED_BY and not set(name) & set(NO_NAMES) and name[1] not in NO_ENDS
    ]
    return list(dict.fromkeys([*GIVEN.split(), *names]))


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
            usual = place == 0 or ALSO_READ.get(letter) == syllable
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
        readings[letter] = [one for one in [*syllables, ALSO_READ.get(letter, "")] if one and one[0] not in "iuv"]
    ranked = sorted(letters, key=lambda one: (-given[one], -every[one], one))
    surnames = dict.fromkeys(SURNAMES + OTHER_SURNAMES + "".join(ALSO_SURNAMES))
    names = [name for name in pairs(jieba / "jieba" / "dict.txt") if all(readings.get(letter) for letter in name)]
    lines = [
        HEADER.rstrip(),
        f"= {''.join(surnames)}",
        f"== {COMPOUND}",
        f"& {BY_SOUND}",
        f"+ {''.join(ranked[:1200])}",
        f"* {''.join(names)}",
        *table(readings, ranked),
    ]
    (Path(__file__).parent.parent / "screens" / "pinyin.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
