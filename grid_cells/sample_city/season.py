"""A season of so many outages with a mass shut-off: what fails, when, and when it is back.

The shape is that of a large utility's public outage map in a summer of fires: nine outages in ten
hold fewer than forty customers, half of them one, one in a hundred a whole line; then, for fear of
wind, part of the country is switched off within hours and brought back in waves over two days.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from grid_cells.sample_city.ground import Days, Flags, Floats, Ints
from grid_cells.sample_city.moments import moment
from grid_cells.sample_city.network import SPUR_FEEDER, STORM_FEEDERS, Network

SEASON_DAYS = 42
SHUT_OFF_DAYS_AGO, SHUT_OFF_AT, SHUT_OFF_HOURS = 2, "18:00", 6.0
WAVES = (
    (1, "16:00", 0.10), (0, "07:00", 0.10), (0, "11:00", 0.12), (0, "15:00", 0.13),
    (0, "18:30", 0.10), (-1, "08:00", 0.20), (-1, "12:00", 0.15), (-1, "17:00", 0.10),
)  # fmt: skip
"""Days before the last, hour, and share of the shut-off that is back by then."""

PART, ONE, SECTION, FEEDER = range(4)
_SIZES = (0.840, 0.122, 0.031, 0.007)
"""Shares of outages of some homes, of one transformer, of a section, of a whole feeder."""

_SHUT_OFF_SHARE, _WINDY_SHARE, _ZONE_SHARE = 0.12, 0.15, 0.55
_ONE_HOME, _MORE_HOMES, _MOST_HOMES = 0.68, 0.22, 15
_SECTION_FROM, _SECTION_TO = 2, 9
_MEDIAN_MIN, _SPREAD, _LEAST_MIN, _MOST_MIN = 130.0, 1.1, 7, 2_880
_WINDY_MEDIAN_MIN, _WINDY_SPREAD = 900.0, 0.6
_HOURS = np.array([1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1.0])
"""Weight of each local hour in which outages begin."""

_WEST_FEEDER = 3


@dataclass(frozen=True, eq=False)
class Lines:
    """Transformers of the feeders outside every story, along each feeder, one feeder after another.

    `transformer` is the position in the network, `begin` the first row of each feeder and the
    count of all behind the last.
    """

    transformer: Ints
    begin: Ints

    @property
    def length(self) -> Ints:
        """Transformers of each feeder."""
        return np.diff(self.begin)


@dataclass(frozen=True, eq=False)
class Season:
    """One row an outage, oldest first. Rows `low` to `high` of the lines are out.

    Of a PART only `homes` customers of the one transformer are; `part` is where among them they
    begin (0 to 1). Moments in UTC.
    """

    size: Ints
    low: Ints
    high: Ints
    homes: Ints
    part: Floats
    started: Days
    back: Days
    is_shut_off: Flags


def lay_lines(network: Network) -> Lines:
    """Where a season's outages may lie: not on the storm's feeders, the spur's or the west bank."""
    named = network.feeder_id[network.feeder]
    free = (network.feeder > max(len(STORM_FEEDERS) - 1, _WEST_FEEDER)) & (named != SPUR_FEEDER)
    own = np.flatnonzero(free)
    feeder = network.feeder[own]
    count = np.bincount(feeder)
    middle_x = np.bincount(feeder, network.x[own]) / np.maximum(count, 1)
    middle_y = np.bincount(feeder, network.y[own]) / np.maximum(count, 1)
    away = np.hypot(network.x[own] - middle_x[feeder], network.y[own] - middle_y[feeder])
    hills = np.round(-(middle_x + middle_y), 3)[feeder]
    order = np.lexsort((np.round(away, 3), feeder, hills))
    begin = np.flatnonzero(np.diff(feeder[order], prepend=-1) != 0)
    return Lines(own[order], np.append(begin, len(order)).astype(np.int64))


def draw_season(lines: Lines, count: int, end: date, rng: np.random.Generator) -> Season:
    """`count` outages of the last six weeks; the shut-off takes the feeders towards the hills."""
    shut_off = _shut_off(lines, round(_SHUT_OFF_SHARE * count), end, rng)
    rest = count - len(shut_off.low)
    windy = round(_WINDY_SHARE * count)
    started = np.concatenate([
        _ordinary_starts(max(rest - windy, 0), end, rng),
        _windy_starts(min(windy, rest), end, rng),
    ])  # fmt: skip
    is_windy = np.arange(rest) >= max(rest - windy, 0)
    return _joined(shut_off, _failures(lines, started, is_windy, rng))


