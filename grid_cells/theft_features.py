"""A row of features for each customer or visit: energies, attributes, the visit's month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.errors import UserError
from grid_cells.theft_crowd import Crowd, crowd_features, crowd_of, rhythm_features, used_features
from grid_cells.theft_peers import (
    MISSING,
    PeerNorms,
    campaign_features,
    peer_features,
    peer_norms,
    season_of,
)
from grid_cells.theft_series import (
    Columns,
    filled_energy,
    relative_logs,
    series_features,
    shape_features,
    weekday_features,
)

Floats = NDArray[np.float64]
Block = Literal["all", "without_missingness", "behaviour"]
_MONTH = "month_of_year"
BLOCKS: tuple[Block, ...] = ("all", "without_missingness", "behaviour")


@dataclass(frozen=True, eq=False)
class TheftTable:
    """Rows to learn from or to score.

    `ids` texts (in the column `id_name`, in the file `id_heading`); `energy` rows × periods in kWh,
    oldest first, NaN where nothing is known; `attributes` texts (NA where missing); `figures`
    further numbers; `visited` day of the visit (NaT unknown); `confirmed` 1 where theft was
    confirmed, 0 where not, NaN without a usable outcome; `dates` the periods' days where they are
    the same for all rows.
    """

    ids: NDArray[np.object_]
    energy: Floats
    attributes: pd.DataFrame
    figures: pd.DataFrame
    visited: NDArray[np.datetime64]
    confirmed: Floats
    periods: tuple[str, ...]
    dates: pd.DatetimeIndex | None = None
    id_name: str = "customer_no"
    id_heading: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, at: NDArray[np.bool_] | NDArray[np.int64]) -> "TheftTable":
        """The table of these rows alone."""
        return replace(
            self,
            ids=self.ids[at],
            energy=self.energy[at],
            attributes=self.attributes.iloc[_positions(at)].reset_index(drop=True),
            figures=self.figures.iloc[_positions(at)].reset_index(drop=True),
            visited=self.visited[at],
            confirmed=self.confirmed[at],
        )


@dataclass(frozen=True)
class FeatureRecipe:
    """What turns a table into features: learnt from training rows, kept as plain figures.

    `names` in the order of the matrix; `categories` attribute → its known values by code;
    `commonest` attribute → what stands for a missing value where missingness may not tell,
    `usual_figures` figure → the same; `season`: the training rows' median relative logs;
    `usual_energy`: their median of each period, which stands for a row that was never read where
    missingness may not tell.
    """

    block: Block
    periods: int
    names: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    commonest: Mapping[str, str]
    norms: PeerNorms
    crowd: Crowd
    usual_figures: Mapping[str, float] = field(default_factory=dict)
    season: tuple[float, ...] = ()
    usual_energy: tuple[float, ...] = ()


def _positions(at: NDArray[np.bool_] | NDArray[np.int64]) -> NDArray[np.intp]:
    return np.flatnonzero(at) if at.dtype == np.bool_ else at.astype(np.intp)


def months_of(visited: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Months since 1970 of the visits, −1 where unknown."""
    month = visited.astype("datetime64[M]").astype(np.int64)
    return np.where(np.isnat(visited), -1, month)


def teaching(table: TheftTable, block: Block) -> TheftTable:
    """The rows that may teach: where missingness may not tell, a row that was never read does not.

    Whatever stood in for its readings, it would be the same in all such rows and give them away.
    """
    return table if block == "all" else table.rows(~_unread(table))


def _unread(table: TheftTable) -> NDArray[np.bool_]:
    return np.asarray(np.isnan(table.energy).all(axis=1))


def _with_usual(table: TheftTable, usual: Sequence[float]) -> TheftTable:
    """The table with the usual energies in rows that were never read (none given: as it is)."""
    if not len(usual):
        return table
    energy = np.where(_unread(table)[:, None], np.asarray(usual), table.energy)
    return replace(table, energy=energy)


def _usual_energy(table: TheftTable, block: Block) -> tuple[float, ...]:
    if block == "all" or not len(table):
        return ()
    return tuple(map(float, np.median(filled_energy(table.energy), axis=0)))


def learn_recipe(table: TheftTable, block: Block) -> tuple[FeatureRecipe, Floats]:
    """The recipe that training rows (see `teaching`) give, and their matrix (rows × features)."""
    usual = _usual_energy(table, block)
    table = _with_usual(table, usual)
    attributes = _attributes_of(table, block)
    categories = {
        name: tuple(sorted(attributes[name].fillna(MISSING).astype(str).unique()))
        for name in attributes.columns
    }
    counts = {name: attributes[name].value_counts() for name in attributes.columns}
    commonest = {name: str(c.index[0]) if len(c) else MISSING for name, c in counts.items()}
    draft = FeatureRecipe(
        block,
        table.energy.shape[1],
        (),
        categories,
        commonest,
        PeerNorms((), {}),
        crowd_of(*_crowd_view(table, block)),
        _usual_figures(table, block),
        tuple(map(float, np.median(relative_logs(table.energy), axis=0))),
        usual,
    )
    own = _own_features(table, draft, with_month=not np.isnat(table.visited).all())
    norms = peer_norms(_completed(attributes, draft), own)
    columns = _all_columns(table, own, replace(draft, norms=norms), within=True)
    recipe = replace(draft, norms=norms, names=tuple(columns))
    return recipe, _matrix(columns, recipe.names)


