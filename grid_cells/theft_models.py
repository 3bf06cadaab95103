"""A model of suspicion learnt from visits: LightGBM members, averaged and calibrated.

LightGBM (Ke et al., NeurIPS 2017) on the features of `theft_features`, small trees and strong
regularisation; members that differ in features, seeds and the way trees grow (some with random cuts
as extremely randomised trees, Geurts 2006) are averaged on the log-odds. Calibration is Platt's
sigmoid (1999) on rows that the fit has not seen: later ones where days are known, else of folds.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grid_cells.errors import UserError
from grid_cells.theft_drift import Spread, spread_of, spreads_of
from grid_cells.theft_features import (
    Block,
    FeatureRecipe,
    TheftTable,
    apply_recipe,
    categorical_at,
    learn_recipe,
    teaching,
)
from grid_cells.theft_folds import folds_of, later_part
from grid_cells.theft_measures import intervals, measured

Floats = NDArray[np.float64]

THREADS = 2
LEAST = 20
CARD_DRAWS = 200
_NEWTON_STEPS = 50


@dataclass(frozen=True)
class MemberPlan:
    """How one member is grown; `rounds` trees, `parameters` in LightGBM's words."""

    rounds: int
    parameters: Mapping[str, Any]
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ("",)


_SMALL_TREES: dict[str, Any] = {
    "objective": "binary",
    "verbose": -1,
    "num_threads": 1,  # members beside each other instead: trees of few leaves wait for threads
    "deterministic": True,
    "force_row_wise": True,
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "cat_smooth": 50.0,
    "cat_l2": 50.0,
    "max_bin": 63,
}
_RANDOM_CUTS = _SMALL_TREES | {"extra_trees": True, "num_leaves": 31, "feature_fraction": 0.6}
_PLAIN = ("category_", "log_", "month_of_year", "figure_")
_DEEPER = _SMALL_TREES | {"num_leaves": 15, "min_data_in_leaf": 40}
_DEEPEST = _SMALL_TREES | {"num_leaves": 31, "min_data_in_leaf": 20}

WITH_ATTRIBUTES: tuple[MemberPlan, ...] = (
    *(MemberPlan(250, _SMALL_TREES),) * 2,
    *(MemberPlan(250, _SMALL_TREES, without=("campaign_",)),) * 2,
    *(MemberPlan(250, _RANDOM_CUTS, only=_PLAIN),) * 4,
)
"""Where zone, activity, tariff and the like are known: they carry much, and small trees suffice."""
SERIES_ALONE: tuple[MemberPlan, ...] = (
    *(MemberPlan(250, _DEEPER),) * 3,
    *(MemberPlan(250, _DEEPEST),) * 2,
)
"""Where only the series is known: what tells are combinations of its features."""
_FEW = {"min_data_in_leaf": 20, "cat_smooth": 20.0}
"""A store's own visits are hundreds rather than ten thousands."""
_NOT_OF_ALL = ("campaign_", "month_of_year")
"""What tells where and when people were sent says nothing of customers whom nobody chose."""
OF_A_STORE: tuple[MemberPlan, ...] = (
    *(MemberPlan(150, _SMALL_TREES | _FEW, without=_NOT_OF_ALL),) * 4,
    *(MemberPlan(150, _RANDOM_CUTS | _FEW, without=_NOT_OF_ALL),) * 2,
)
"""For the store's own inspections: the model scores everybody, visited or not."""


@dataclass(frozen=True)
class TheftModel:
    """Members as LightGBM's text with the positions of their features, the recipe, the calibration.

    A score is 1 / (1 + exp(−(slope · mean log-odds + offset))). `spreads` tell where the training
    features lay and `score_spread` where scores of rows not trained on lay, for drift; `card` is
    the model's card.
    """

    recipe: FeatureRecipe
    members: tuple[tuple[tuple[int, ...], str], ...]
    slope: float
    offset: float
    spreads: Mapping[str, Spread]
    score_spread: Spread
    card: Mapping[str, Any] = field(default_factory=dict)


def labelled(table: TheftTable, least: int = LEAST) -> TheftTable:
    """The rows with an outcome; raises UserError `theft_too_few` where they cannot teach.

    `least`: so many confirmed ones and so many others must be there.
    """
    known = table.rows(~np.isnan(table.confirmed))
    confirmed = int(known.confirmed.sum())
    honest = len(known) - confirmed
    if min(confirmed, honest) < least:
        raise UserError("theft_too_few", confirmed=confirmed, honest=honest, least=least)
    return known


def fit(
    table: TheftTable,
    *,
    block: Block = "all",
    seed: int = 0,
    plans: Sequence[MemberPlan] | None = None,
    least: int = LEAST,
) -> TheftModel:
    """The model that the labelled rows of a table teach; equal for equal seeds.

    `plans`: the members to grow, else WITH_ATTRIBUTES or SERIES_ALONE, as the table is; `least`
    as of `labelled`.

    Raises UserError `theft_too_few`.
    """
    known = labelled(table, least)
    if not len(teaching(known, block)):
        raise UserError("theft_too_few", confirmed=0, honest=0, least=least)
    raw, confirmed = held_out_odds(known, block=block, seed=seed, plans=plans)
    slope, offset = platt(raw, confirmed)
    taught = teaching(known, block)
    recipe, matrix = learn_recipe(taught, block)
    members = grow(matrix, taught.confirmed, recipe, seed=seed, plans=plans)
    held_out = _sigmoid(slope * raw + offset)
    return TheftModel(
        recipe, members, slope, offset,
        spreads=spreads_of(matrix, recipe.names),
        score_spread=spread_of(held_out),
        card=_figures(known, confirmed, held_out, seed),
    )  # fmt: skip


