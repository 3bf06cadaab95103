"""What inspections found: who is left alone until when, rates, lift; unknown is not zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from grid_cells.errors import UserError

OUTCOMES: Final = (
    "confirmed", "cleared", "record_error", "wrong_wiring", "tariff_misuse", "meter_fault",
    "nobody_there",
)  # fmt: skip
NOBODY_THERE: Final = "nobody_there"
INSPECTORS: Final = 2
LONGEST_SEALS: Final = 200


@dataclass(frozen=True)
class InspectionRules:
    """Days a customer is left alone after each outcome, and which outcomes count as a find."""

    left_alone: Mapping[str, int]
    hits: frozenset[str]


def rules_of(table: pd.DataFrame) -> InspectionRules:
    """The rules of a table with rule, name, value."""
    alone = table[table["rule"] == "left_alone"]
    hits = table[(table["rule"] == "hit") & (table["value"] > 0)]
    days = {str(k): int(v) for k, v in zip(alone["name"], alone["value"], strict=True)}
    return InspectionRules(days, frozenset(hits["name"].astype(str)))


def left_alone(visits: pd.DataFrame, rules: InspectionRules, today: date) -> pd.DataFrame:
    """Customers who are left alone today: customer_no, until (the last such day), outcome.

    `visits`: customer_no, inspected_on, outcome. The visit that protects longest counts.
    """
    days = pd.to_timedelta(visits["outcome"].map(rules.left_alone).fillna(0), unit="D")
    until = pd.to_datetime(visits["inspected_on"]) + days
    held = visits.assign(until=until)[["customer_no", "until", "outcome"]]
    held = held.sort_values("until").drop_duplicates("customer_no", keep="last")
    return held[held["until"] >= pd.Timestamp(today)].reset_index(drop=True)


def tallies(visits: pd.DataFrame, rules: InspectionRules, by: str) -> pd.DataFrame:
    """By the column: inspected (customers met), visits (settled), hits, recovered_kwh.

    Visits where nobody was there settle nothing. Who has no row was never inspected: not zero.
    """
    settled = visits[visits["outcome"] != NOBODY_THERE]
    settled = settled.assign(hit=settled["outcome"].isin(rules.hits))
    return settled.groupby(by).agg(
        inspected=("customer_no", "nunique"), visits=("outcome", "size"), hits=("hit", "sum"),
        recovered_kwh=("recovered_kwh", "sum"),
    )  # fmt: skip


def rate(hits: float, visits: float) -> float | None:
    """Share of settled visits with a find; None where nobody was visited."""
    return hits / visits if visits > 0 else None


@dataclass(frozen=True)
class Lift:
    """Finds expected of so many visits by three ways of choosing them; None where unknown."""

    visits: int
    by_plan: float
    at_random: float | None
    by_practice: float | None

    @property
    def against_random(self) -> float | None:
        """How many times more finds than by visiting anybody."""
        return self.by_plan / self.at_random if self.at_random else None

    @property
    def against_practice(self) -> float | None:
        """How many times more finds than visits have brought so far."""
        return self.by_plan / self.by_practice if self.by_practice else None


def expected(chosen: ArrayLike, everybody: ArrayLike, past_rate: float | None) -> Lift:
    """Finds expected of visits with these scores, against the mean score and the past hit rate."""
    some, whole = np.asarray(chosen, float), np.asarray(everybody, float)
    at_random = float(whole.mean()) * len(some) if len(whole) else None
    practice = None if past_rate is None else past_rate * len(some)
    return Lift(len(some), float(some.sum()), at_random, practice)


def gains(hits: ArrayLike, scores: ArrayLike) -> pd.DataFrame:
    """Finds after each visit: visited, by_score, by_practice (as they were made), at_random.

    `hits` in the order in which the visits were made; ties of scores count by their mean, so that
    the order of the file plays no part.
    """
    found, score = np.asarray(hits, float), np.asarray(scores, float)
    n = np.arange(1, len(found) + 1)
    order = np.argsort(-score, kind="stable")
    even = _even_within_ties(found[order], score[order])
    mean = float(found.mean()) if len(found) else 0.0
    columns = {"by_score": np.cumsum(even), "by_practice": np.cumsum(found), "at_random": n * mean}
    return pd.DataFrame({"visited": n, **columns})


def _even_within_ties(
    found: NDArray[np.float64], score: NDArray[np.float64]
) -> NDArray[np.float64]:
    if not len(found):
        return found
    group = np.concatenate([[0], np.cumsum(score[1:] != score[:-1])])
    mean = np.bincount(group, weights=found) / np.bincount(group)
    return np.asarray(mean[group])


def check_result(outcome: str, inspectors: Sequence[str], kwh: float, penalty: float) -> None:
    """Raises UserError `inspection_outcome`, `inspection_two_inspectors`, `inspection_below_zero`,
    `inspection_nothing_recovered` (energy or money where nothing was found or nobody was there).
    """  # noqa: D205
    if outcome not in OUTCOMES:
        raise UserError("inspection_outcome", outcome=outcome[:40])
    if outcome != NOBODY_THERE and len({one for one in inspectors if one}) < INSPECTORS:
        raise UserError("inspection_two_inspectors", n=INSPECTORS)
    if not (kwh >= 0 and penalty >= 0):
        raise UserError("inspection_below_zero")
    if outcome in (NOBODY_THERE, "cleared") and (kwh > 0 or penalty > 0):
        raise UserError("inspection_nothing_recovered")