def _shut_off(lines: Lines, count: int, end: date, rng: np.random.Generator) -> Season:
    """Sections of the first feeders, switched off within hours and brought back in waves."""
    feeders = int(np.searchsorted(lines.begin, _ZONE_SHARE * len(lines.transformer)))
    feeders = min(max(1, feeders), max(1, count))
    edges = lines.begin[: feeders + 1]
    even = np.linspace(0, edges[-1], max(1, count - feeders + 1), endpoint=False)
    cuts: Ints = np.unique(np.append(even.round().astype(np.int64), edges))
    low, high = cuts[:-1], cuts[1:]
    begun = moment(end, SHUT_OFF_DAYS_AGO, SHUT_OFF_AT)
    started = _later(np.full(len(low), begun), rng.uniform(0, SHUT_OFF_HOURS * 60, len(low)))
    waves = np.array([moment(end, ago, clock) for ago, clock, _ in WAVES])
    turn = (np.arange(len(low)) / len(low) + rng.normal(0, 0.12, len(low))).clip(0, 0.999)
    wave = np.searchsorted(np.cumsum([share for *_, share in WAVES])[:-1], turn, side="right")
    back = _later(waves[wave], rng.uniform(-40, 75, len(low)))
    nothing = np.zeros(len(low), dtype=np.int64)
    size = np.where(np.isin(low, lines.begin) & np.isin(high, lines.begin), FEEDER, SECTION)
    size = np.where((high - low == 1) & (size == SECTION), ONE, size)
    flags = np.ones(len(low), dtype=bool)
    return Season(size, low, high, nothing, nothing.astype(float), started, back, flags)


def _failures(lines: Lines, started: Days, is_windy: Flags, rng: np.random.Generator) -> Season:
    count = len(started)
    size = np.searchsorted(np.cumsum(_SIZES)[:-1], rng.random(count), side="right")
    row = rng.integers(0, len(lines.transformer), count)
    feeder = np.searchsorted(lines.begin, row, side="right") - 1
    reach = rng.integers(_SECTION_FROM, _SECTION_TO, count)
    low = np.where(size == FEEDER, lines.begin[feeder], row)
    high = np.select(
        [size == FEEDER, size == SECTION],
        [lines.begin[feeder + 1], np.minimum(row + reach, lines.begin[feeder + 1])],
        row + 1,
    )
    more = np.minimum(1 + rng.geometric(_MORE_HOMES, count), _MOST_HOMES)
    homes = np.where(size == PART, np.where(rng.random(count) < _ONE_HOME, 1, more), 0)
    median = np.where(is_windy, _WINDY_MEDIAN_MIN, _MEDIAN_MIN)
    spread = np.where(is_windy, _WINDY_SPREAD, _SPREAD)
    lasts = np.clip(median * rng.lognormal(0, 1, count) ** spread, _LEAST_MIN, _MOST_MIN)
    flags = np.zeros(count, dtype=bool)
    part = rng.random(count)
    return Season(size, low, high, homes, part, started, _later(started, lasts), flags)


def _ordinary_starts(count: int, end: date, rng: np.random.Generator) -> Days:
    """Begins over six weeks before the last day, more by day than by night, more on some days."""
    weight = rng.gamma(4.0, 1.0, SEASON_DAYS)
    ago = rng.choice(np.arange(1, SEASON_DAYS + 1), count, p=weight / weight.sum())
    hour = rng.choice(24, count, p=_HOURS / _HOURS.sum()) + rng.random(count)
    return _later(moment(end, 0, "00:00") - ago.astype("timedelta64[D]"), hour * 60)


def _windy_starts(count: int, end: date, rng: np.random.Generator) -> Days:
    """Begins while the wind blows that the shut-off is for."""
    begun = np.full(count, moment(end, SHUT_OFF_DAYS_AGO, SHUT_OFF_AT))
    return _later(begun, rng.triangular(0, 700, 2_600, count))


def _later(at: Days, wait_min: Floats) -> Days:
    """Whole minutes later."""
    return np.asarray(at + np.floor(wait_min).astype("timedelta64[m]")).astype("datetime64[us]")


def _joined(first: Season, second: Season) -> Season:
    """All outages, oldest first."""
    columns = zip(vars(first).values(), vars(second).values(), strict=True)
    whole = Season(*(np.concatenate(pair) for pair in columns))
    order = np.lexsort((whole.low, whole.started))
    return Season(*(column[order] for column in vars(whole).values()))
