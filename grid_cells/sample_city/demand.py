"""What every customer really uses, what its meter shows of it, and why the two may differ."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from grid_cells.sample_city.ground import Flags, Floats, Ints, stream
from grid_cells.sample_city.network import SPUR_TRANSFORMER, Network
from grid_cells.sample_city.people import USES, People
from grid_cells.sample_city.places import Place, story_count
from grid_cells.sample_city.weather import DAYS, Weather

TECHNICAL_LOSS = 0.04
THEFT_LOSS = 0.13
THIEVES = (3, 2, 2)
SWAPPED = 9
OVERLOAD = 1.18
DAILY_LOAD_FACTOR, POWER_FACTOR = 0.6, 0.95
"""As in the project's table of load estimates: by these a day's energy becomes a peak."""

_TAKEN = 0.85
_ROOFS_WITH_SUN, _HOMES_EMPTY, _FROZEN_SHARE = 0.6, 0.7, 0.13
_NEVER = DAYS + 1
_TYPICAL_KWH = np.array([6.4, 26.0, 13.0, 42.0, 60.0])
_SPREAD = np.array([0.5, 0.75, 0.7, 0.8, 0.7])
_DEDICATED_KWH = 900.0
_NOISE = 0.16
_SWAPPED_QUANTILE = 0.75
_WRONG_CT_KVA = 50.0
_STORY_FEEDERS = 3
_CAPACITIES = np.array(
    [30, 50, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1_000, 1_250, 1_600, 2_000,
     2_500, 3_150, 4_000, 5_000, 6_300, 8_000, 10_000, 16_000]
)  # fmt: skip


@dataclass(frozen=True)
class Demand:
    """One row a customer (or a transformer where said); days count from the first reading.

    From `theft_day` on the meter shows only part of the use; from `vacant_day` on the home is
    empty; between `frozen_from` and `frozen_to` the terminal stands still. `loss` and
    `capacity_kva` are by transformer; the master of `wrong_ct` is wired otherwise than recorded.
    """

    base_kwh: Floats
    pv_kwp: Floats
    theft_day: Ints
    vacant_day: Ints
    frozen_from: Ints
    frozen_to: Ints
    loss: Floats
    capacity_kva: Floats
    wrong_ct: int
    frozen_maker: Flags

    def taken(self, day: int) -> Floats:
        """Share of each customer's use that its meter does not show on a day."""
        return np.asarray(np.where(self.theft_day <= day, _TAKEN, 0.0))


def draw_demand(
    people: People, places: tuple[Place, ...], network: Network, weather: Weather, *, seed: int
) -> tuple[Demand, People]:
    """The demand, and the people with the swapped ones recorded where they do not hang."""
    rng = stream(seed, 21)
    count = len(people.box)
    base = _TYPICAL_KWH[people.use] * rng.lognormal(0, 1, count) ** _SPREAD[people.use]
    own = network.is_dedicated[people.transformer]
    base = np.where(own, _DEDICATED_KWH * rng.lognormal(0, 0.9, count), base)
    loss = np.clip(rng.normal(TECHNICAL_LOSS, 0.004, len(network.x)), 0.03, 0.05)
    never = np.full(count, _NEVER)
    nothing = np.zeros(count)
    frozen = np.zeros(count, dtype=bool)
    demand = Demand(base, nothing, never, never, never, never, loss, nothing, 0, frozen)
    demand = _with_thieves(demand, people, network, places, end=weather.day(DAYS))
    demand = _with_sun(demand, people, places, rng)
    demand = _with_empty_homes(demand, people, places, rng)
    demand = _with_frozen(demand, people, places, network, rng)
    people = _with_swapped(people, places, network, demand.base_kwh)
    wrong = _plain(places, network, least=20)
    wrong = wrong[~np.isin(wrong, people.transformer[people.transformer != people.recorded])]
    return _with_capacities(demand, people, network, weather, wrong, seed=seed), people


def noise_of(day: int, count: int, seed: int) -> Floats:
    """The chance of one day by customer, around 1."""
    draw = np.random.default_rng([seed, 22, day]).standard_normal(count)
    return np.asarray(np.exp(_NOISE * draw))


def true_use(demand: Demand, people: People, factors: Floats, *, day: int, seed: int) -> Floats:
    """Energy in kWh each customer uses on a day; `factors` are the weather's rows."""
    home = np.where(demand.vacant_day <= day, 0.04, 1.0)
    noise = noise_of(day, len(demand.base_kwh), seed)
    return np.asarray(demand.base_kwh * factors[day][people.use] * noise * home)


def _with_thieves(
    demand: Demand, people: People, network: Network, places: tuple[Place, ...], *, end: date
) -> Demand:
    """Seven shops on three neighbouring transformers, whose loss is 13 % since 3 June."""
    start = DAYS - (end - _theft_begins(end)).days
    base, since = demand.base_kwh.copy(), demand.theft_day.copy()
    loss = demand.loss.copy()
    hidden = (THEFT_LOSS - TECHNICAL_LOSS) / (1 - TECHNICAL_LOSS)
    for transformer, thieves in zip(network.of_place(places, "market"), THIEVES, strict=True):
        loss[transformer] = TECHNICAL_LOSS
        own = np.flatnonzero(people.transformer == transformer)
        thief = own[np.argsort(-base[own] * (people.use[own] == USES.index("commercial")))][
            :thieves
        ]
        honest = base[own].sum() - base[thief].sum()
        share = hidden / _TAKEN
        base[thief] = honest * share / (1 - share) / len(thief)
        since[thief] = start
    return replace(demand, base_kwh=base, theft_day=since, loss=loss)


