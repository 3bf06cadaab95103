"""The calls of the storm evening, those who call for another reason, and the crews sent out."""

from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.calls import Blackouts, Calls, draw_calls, joined, while_dark
from grid_cells.sample_city.dispatch import Visits, after, evening_crews, first_visits, replaced
from grid_cells.sample_city.ground import Days, Flags, Floats, Texts
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import moment
from grid_cells.sample_city.outages import Outage, back_at
from grid_cells.sample_city.places import story_count
from grid_cells.sample_city.reports import Reports, reports_of, single_reports

_SHARE = 0.07
_LANE_AGAIN, _LANE_AGAIN_FROM = 9, "21:38"
_WRONG = (("own_fuse", 26), ("disconnected", 6), ("street_lamp", 5))
_LOOSE_FROM, _LOOSE_TO = "19:24", "19:40"
_LOOSE_LATELY, _LOOSE_BEFORE, _LOOSE_AFTER = 0.45, 0.03, 0.08


def blackouts_of(layout: Layout, outages: tuple[Outage, ...]) -> Blackouts:
    """Everybody in each of the outages, by the transformer that truly feeds them."""
    order = np.argsort(layout.people.transformer, kind="stable")
    fed = np.bincount(layout.people.transformer, minlength=len(layout.network.x))
    last = np.cumsum(fed)
    members, backs = [], []
    for one in outages:
        back = back_at(one)
        for transformer, light in zip(one.transformers.tolist(), back, strict=True):
            own = order[last[transformer] - fed[transformer] : last[transformer]]
            members.append(own)
            backs.append(np.full(len(own), _naive(light)))
    sizes = [int(fed[one.transformers].sum()) for one in outages]
    started = np.array([_naive(one.started) for one in outages])
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Blackouts(started, first, np.concatenate(members), np.concatenate(backs))


def _naive(at: pd.Timestamp) -> np.datetime64:
    return np.datetime64("NaT", "us") if pd.isna(at) else at.tz_localize(None).to_datetime64()


def storm_reports(
    layout: Layout,
    outages: tuple[Outage, ...],
    crews: pd.DataFrame,
    end: date,
    rng: np.random.Generator,
) -> list[Reports]:
    """Reports about the storm's outages, then those whose cause is another."""
    blackouts = blackouts_of(layout, outages)
    calls = joined(draw_calls(blackouts, _SHARE, rng), _lane_again(outages, blackouts, end, rng))
    calls = while_dark(calls)
    visits = _visits(layout, outages, calls, crews, rng)
    loose = _loose(calls.at, end, rng)
    visits = replaced(visits, loose, _late(calls, crews, end, rng))
    ids = np.array([one.outage_id for one in outages], dtype=object)[calls.outage]
    cause = np.where(calls.is_again, "again", _causes(outages)[calls.outage]).astype(object)
    own = reports_of(calls, visits, ids, cause, ~loose)
    return [own, *_wrong_reports(layout, blackouts, crews, end, rng)]


def _causes(outages: tuple[Outage, ...]) -> Texts:
    return np.array(["line" if one.sections else "transformer" for one in outages], dtype=object)


def _lane_again(
    outages: tuple[Outage, ...], blackouts: Blackouts, end: date, rng: np.random.Generator
) -> Calls:
    """Homes of the lane that call once more when all around them have light again."""
    lane = next(number for number, one in enumerate(outages) if one.behind >= 0)
    own = np.arange(blackouts.first[lane], blackouts.first[lane + 1])
    chosen = rng.permutation(own)[:_LANE_AGAIN]
    at = after(moment(end, 0, _LANE_AGAIN_FROM), rng.uniform(0, 35, len(chosen)))
    number = np.full(len(chosen), lane)
    again = np.ones(len(chosen), dtype=bool)
    return Calls(number, blackouts.customer[chosen], at, blackouts.back[chosen], again)


def _visits(
    layout: Layout,
    outages: tuple[Outage, ...],
    calls: Calls,
    crews: pd.DataFrame,
    rng: np.random.Generator,
) -> Visits:
    """By call, the visit to its outage; whoever has no call is found by the terminals' alarm."""
    started = np.array([_naive(one.started) for one in outages])
    known = after(started, rng.uniform(6, 12, len(outages)))
    np.minimum.at(known, calls.outage, calls.at)
    ready = after(known, rng.uniform(1.5, 5, len(outages)))
    back = np.array([_naive(back_at(one).min()) for one in outages])
    return first_visits(ready, back, _sites(layout, outages), crews, rng).of(calls.outage)


def _sites(layout: Layout, outages: tuple[Outage, ...]) -> Floats:
    network = layout.network
    first = np.array([int(one.transformers[-1]) for one in outages])
    return np.column_stack([network.x[first], network.y[first]])


def _loose(at: Days, end: date, rng: np.random.Generator) -> Flags:
    """Calls that nobody has put to an outage: many of the last minutes, few of the others."""
    chance = np.where(at > moment(end, 0, _LOOSE_TO), _LOOSE_AFTER, _LOOSE_BEFORE)
    lately = (at > moment(end, 0, _LOOSE_FROM)) & (at <= moment(end, 0, _LOOSE_TO))
    return np.asarray(rng.random(len(at)) < np.where(lately, _LOOSE_LATELY, chance))


def _late(calls: Calls, crews: pd.DataFrame, end: date, rng: np.random.Generator) -> Visits:
    """Nobody is sent to a loose call before 19:40; then it goes to whoever is there."""
    seen = np.maximum(calls.at, moment(end, 0, _LOOSE_TO))
    told = after(seen, rng.uniform(3, 25, len(calls)))
    accepted = after(told, rng.uniform(1, 4, len(calls)))
    arrived = after(accepted, rng.uniform(4, 16, len(calls)))
    return Visits(rng.choice(evening_crews(crews), len(calls)), told, accepted, arrived)


def _wrong_reports(
    layout: Layout,
    blackouts: Blackouts,
    crews: pd.DataFrame,
    end: date,
    rng: np.random.Generator,
) -> list[Reports]:
    """Callers of the evening whose trouble is not the storm's, looked into after its peak.

    None of them is on the west bank, where the bridge alone is to blame.
    """
    total = len(layout.people.box)
    east = np.array([place.kind != "west" for place in layout.places])[layout.people.place]
    lit = np.setdiff1d(np.flatnonzero((layout.people.use == 0) & east), blackouts.customer)
    cause = np.repeat(
        np.array([cause for cause, _ in _WRONG], dtype=object),
        [story_count(full, total) for _, full in _WRONG],
    )
    own = rng.choice(lit, len(cause), replace=False)
    at = after(moment(end, 0, "18:00"), rng.uniform(0, 240, len(own)))
    told = after(np.maximum(at, moment(end, 0, _LOOSE_TO)), rng.uniform(10, 60, len(own)))
    accepted = after(told, rng.uniform(1, 4, len(own)))
    arrived = after(accepted, rng.uniform(12, 30, len(own)))
    visits = Visits(rng.choice(evening_crews(crews), len(own)), told, accepted, arrived)
    return [single_reports(own, at, visits, cause, rng)]
