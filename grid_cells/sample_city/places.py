"""The places people live in: compounds, towns and villages, with how many customers each has."""

from dataclasses import dataclass, replace

import numpy as np

from grid_cells.cells import centres, points_to_cells
from grid_cells.sample_city.ground import Ints, stream, to_lon_lat, to_metres
from grid_cells.sample_city.land import FULL_SIZE, Land
from grid_cells.sample_city.split import apportion

EAST_VILLAGES = (
    "Liulin 柳林", "Taohua 桃花", "Songpo 松坡", "Heping 禾坪", "Shuangjing 双井", "Baitu 白土",
    "Gaotian 高田", "Meichong 梅冲", "Huanglian 黄莲", "Zhuxi 竹溪", "Yangliu 杨柳", "Datang 大塘",
    "Xinwu 新屋", "Mafang 磨坊", "Lishu 栗树", "Chaping 茶坪", "Wangtai 望台", "Yuwan 鱼湾",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One place: its middle and radius in metres, its people, and how they hang on the grid.

    `transformers` None lets the size decide; `per_box` is the usual number of meters in a box.
    """

    code: str
    name: str
    kind: str
    x: float
    y: float
    radius_m: float
    customers: int
    transformers: int | None = None
    per_box: float = 10.0


_COMPOUNDS = (
    # code, name, x, y, radius, customers, transformers, per box
    ("jinxiu", "Jinxiu Garden 锦绣花园", 300.0, 620.0, 95.0, 1_150, 6, 60.0),
    ("wanhe", "Wanhe Court 万和苑", -620.0, -420.0, 120.0, 780, 5, 48.0),
    ("lane38", "Dengshi Lane 灯市巷", 560.0, 150.0, 60.0, 38, 1, 8.0),
    ("spur", "Dongpo 东坡", 4_750.0, -1_000.0, 210.0, 310, 1, 14.0),
    ("market", "Zhuangyuan Market 状元市场", 2_350.0, 1_500.0, 190.0, 345, 3, 12.0),
    ("meiyuan", "Meiyuan 梅园", 3_650.0, -2_500.0, 85.0, 165, 1, 20.0),
    ("zhuyuan", "Zhuyuan 竹园", 4_050.0, -2_450.0, 85.0, 172, 1, 20.0),
)
_EAST_TOWNS = (
    ("shiqiao", "Shiqiao 石桥", 10_200.0, 4_300.0, 620.0, 1_400),
    ("beigang", "Beigang 北港", 900.0, 9_300.0, 600.0, 1_300),
    ("nanpu", "Nanpu 南浦", 1_300.0, -9_400.0, 600.0, 1_250),
    ("dongling", "Dongling 东岭", 10_300.0, -3_600.0, 560.0, 1_100),
    ("xiangyang", "Xiangyang 向阳", 7_000.0, -7_100.0, 360.0, 360),
    ("cuihu", "Cuihu 翠湖", 8_700.0, 7_500.0, 300.0, 240),
)
_WEST = (
    # metres west of the river's midline
    ("xizhou", "Xizhou 西洲", -4_700.0, 100.0, 600.0, 1_250),
    ("luwei", "Luwei 芦苇", -3_600.0, 2_700.0, 360.0, 380),
    ("shatan", "Shatan 沙滩", -3_400.0, -2_500.0, 360.0, 350),
    ("xiling", "Xiling 西岭", -6_900.0, 700.0, 340.0, 320),
)
_QINGSHAN = (
    ("qingshan", "Qingshan 青山", 18_450.0, 9_600.0, 360.0, 640),
    ("upper_qingshan", "Upper Qingshan 上青山", 19_400.0, 11_300.0, 220.0, 260),
    ("lower_qingshan", "Lower Qingshan 下青山", 17_000.0, 7_750.0, 220.0, 250),
)
_IMPORTANT = (
    # code, name, metres from the Dengshi Lane: each on a transformer of its own
    ("hospital", "First People's Hospital 第一人民医院", -150.0, 190.0),
    ("pump", "Binjiang Pump Station 滨江泵站", -560.0, 240.0),
    ("waterworks", "Beimen Waterworks 北门水厂", 300.0, 3_100.0),
    ("exchange", "Data Exchange 数据交换中心", 1_900.0, -1_500.0),
    ("railway", "Railway Station 火车站", -900.0, -2_600.0),
    ("chemical", "Hengyuan Chemical Works 恒源化工厂", 2_900.0, -4_300.0),
)
_ROAD_HOMES = 3_000
_DEDICATED_SHARE = 0.075
_PER_TRANSFORMER = {"city": 150.0, "compound": 150.0, "village": 62.0, "roads": 24.0}
_PER_TOWN_TRANSFORMER = 82.0
_LEAST_GAP_M = 1_900.0
_COUNTRY_M, _HILLS_M, _LAKE_M = (8_000, 15_500), (11_300, 2_600), (7_000, 9_000, 1_100)
_WITHIN_A_CELL_M = 100.0


def story_count(full: int, customers: int) -> int:
    """A count of the story in a smaller city: in proportion, at least 1; never above the full."""
    return max(1, round(full * min(1.0, customers / FULL_SIZE)))


def settle(land: Land, customers: int, seed: int) -> tuple[Place, ...]:
    """All places, each with its count of transformers; the last, `city`, takes the other people."""
    s = land.scale
    fixed = [
        *(_compound(row, s) for row in _COMPOUNDS),
        _riverside(land),
        *(_town(row, "town", s) for row in _EAST_TOWNS),
        *(_town(row, "hills", s) for row in _QINGSHAN),
        *(_west_town(row, land) for row in _WEST),
    ]
    people = [_smaller(place, customers) for place in (*fixed, *_villages(land, fixed, seed))]
    people.append(_smaller(_everywhere("roads", 20_000 * s, _ROAD_HOMES, 1.3), customers))
    own = _dedicated(land, transformer_count(customers))
    left = customers - sum(place.customers for place in (*people, *own))
    city = _everywhere("city", land.ring_m[-1] * 1.12, left, 8.0)
    total = transformer_count(customers) - sum(place.customers for place in own)
    return (*own, *_with_transformers([*people, city], total))


def transformer_count(customers: int) -> int:
    """Transformers of a city of so many customers: 520 for 60,000, never below 240."""
    return max(240, round(customers * 520 / FULL_SIZE))


def _everywhere(kind: str, radius_m: float, customers: int, per_box: float) -> Place:
    return Place(kind, "", kind, 0.0, 0.0, radius_m, customers, None, per_box)


def _dedicated(land: Land, transformers: int) -> list[Place]:
    """Important customers and works, each with a transformer of its own."""
    near = next(row for row in _COMPOUNDS if row[0] == "lane38")
    x, y, s = near[2] * land.scale, near[3] * land.scale, land.scale
    important = [
        Place(code, name, "dedicated", x + dx, y + dy, 90.0, 1, 1, 1.0)
        for code, name, dx, dy in _IMPORTANT
    ]
    count = round(_DEDICATED_SHARE * transformers) - len(important)
    works = Place(
        "works", "", "dedicated", 2_700.0 * s, -3_000.0 * s, 1_900.0 * s, count, count, 1.0
    )
    return [*important, works]


def _with_transformers(places: list[Place], total: int) -> list[Place]:
    """The places with their transformers: the stated ones, else by size, `total` altogether."""
    stated = np.array([place.transformers or 0 for place in places], dtype=np.int64)
    customers = customers_of(tuple(places))
    per = np.array([_PER_TRANSFORMER.get(place.kind, _PER_TOWN_TRANSFORMER) for place in places])
    least = np.where(stated > 0, stated, 1)
    most = np.where(stated > 0, stated, customers)
    counts = apportion(total, customers / per, least, most)
    return [replace(place, transformers=int(n)) for place, n in zip(places, counts, strict=True)]


def _compound(row: tuple[str, str, float, float, float, int, int, float], s: float) -> Place:
    code, name, x, y, radius, customers, transformers, per_box = row
    x, y = x * s, y * s
    if radius < _WITHIN_A_CELL_M:
        x, y = _cell_middle(x, y)
    return Place(code, name, "compound", x, y, radius, customers, transformers, per_box)


def _cell_middle(x: float, y: float) -> tuple[float, float]:
    """Middle of the res-9 cell at a point, so that a small compound lies in one cell."""
    lon, lat = to_lon_lat(np.array([x]), np.array([y]))
    x_there, y_there = to_metres(*centres(points_to_cells(lon, lat, 9)))
    return float(x_there[0]), float(y_there[0])


def _town(row: tuple[str, str, float, float, float, int], kind: str, s: float) -> Place:
    code, name, x, y, radius, customers = row
    return Place(code, name, kind, x * s, y * s, radius, customers, None, 6.0)


def _west_town(row: tuple[str, str, float, float, float, int], land: Land) -> Place:
    code, name, x, y, radius, customers = row
    x = x * land.scale + float(land.river_x(y * land.scale))
    return Place(code, name, "west", x, y * land.scale, radius, customers, None, 6.0)


def _riverside(land: Land) -> Place:
    """The new estate up the river, on ground where nobody lived before."""
    y = 8_500.0 * land.scale
    x = float(land.river_x(y)) + 900 * land.scale
    return Place("riverside", "Riverside Garden 滨江花园", "estate", x, y, 200.0, 640, 4, 40.0)


def _smaller(place: Place, customers: int) -> Place:
    fewer = story_count(place.customers, customers)
    return replace(place, customers=max(fewer, place.transformers or 1))


def _villages(land: Land, taken: list[Place], seed: int) -> list[Place]:
    rng = stream(seed, 2)
    names = rng.permutation(EAST_VILLAGES)
    sizes = rng.integers(220, 560, len(names))
    places: list[Place] = []
    middles = [(place.x / land.scale, place.y / land.scale) for place in taken]
    for name, size in zip(names, sizes, strict=True):
        x, y = _free_spot(rng, middles)
        middles.append((x, y))
        code = str(name).split(" ", maxsplit=1)[0].lower()
        radius = 180 + 14 * float(np.sqrt(size))
        x, y = x * land.scale, y * land.scale
        places.append(Place(code, str(name), "village", x, y, radius, int(size), None, 4.0))
    return places


def _free_spot(rng: np.random.Generator, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """A spot east of the river, outside the city, off the hills, and far from other places."""
    gap = _LEAST_GAP_M
    while True:
        x, y = rng.uniform(-300, 15_000), rng.uniform(-15_000, 14_500)
        near = min(np.hypot(x - tx, y - ty) for tx, ty in taken)
        if near > gap and _is_open_country(x, y):
            return x, y
        gap *= 0.995


def _is_open_country(x: float, y: float) -> bool:
    """Whether a spot lies beyond the city, yet not too far, and neither in the hills nor a lake."""
    least, most = _COUNTRY_M
    hills = x > _HILLS_M[0] and y > _HILLS_M[1]
    lake_x, lake_y, lake_radius = _LAKE_M
    lake = np.hypot((x - lake_x) / 1.5, y - lake_y) < lake_radius
    return bool(least < np.hypot(x, y) < most and not hills and not lake)


def place_codes(places: tuple[Place, ...]) -> dict[str, int]:
    """Number of each place by its code."""
    return {place.code: number for number, place in enumerate(places)}


def customers_of(places: tuple[Place, ...]) -> Ints:
    """Customers of each place, as an array."""
    return np.array([place.customers for place in places], dtype=np.int64)
