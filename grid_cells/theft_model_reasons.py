"""Why a model finds a customer worth a visit: codes with figures, never words or feature names."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.theft_features import TheftTable
from grid_cells.theft_models import TheftModel, contributions

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]
Reason = dict[str, Any]
MOST: Final = 3
"""Families of features that are told of a customer, those that add most first."""
_FAMILIES: Final = (
    ("peers", ("peers_", "category_")),
    ("loss", ("figure_loss",)),
    ("link", ("figure_link",)),
    ("low", ("zero_", "low_")),
    ("gaps", ("missing_", "crowd_pattern", "crowd_zero")),
    ("past", ("season_", "own_", "relative_", "rhythm_", "used_", "roughness", "crowd_follow")),
    ("level", ("level_", "log_", "spread", "entropy", "negative", "same_", "round_", "whole_")),
)
_LOW_SHARE: Final = 0.2
_QUARTER: Final = 4
_FEWEST: Final = 5
"""Peers: of fewer nothing is usual."""


class _Peers:
    """What is usual in the last weeks among customers of one tariff and zone, and of the tariff."""

    def __init__(self, table: TheftTable) -> None:
        """Works each group's median out once: a run tells thousands of customers."""
        self._recent = table.energy[:, -_QUARTER:]
        kwh = np.asarray(self._recent, dtype=np.float64).ravel()
        self._levels: list[tuple[Ints, Ints, Any]] = []
        for names in (("use_type", "tariff", "zone"), ("use_type", "tariff")):
            group = _groups(table, names)
            lots = pd.Series(kwh).groupby(np.repeat(group, self._recent.shape[1])).median()
            counts = np.bincount(group[group >= 0], minlength=1)
            self._levels.append((group, counts, lots.reindex(range(len(counts))).to_numpy(float)))

    def told(self, row: int) -> list[Reason]:
        """The customer's use beside the median of its group, where it has enough peers."""
        own = self._recent[row]
        for group, counts, usual in self._levels:
            number = group[row]
            if number < 0 or counts[number] <= _FEWEST or np.isnan(own).all():
                continue
            if usual[number] > 0:
                percent = round(100 * float(np.nanmean(own)) / float(usual[number]))
                return [{"code": "model_peers", "percent": percent,
                         "peers": int(counts[number]) - 1}]  # fmt: skip
        return []


def _groups(table: TheftTable, names: tuple[str, ...]) -> Ints:
    """The number of each row's group, −1 where what it is of is not known."""
    given = [name for name in names if name in table.attributes]
    if not given:
        return np.zeros(len(table), dtype=np.int64)
    found = table.attributes.groupby(given, observed=True, dropna=True).ngroup()
    return found.fillna(-1).to_numpy(np.int64)


def of_rows(
    model: TheftModel, table: TheftTable, matrix: Floats, scores: Floats, at: NDArray[np.int64]
) -> list[list[Reason]]:
    """Reasons of the rows `at`: how much likelier than usual, then what adds most, with figures."""
    if not len(at):
        return []
    added = contributions(model, matrix[at])
    families = _families(model.recipe.names)
    peers = _Peers(table)
    base = float(model.card.get("data", {}).get("base_rate") or 0.0)
    return [
        _of_row((table, peers), int(row), families, added[k], (float(scores[row]), base))
        for k, row in enumerate(at)
    ]


def _families(names: tuple[str, ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        family = next((one for one, starts in _FAMILIES if name.startswith(starts)), None)
        if family is not None:
            found.setdefault(family, []).append(position)
    return found


def _of_row(
    known: tuple[TheftTable, _Peers], row: int, families: dict[str, list[int]], added: Floats,
    score: tuple[float, float],
) -> list[Reason]:  # fmt: skip
    share, base = score
    told: list[Reason] = [{"code": "model_score", "share": round(share, 3)}]
    if base > 0:
        told[0] |= {"code": "model_score_times", "times": round(share / base, 1)}
    sums = {family: float(added[at].sum()) for family, at in families.items()}
    for family in sorted(sums, key=lambda one: -sums[one]):
        if sums[family] > 0 and len(told) <= MOST:
            told += known[1].told(row) if family == "peers" else _figures(known[0], row, family)
    return told


def _figures(table: TheftTable, row: int, family: str) -> list[Reason]:
    """The sentence of a family, none where its figures are not known."""
    use = table.energy[row]
    known = use[~np.isnan(use)]
    recent, before = use[-_QUARTER:], use[:-_QUARTER]
    if family == "past" and not (np.isnan(recent).all() or np.isnan(before).all()):
        usual = float(np.nanmean(before))
        if usual > 0:
            change = 100 * (float(np.nanmean(recent)) / usual - 1)
            return [{"code": "model_past", "percent": round(change), "weeks": _QUARTER}]
    if family == "low" and len(known):
        low = int((known <= _LOW_SHARE * np.median(known)).sum())
        return [{"code": "model_low", "days": 7 * low, "of": 7 * len(known)}] if low else []
    if family == "gaps" and len(known) < len(use):
        return [{"code": "model_gaps", "days": 7 * (len(use) - len(known)), "of": 7 * len(use)}]
    if family == "level" and len(known):
        return [{"code": "model_level", "kwh_day": round(float(known.mean()), 1)}]
    return _line(table, row, family)


def _line(table: TheftTable, row: int, family: str) -> list[Reason]:
    figures = table.figures.iloc[row]
    if family == "loss" and not figures[["loss_recent", "loss_before"]].isna().any():
        before, after = float(figures["loss_before"]), float(figures["loss_recent"])
        return [{"code": "model_loss", "before_rate": round(before, 4),
                 "after_rate": round(after, 4)}]  # fmt: skip
    if family == "link" and not np.isnan(float(figures["link"])):
        return [{"code": "link", "r": round(float(figures["link"]), 2)}]
    return []
