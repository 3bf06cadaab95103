"""Names for streets, in pinyin and characters, made of syllables that stand for nothing real."""

from itertools import product

import numpy as np

_FIRST = (
    "Chang 长", "An 安", "He 和", "Xin 新", "Yong 永", "Qing 清", "Ming 明", "Guang 光", "Hua 华",
    "Jin 锦", "Yun 云", "Feng 丰", "Fu 福", "Tai 泰", "Zhen 振", "De 德", "Wen 文", "Ren 仁",
    "Chun 春", "Lan 兰", "Gui 桂", "Song 松", "Yu 玉", "Long 龙", "Jing 景", "Sheng 盛", "Xiang 祥",
    "Kang 康", "Hong 红", "Bai 白", "Cui 翠", "Jiang 江", "Lin 林", "Mei 梅", "Yi 怡", "Dong 冬",
    "Shuang 双", "Qiu 秋", "Xi 曦", "Ke 科", "Xue 学", "Cang 仓", "Tao 陶", "Yan 盐", "Cha 茶",
)  # fmt: skip
_SECOND = (
    "ping 平", "ning 宁", "le 乐", "xing 兴", "men 门", "shan 山", "hu 湖", "yuan 源", "tai 台",
    "hua 花", "xin 心", "fu 福", "hai 海", "qiao 桥", "quan 泉", "he 河", "tang 塘", "shi 石",
    "yang 阳", "feng 枫", "lin 林", "de 德", "xi 溪", "yu 雨", "cheng 诚", "zhu 竹", "ting 亭",
)  # fmt: skip
_TAKEN = "Qingshan"
"""The name of a village with a story of its own."""

_SORT = ("St 街", "Rd 路", "Lane 巷")
RINGS = ("Inner Ring 内环路", "First Ring 一环路", "Second Ring 二环路", "Third Ring 三环路")
EAST_BANK, WEST_BANK = "Binjiang Rd 滨江路", "West Dike Rd 西堤路"
BRIDGES = ("North Bridge 北桥", "Middle Bridge 中桥", "South Bridge 南桥")
AVENUES = (
    "Dongmen Ave 东门大道", "Chaoyang Ave 潮阳大道", "Beimen Ave 北门大道",
    "Wangjiang Ave 望江大道", "Zhongqiao Ave 中桥大道", "Gongnong Ave 工农大道",
    "Nanmen Ave 南门大道", "Huochezhan Ave 火车站大道",
    "Keji Ave 科技大道", "Daxue Ave 大学大道", "Wenhua Ave 文化大道", "Tiyu Ave 体育大道",
    "Jiefang Ave 解放大道", "Yingbin Ave 迎宾大道", "Fazhan Ave 发展大道", "Shuyuan Ave 书院大道",
    "Gangkou Ave 港口大道", "Zhizao Ave 制造大道",
)  # fmt: skip


def local_names(count: int, rng: np.random.Generator) -> list[str]:
    """So many names of small streets, e.g. `Changning St 长宁街`; no name twice below 3,600."""
    stems = [_joined(first, second) for first, second in product(_FIRST, _SECOND)]
    stems = [stem for stem in stems if stem[0] != _TAKEN]
    names = [f"{pinyin} {sort[0]} {word}{sort[1]}" for (pinyin, word) in stems for sort in _sorts()]
    order = rng.permutation(len(names))
    return [_numbered(names, order, number) for number in range(count)]


def _sorts() -> list[tuple[str, str]]:
    return [(pinyin, word) for pinyin, word in (sort.split(" ") for sort in _SORT)]


def _joined(first: str, second: str) -> tuple[str, str]:
    (pinyin, word), (more, further) = first.split(" "), second.split(" ")
    return pinyin + more, word + further


def _numbered(names: list[str], order: np.ndarray[tuple[int], np.dtype[np.int64]], n: int) -> str:
    """The n-th name; when all are used once, the same again with a number."""
    turn, place = divmod(n, len(names))
    name = names[order[place]]
    return name if turn == 0 else f"{name} {turn + 1}"