def apply_recipe(table: TheftTable, recipe: FeatureRecipe) -> Floats:
    """The matrix (rows × recipe.names).

    Raises UserError `theft_periods_differ`, `theft_columns_differ` where the table is another.
    """
    periods = table.energy.shape[1]
    if periods != recipe.periods:
        raise UserError("theft_periods_differ", found=periods, expected=recipe.periods)
    absent = sorted(set(recipe.categories) - set(table.attributes.columns))
    absent += sorted(set(recipe.usual_figures) - set(table.figures.columns))
    if absent:
        raise UserError("theft_columns_differ", missing=", ".join(absent))
    table = _with_usual(table, recipe.usual_energy)
    own = _own_features(table, recipe, with_month=_MONTH in recipe.names)
    return _matrix(_all_columns(table, own, recipe, within=False), recipe.names)


def categorical_at(recipe: FeatureRecipe) -> list[int]:
    """Positions of the features that are codes of categories."""
    return [k for k, name in enumerate(recipe.names) if name.startswith("category_")]


def _matrix(columns: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    absent = [name for name in names if name not in columns]
    if absent:
        raise UserError("theft_columns_differ", missing=", ".join(absent[:5]))
    return np.column_stack([columns[name] for name in names])


def _attributes_of(table: TheftTable, block: Block) -> pd.DataFrame:
    return table.attributes.iloc[:, :0] if block == "behaviour" else table.attributes


def _completed(attributes: pd.DataFrame, recipe: FeatureRecipe) -> pd.DataFrame:
    """The attributes with the commonest value for a missing one, unless missingness may tell."""
    if recipe.block == "all":
        return attributes
    return attributes.assign(
        **{name: attributes[name].fillna(recipe.commonest[name]) for name in attributes.columns}
    )


def _crowd_view(table: TheftTable, block: Block) -> tuple[Floats, Floats]:
    """Energies with missing periods as use, so that they are no zeros, and relative logs.

    Where missingness may not tell, missing periods are as the row's median here too.
    """
    energy = np.nan_to_num(table.energy, nan=1.0) if block == "all" else filled_energy(table.energy)
    return energy, relative_logs(table.energy)


def _own_features(table: TheftTable, recipe: FeatureRecipe, *, with_month: bool) -> pd.DataFrame:
    """Features of the series and of the calendar."""
    with_gaps = recipe.block == "all"
    columns = series_features(table.energy, with_gaps=with_gaps)
    month = months_of(table.visited)
    relative = relative_logs(table.energy)
    seasonless = relative - season_of(relative, month, recipe.season)
    columns |= {f"season_{name}": v for name, v in shape_features(seasonless).items()}
    used = np.nan_to_num(table.energy) if with_gaps else filled_energy(table.energy)
    columns |= used_features(used) | rhythm_features(relative)
    if table.dates is not None:
        columns |= weekday_features(table.energy, table.dates)
    columns["roughness"] = columns["season_roughness"]
    if with_month:
        columns[_MONTH] = np.where(month < 0, np.nan, month % 12).astype(np.float64)
    return pd.DataFrame(columns)


def _all_columns(
    table: TheftTable, own: pd.DataFrame, recipe: FeatureRecipe, *, within: bool
) -> Columns:
    known = _attributes_of(table, recipe.block)[list(recipe.categories)]
    attributes = _completed(known, recipe)
    columns = {str(name): own[name].to_numpy(np.float64) for name in own.columns}
    columns |= crowd_features(*_crowd_view(table, recipe.block), recipe.crowd, within=within)
    columns |= peer_features(attributes, own, recipe.norms)
    if _MONTH in own.columns and len(attributes.columns):
        columns |= campaign_features(attributes, months_of(table.visited), recipe.norms)
    columns |= _codes(attributes, recipe.categories)
    return columns | {f"figure_{n}": _figure(table, n, recipe) for n in recipe.usual_figures}


def _usual_figures(table: TheftTable, block: Block) -> dict[str, float]:
    if block == "behaviour":
        return {}
    medians = table.figures.median()
    return {str(name): float(np.nan_to_num(value)) for name, value in medians.items()}


def _figure(table: TheftTable, name: str, recipe: FeatureRecipe) -> Floats:
    values = table.figures[name].to_numpy(np.float64)
    if recipe.block == "all":
        return values
    return np.where(np.isnan(values), recipe.usual_figures[name], values)


def _codes(attributes: pd.DataFrame, categories: Mapping[str, tuple[str, ...]]) -> Columns:
    """Codes of the known values; NaN for a value that training has not seen."""
    columns: Columns = {}
    for name, known in categories.items():
        given = attributes[name].fillna(MISSING).astype(str)
        codes = pd.Index(known, dtype="str").get_indexer(pd.Index(given))
        columns[f"category_{name}"] = np.where(codes < 0, np.nan, codes).astype(np.float64)
    return columns
