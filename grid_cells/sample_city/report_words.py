"""What callers say and how it is classed, by the cause that is behind their call."""

from dataclasses import dataclass

CHANNELS = ("hotline", "app", "hall", "manager", "alarm")
CHANNEL_SHARES = (0.66, 0.26, 0.02, 0.05, 0.01)

SEEN_BY_TERMINALS = ("line", "transformer")
"""Causes of which the terminals of a transformer tell by themselves."""


@dataclass(frozen=True)
class Wording:
    """Of one cause: the class in the table of fault classes, what is wanted, and what is said."""

    fault_class: str
    service_type: str
    notes: tuple[str, ...]


WORDINGS = {
    "line": Wording(
        "hv_line", "fault",
        ("The whole street is dark 整条街都没电", "No power since the thunder 打雷后就停电了",
         "All the houses here are out 这一片都停电了", "Everything went off at once 突然全部断电"),
    ),
    "transformer": Wording(
        "lv_equipment", "fault",
        ("No light in the whole building 整栋楼没电", "A bang, then darkness 一声响后停电",
         "The neighbours are out too 邻居家也停电了", "No power 家里没电"),
    ),
    "service_line": Wording(
        "lv_service", "fault",
        ("Only our house is dark 只有我家停电", "The wire to the house hangs down 进户线垂下来了",
         "Sparks at the wall 墙上接线处有火花"),
    ),
    "again": Wording(
        "", "fault",
        ("Called before, still dark 报过了还没来电", "When will it be back? 什么时候能来电",
         "Nobody has come yet 还没有人来"),
    ),
    "own_fuse": Wording(
        "ci_residential", "fault",
        ("The breaker does not hold 空开合不上", "No power in the kitchen 厨房没电",
         "Nothing works at home 家里没电"),
    ),
    "disconnected": Wording(
        "ci_residential", "fault",
        ("No power this morning, the neighbours have 邻居有电就我家没电", "No power 家里没电"),
    ),
    "low_voltage": Wording(
        "pq_low", "fault",
        ("The lamps are dim at night 晚上灯很暗", "The air conditioner stops 空调启动不了"),
    ),
    "meter": Wording(
        "me_lv", "fault", ("The meter shows nothing 电表黑屏", "The meter's cover burnt 电表烧了"),
    ),
    "street_lamp": Wording(
        "np_third_party", "fault",
        ("The street lamp is out 路灯不亮", "A cable hangs over the road 有线挂在路上"),
    ),
    "planned": Wording(
        "", "enquiry",
        ("Is there work today? 今天是检修停电吗", "No power, nobody told us 停电没接到通知"),
    ),
    "complaint": Wording(
        "", "complaint",
        ("Dark again, every few weeks 隔几周就停一次", "The food is spoilt 冰箱里的菜都坏了",
         "Third time this summer 今年夏天第三次了"),
    ),
}  # fmt: skip
"""By cause; the truth about a call, which the file does not tell."""