def _theft_begins(end: date) -> date:
    """3 June in the story that ends on 16 July."""
    return end - timedelta(days=43)


def _with_sun(
    demand: Demand, people: People, places: tuple[Place, ...], rng: np.random.Generator
) -> Demand:
    homes = people.of_place(places, "xiangyang")
    with_roof = homes[rng.random(len(homes)) < _ROOFS_WITH_SUN]
    pv = demand.pv_kwp.copy()
    pv[with_roof] = np.round(rng.uniform(3, 12, len(with_roof)), 1)
    return replace(demand, pv_kwp=pv)


def _with_empty_homes(
    demand: Demand, people: People, places: tuple[Place, ...], rng: np.random.Generator
) -> Demand:
    homes = people.of_place(places, "cuihu")
    left = homes[rng.random(len(homes)) < _HOMES_EMPTY]
    since = demand.vacant_day.copy()
    since[left] = rng.integers(18, 34, len(left))
    return replace(demand, vacant_day=since)


def _with_frozen(
    demand: Demand,
    people: People,
    places: tuple[Place, ...],
    network: Network,
    rng: np.random.Generator,
) -> Demand:
    """On four public transformers the meters of one maker stand still for a fortnight."""
    plain = _plain(places, network, least=60)
    sites = plain[:: max(1, len(plain) // 4)][:4]
    frozen = np.isin(people.transformer, sites) & (rng.random(len(people.box)) < _FROZEN_SHARE)
    frozen &= demand.theft_day == _NEVER
    begin, end = demand.frozen_from.copy(), demand.frozen_to.copy()
    begin[frozen] = 48 + np.searchsorted(np.sort(sites), people.transformer[frozen]) * 3
    end[frozen] = begin[frozen] + rng.integers(11, 16, int(frozen.sum()))
    return replace(demand, frozen_from=begin, frozen_to=end, frozen_maker=frozen)


def _plain(places: tuple[Place, ...], network: Network, *, least: int) -> Ints:
    """Public transformers of city and villages, outside every story, in the order of their ids."""
    kinds = np.array([place.kind for place in places])[network.place]
    few = max(3, story_count(least, int(network.customers.sum())))
    ordinary = np.isin(kinds, ("city", "village")) & (network.feeder > _STORY_FEEDERS)
    plain = np.flatnonzero(ordinary & (network.customers >= few))
    return plain[np.argsort(network.transformer_id[plain])]


def _with_swapped(
    people: People, places: tuple[Place, ...], network: Network, base_kwh: Floats
) -> People:
    """Nine larger homes of one transformer stand in the archive under its neighbour."""
    plain = _plain(places, network, least=120)
    first = int(plain[len(plain) // 2])
    others = plain[plain != first]
    gap = np.hypot(network.x[others] - network.x[first], network.y[others] - network.y[first])
    second = int(others[gap.argmin()])
    own = np.flatnonzero((people.transformer == first) & (people.use == 0))
    wanted = np.quantile(base_kwh[own], _SWAPPED_QUANTILE)
    usual = own[np.argsort(np.abs(base_kwh[own] - wanted), kind="stable")]
    recorded = people.recorded.copy()
    recorded[usual[: max(1, min(SWAPPED, len(own) // 8))]] = second
    return replace(people, recorded=recorded)


def _with_capacities(  # noqa: PLR0913 - ratings follow from all that is drawn before
    demand: Demand, people: People, network: Network, weather: Weather, plain: Ints, *, seed: int
) -> Demand:
    """Rated capacities that suit the last and hottest day, but for the overloaded spur.

    The wrong CT sits on the transformer of `plain` that a 150/5 CT and 100 kVA suit best.
    """
    factors = weather.use_factors()
    use = true_use(demand, people, factors, day=DAYS - 1, seed=seed)
    need = _peak_kva(np.bincount(people.transformer, use, len(network.x)) / (1 - demand.loss))
    room = stream(seed, 23).uniform(0.42, 0.86, len(need))
    step = np.searchsorted(_CAPACITIES, need / room)
    capacity = _CAPACITIES[np.minimum(step, len(_CAPACITIES) - 1)].astype(float)
    spur = int(np.flatnonzero(network.transformer_id == SPUR_TRANSFORMER)[0])
    capacity[spur] = _CAPACITIES[np.abs(need[spur] / _CAPACITIES - OVERLOAD).argmin()]
    base = demand.base_kwh.copy()
    base[people.transformer == spur] *= OVERLOAD * capacity[spur] / need[spur]
    wrong = int(plain[np.abs(np.log(need[plain] / _WRONG_CT_KVA)).argmin()])
    capacity[wrong] = 100.0
    return replace(demand, base_kwh=base, capacity_kva=capacity, wrong_ct=wrong)


def _peak_kva(energy_kwh: Floats) -> Floats:
    return np.asarray(energy_kwh / 24 / DAILY_LOAD_FACTOR / POWER_FACTOR)