def _figures(known: TheftTable, confirmed: Floats, held_out: Floats, seed: int) -> dict[str, Any]:
    """What the card tells of the rows held out for the calibration."""
    by_day = later_part(known) is not None
    later = "later_fifth" if len(confirmed) <= len(known) / 4 else "later_part"
    return {
        "protocol": later if by_day else "drawn_fifth",
        "rows_judged": len(confirmed),
        "figures": asdict(measured(confirmed, held_out, seed)),
        "intervals": dict(intervals(confirmed, held_out, draws=CARD_DRAWS, seed=seed)),
    }


def held_out_odds(
    table: TheftTable, *, block: Block, seed: int, plans: Sequence[MemberPlan] | None = None
) -> tuple[Floats, Floats]:
    """Log-odds and outcomes of a fifth of the rows, by members grown on the other four.

    The last fifth where days are known, else one drawn by seed.
    """
    fold = later_part(table) or folds_of(table.confirmed, 5, seed=seed)[0]
    taught = teaching(table.rows(fold.taught), block)
    recipe, matrix = learn_recipe(taught, block)
    members = grow(matrix, taught.confirmed, recipe, seed=seed, plans=plans)
    judged = apply_recipe(table.rows(fold.judged), recipe)
    return _mean_odds(members, judged), table.confirmed[fold.judged]


def grow(
    matrix: Floats,
    confirmed: Floats,
    recipe: FeatureRecipe,
    *,
    seed: int,
    plans: Sequence[MemberPlan] | None = None,
) -> tuple[tuple[tuple[int, ...], str], ...]:
    """The members, each as the positions of its features and LightGBM's text."""
    import lightgbm as lgb  # noqa: PLC0415 - half a second that other commands save

    def one(number: int, plan: MemberPlan) -> tuple[tuple[int, ...], str] | None:
        at = tuple(k for k, name in enumerate(recipe.names) if _belongs(name, plan))
        if not at:
            return None
        codes = [at.index(k) for k in categorical_at(recipe) if k in at]
        data = lgb.Dataset(matrix[:, list(at)], confirmed, categorical_feature=codes)
        parameters = dict(plan.parameters) | {"seed": seed + number}
        return at, lgb.train(parameters, data, plan.rounds).model_to_string()

    wanted = plans or plans_for(recipe)
    with ThreadPoolExecutor(THREADS) as pool:  # LightGBM lets go of the interpreter
        return tuple(filter(None, pool.map(one, range(len(wanted)), wanted)))


def plans_for(recipe: FeatureRecipe) -> tuple[MemberPlan, ...]:
    """The members that suit the table."""
    return WITH_ATTRIBUTES if recipe.categories else SERIES_ALONE


def _belongs(name: str, plan: MemberPlan) -> bool:
    return name.startswith(plan.only) and not (plan.without and name.startswith(plan.without))


def score(model: TheftModel, table: TheftTable) -> tuple[Floats, Floats]:
    """The score of each row, 0 to 1, and the matrix it was made from.

    Raises UserError `theft_model_invalid`, and what `apply_recipe` raises.
    """
    matrix = apply_recipe(table, model.recipe)
    return _sigmoid(model.slope * _mean_odds(model.members, matrix) + model.offset), matrix


def contributions(model: TheftModel, matrix: Floats) -> Floats:
    """What each feature adds to the log-odds of each row (rows × recipe.names), over the members.

    Tree SHAP (Lundberg et al. 2020) as LightGBM computes it.
    """
    import lightgbm as lgb  # noqa: PLC0415 - half a second that other commands save

    total = np.zeros(matrix.shape)
    for at, text in model.members:
        part = lgb.Booster(model_str=text).predict(
            matrix[:, list(at)], pred_contrib=True, num_threads=THREADS
        )
        total[:, list(at)] += np.asarray(part)[:, :-1]
    return np.asarray(total * model.slope / len(model.members))


def _mean_odds(members: Sequence[tuple[tuple[int, ...], str]], matrix: Floats) -> Floats:
    import lightgbm as lgb  # noqa: PLC0415 - half a second that other commands save

    odds = np.zeros(len(matrix))
    for at, text in members:
        try:
            booster = lgb.Booster(model_str=text)
        except lgb.basic.LightGBMError as error:
            raise UserError("theft_model_invalid", file="–", why=str(error)[:120]) from error
        odds += booster.predict(matrix[:, list(at)], raw_score=True, num_threads=THREADS)
    return np.asarray(odds / len(members))


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -50.0, 50.0))))


def platt(odds: Floats, confirmed: Floats) -> tuple[float, float]:
    """Slope (at least 0.05, so that order is kept) and offset of the calibrating sigmoid.

    Newton's steps on the logistic loss, with Platt's targets that keep off 0 and 1.
    """
    good, bad = confirmed.sum(), len(confirmed) - confirmed.sum()
    target = np.where(confirmed > 0, (good + 1) / (good + 2), 1 / (bad + 2))
    design = np.column_stack([odds, np.ones(len(odds))])
    weights = np.array([1.0, 0.0])
    for _ in range(_NEWTON_STEPS):
        share = _sigmoid(design @ weights)
        slope = design.T @ (share - target) + 1e-6 * weights
        curve = (design * (share * (1 - share))[:, None]).T @ design + 1e-6 * np.eye(2)
        weights = weights - np.linalg.solve(curve, slope)
    return max(float(weights[0]), 0.05), float(weights[1])
