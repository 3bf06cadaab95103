"""A customer beside its peers: those of the same zone, activity, tariff, meter.

What is usual for a group is learnt from training rows alone and kept as plain figures, so that a
row's features do not hang on which other rows are scored with it. Only the season and the share of
visits in a campaign are read off the file itself; neither looks at outcomes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = dict[str, Floats]
Medians = Mapping[str, Mapping[str, tuple[float, ...]]]

MISSING = "∅"
COMPARED = ("level_log_mean", "season_last_to_first_half", "spread", "roughness")
_SMALLEST_GROUP = 5
_SMALLEST_SEASON = 30
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class PeerNorms:
    """What is usual in each group: grouping → key → (share of rows, medians of COMPARED)."""

    groupings: tuple[tuple[str, ...], ...]
    usual: Medians


def groupings_of(attributes: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Each attribute alone, each pair, and all together."""
    pairs = tuple(combinations(attributes, 2))
    whole = (tuple(attributes),) if len(attributes) > 2 else ()  # noqa: PLR2004 - pairs are there
    return tuple((name,) for name in attributes) + pairs + whole


def group_keys(attributes: pd.DataFrame, grouping: Sequence[str]) -> NDArray[np.object_]:
    """The key of each row's group; what is missing is a group of its own."""
    texts = [attributes[name].fillna(MISSING).astype(str).to_numpy(object) for name in grouping]
    keys = texts[0]
    for more in texts[1:]:
        keys = keys + _SEPARATOR + more
    return np.asarray(keys, dtype=object)


def peer_norms(attributes: pd.DataFrame, own: pd.DataFrame) -> PeerNorms:
    """What is usual among the training rows; groups of fewer than five are left out."""
    groupings = groupings_of(list(attributes.columns))
    compared = own[list(COMPARED)]
    usual: dict[str, dict[str, tuple[float, ...]]] = {}
    for grouping in groupings:
        grouped = compared.groupby(group_keys(attributes, grouping))
        size = grouped.size()
        medians = grouped.median()[size >= _SMALLEST_GROUP]
        shares = (size[size >= _SMALLEST_GROUP] / max(len(own), 1)).to_numpy()
        usual["+".join(grouping)] = {
            str(key): (float(share), *map(float, row))
            for key, share, row in zip(medians.index, shares, medians.to_numpy(), strict=True)
        }
    return PeerNorms(groupings, usual)


def peer_features(attributes: pd.DataFrame, own: pd.DataFrame, norms: PeerNorms) -> Columns:
    """Each group's share and level, and how far the row is from its group's medians.

    NaN where the group is unknown or too small.
    """
    columns: Columns = {}
    nothing = (np.nan,) * (len(COMPARED) + 1)
    for grouping in norms.groupings:
        name = "+".join(grouping)
        known = norms.usual[name]
        keys, at = np.unique(group_keys(attributes, grouping).astype(str), return_inverse=True)
        figures = np.array([known.get(key, nothing) for key in keys], dtype=np.float64)[at]
        columns[f"peers_share_{name}"] = figures[:, 0]
        columns[f"peers_level_{name}"] = figures[:, 1]
        for k, feature in enumerate(COMPARED, start=1):
            columns[f"peers_{feature}_{name}"] = own[feature].to_numpy() - figures[:, k]
    return columns


def season_of(relative: Floats, month: NDArray[np.int64], usual: Sequence[float] = ()) -> Floats:
    """The season's part of each row's relative logs: the median of the rows of the same month.

    `month` numbers the month of a row's last period (−1: unknown); where a month has fewer than
    thirty rows, `usual` stands: the training rows' (without it, the median of all rows).
    """
    common = np.asarray(usual) if len(usual) else np.median(relative, axis=0)
    season = np.broadcast_to(common, relative.shape).copy()
    for one in np.unique(month):
        rows = month == one
        if rows.sum() >= _SMALLEST_SEASON:
            season[rows] = np.median(relative[rows], axis=0)
    return season


def campaign_features(
    attributes: pd.DataFrame, month: NDArray[np.int64], norms: PeerNorms
) -> Columns:
    """Where the month's visits went: each attribute's share of them, and over its usual share.

    NaN where the month of the visit is unknown.
    """
    columns: Columns = {}
    visits = pd.Series(month).groupby(month).transform("size").to_numpy(np.float64)
    for name in attributes.columns:
        keys = group_keys(attributes, [name])
        with_month = pd.Series(keys.astype(str)) + _SEPARATOR + pd.Series(month).astype(str)
        share = with_month.groupby(with_month).transform("size").to_numpy(np.float64) / visits
        share = np.where(month < 0, np.nan, share)
        usual = np.array([norms.usual[name].get(str(key), (np.nan,))[0] for key in keys])
        columns[f"campaign_share_{name}"] = share
        columns[f"campaign_lift_{name}"] = share / usual
    return columns
