"""Pools of made-up names for people and firms, in pinyin and characters."""

from itertools import product

import numpy as np

from grid_cells.sample_city.ground import Geometries

_SURNAMES = (
    "Wang 王", "Li 李", "Zhang 张", "Liu 刘", "Chen 陈", "Yang 杨", "Huang 黄", "Zhao 赵", "Wu 吴",
    "Zhou 周", "Xu 徐", "Sun 孙", "Ma 马", "Zhu 朱", "Hu 胡", "Guo 郭", "He 何", "Lin 林", "Luo 罗",
    "Gao 高", "Zheng 郑", "Liang 梁", "Xie 谢", "Song 宋", "Tang 唐", "Deng 邓", "Feng 冯",
    "Han 韩", "Cao 曹", "Zeng 曾", "Peng 彭", "Xiao 肖", "Cai 蔡", "Pan 潘", "Tian 田", "Dong 董",
    "Yuan 袁", "Yu 于", "Ye 叶", "Jiang 蒋", "Du 杜", "Su 苏", "Wei 魏", "Cheng 程", "Lü 吕",
    "Ding 丁", "Shen 沈", "Ren 任", "Yao 姚", "Lu 卢", "Zhong 钟", "Cui 崔", "Tan 谭", "Fan 范",
)  # fmt: skip
_GIVEN = (
    "Wei 伟", "Fang 芳", "Na 娜", "Min 敏", "Jing 静", "Li 丽", "Qiang 强", "Lei 磊", "Jun 军",
    "Yang 洋", "Yong 勇", "Yan 艳", "Jie 杰", "Juan 娟", "Tao 涛", "Ming 明", "Chao 超", "Xia 霞",
    "Ping 平", "Gang 刚", "Guiying 桂英", "Xiuying 秀英", "Jianguo 建国", "Jianhua 建华",
    "Xiaoming 晓明", "Yuhua 玉华", "Haiyan 海燕", "Zhiqiang 志强", "Wenjing 文静", "Xuemei 雪梅",
    "Chunhua 春华", "Guohua 国华", "Yulan 玉兰", "Shuzhen 淑珍", "Zixuan 子轩", "Yichen 奕辰",
    "Haoran 浩然", "Mengyao 梦瑶", "Jiayi 佳怡", "Siyuan 思远", "Lina 丽娜", "Haibo 海波",
    "Zhenyu 振宇", "Xinyi 欣怡", "Junjie 俊杰", "Yating 雅婷", "Guilan 桂兰", "Dehua 德华",
)  # fmt: skip
_FIRM_FIRST = (
    "Hengtong 恒通", "Xinda 鑫达", "Fuyuan 福源", "Jiahe 嘉禾", "Ruifeng 瑞丰", "Yongsheng 永盛",
    "Huatai 华泰", "Dexing 德兴", "Chunlin 春林", "Baishun 百顺", "Jinlong 金龙", "Kangda 康达",
    "Lihua 丽华", "Wanjia 万家", "Tongxin 同心", "Yida 宜达", "Shunfa 顺发", "Minghui 明辉",
)  # fmt: skip
_FIRM_SORT = (
    "Shop 商店", "Restaurant 饭店", "Hardware 五金店", "Pharmacy 药房", "Supermarket 超市",
    "Textiles 纺织厂", "Machinery 机械厂", "Foods 食品厂", "Printing 印务", "Cold Store 冷库",
    "Teahouse 茶馆", "Repairs 修理部", "Nursery 幼儿园", "Clinic 诊所", "Guesthouse 旅社",
)  # fmt: skip


def person_names() -> Geometries:
    """Every person's name of the pool, e.g. `Zhang Wei 张伟`."""
    return _pairs(_SURNAMES, _GIVEN, " ")


def firm_names() -> Geometries:
    """Every firm's name of the pool, e.g. `Hengtong Shop 恒通商店`."""
    return _pairs(_FIRM_FIRST, _FIRM_SORT, " ")


def _pairs(first: tuple[str, ...], second: tuple[str, ...], gap: str) -> Geometries:
    halves = [(a.split(" "), b.rsplit(" ", 1)) for a, b in product(first, second)]
    return np.array([f"{a[0]}{gap}{b[0]} {a[1]}{b[1]}" for a, b in halves], dtype=object)
