"""What was found, as rows of the tables of scores."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from app.store import theft_runs as store
from app.store.database import Connection
from app.use_cases.theft_ground import Ground
from grid_cells import theft_cell_peers, theft_link, theft_reasons, theft_trend, theft_weather
from grid_cells.theft_findings import CAUSES, Findings
from grid_cells.theft_reasons import Beside, Reason

_RIGHT = 1e-6


@dataclass(frozen=True, eq=False)
class Grades:
    """Sums of the known days by transformer, and the rates from which a loss is raised or high."""

    sums: pd.DataFrame
    raised: float
    high: float

    @classmethod
    def of(
        cls, connection: Connection, balances: pa.Table, rule: Callable[[str], float]
    ) -> "Grades":
        """As the balances and the rules stand."""
        return cls(store.loss_sums(connection, balances), rule("loss_raised"), rule("loss_high"))


def customers(held: Ground, found: Findings) -> pd.DataFrame:
    """A row a customer, of several meters the one most worth a visit (columns as theft_scores)."""
    scores = found.scores
    frame = pd.DataFrame(
        {
            "customer_no": held.rows["customer_no"], "transformer_id": held.rows["transformer_id"],
            "cell_id": held.rows["cell_id"].astype("Int64"), "score": scores.row.clip(0, 1),
            "cause": found.causes.astype(str), "quality": found.quality.score(),
        }
    )  # fmt: skip
    told = scores.row >= theft_reasons.TOLD_FROM
    link, slope = theft_link.links(found)
    beside = _beside(held, found, link, np.flatnonzero(told))
    frame["lost_kwh_day"] = [found.hidden_kwh(i) if t else None for i, t in enumerate(told)]
    frame["since"] = [_day(held, int(scores.start[i])) if t else None for i, t in enumerate(told)]
    frame["reasons"] = [_reasons(held, found, row, beside.get(row)) for row in range(len(told))]
    frame["rank"] = frame["cause"].map({cause: i for i, cause in enumerate(CAUSES)})
    frame["rule_score"], frame["scored_by"] = frame["score"], "rules"
    frame["link"], frame["link_slope"] = link, slope
    ordered = frame.sort_values(["score", "rank"], ascending=False, kind="stable")
    return ordered.drop_duplicates("customer_no").drop(columns="rank").reset_index(drop=True)


def _day(held: Ground, column: int) -> Any:
    return held.span.first + timedelta(days=column)


def _beside(held: Ground, found: Findings, link: Any, rows: Any) -> dict[int, Beside]:
    """What stands beside each of some rows: peers, link to the loss, weather."""
    near = theft_cell_peers.families(held.rows["cell_id"].fillna(0).to_numpy(np.int64))
    whose, _ = pd.factorize(held.rows["customer_no"])
    level, group = found.own.level, found.panel.group
    has_weather = not np.isnan(held.temperature).all()

    def one(row: int) -> Beside:
        start, use = int(found.scores.start[row]), found.panel.use[row].astype(float)
        share = theft_weather.share_explained(use, held.temperature, start) if has_weather else None
        peers = theft_cell_peers.peer_level(row, level, group, whose, near)
        return Beside(peers, float(link[row]), has_weather, share)

    return {int(row): one(int(row)) for row in rows}


def _reasons(held: Ground, found: Findings, row: int, beside: Beside | None) -> str:
    """Reasons as JSON: innocent causes first, then what speaks for a suspicion."""
    told: list[Reason] = []
    if (one := found.explained.get(row)) is not None and one.cause != "suspect":
        told += theft_reasons.explained(found, one, held.transformers["transformer_id"].tolist())
    told += theft_reasons.innocent(found, row)
    if beside is not None:
        told += theft_reasons.suspicion(found, row, int(found.scores.start[row]), beside)
    for reason in told:
        if "day" in reason:
            reason["day"] = _day(held, int(reason["day"])).isoformat()
    return json.dumps(told, ensure_ascii=False) if told else "[]"


def transformers(held: Ground, found: Findings, grades: Grades) -> pd.DataFrame:
    """A row a transformer (columns as transformer_scores)."""
    names = held.transformers["transformer_id"]
    sums = grades.sums.set_index("transformer_id").reindex(names)
    rate = (sums["loss_kwh"] / sums["taken_kwh"]).to_numpy(float)
    step = found.steps
    told = step.start >= 0
    has_days = sums["days_known"].fillna(0).to_numpy() > 0
    return pd.DataFrame(
        {
            "transformer_id": names, "feeder_id": held.transformers["feeder_id"],
            "score": found.scores.transformer.clip(0, 1), "cause": _causes(found),
            "loss_rate": np.where(has_days, rate, np.nan),
            "loss_kwh_day": (sums["loss_kwh"] / sums["days_known"]).to_numpy(float),
            "days_known": sums["days_known"].fillna(0).astype("int64").to_numpy(),
            "days": sums["days"].fillna(0).astype("int64").to_numpy(),
            "grade": [theft_trend.grade(r, raised=grades.raised, high=grades.high) for r in rate],
            "since": [_day(held, int(s)) if s >= 0 else None for s in step.start],
            "step_kwh_day": np.where(told, step.kwh_day, np.nan),
            "reasons": [
                json.dumps(theft_reasons.of_transformer(found, b, _rates(grades, n)))
                for b, n in enumerate(names)
            ],
        }
    )  # fmt: skip


def _rates(grades: Grades, transformer_id: str) -> tuple[Any, Any]:
    """Known days and loss rates of a transformer."""
    row = grades.sums[grades.sums["transformer_id"] == transformer_id]
    if row.empty or row["known_days"].iloc[0] is None:
        return np.zeros(0, int), np.zeros(0)
    return np.asarray(row["known_days"].iloc[0]), np.asarray(row["rates"].iloc[0], float)


def _causes(found: Findings) -> list[str]:
    """The cause of each transformer's loss: a suspect before a wrong master before wrong links."""
    causes = np.full(found.panel.transformers, "none", dtype=object)
    for row, one in found.explained.items():
        if one.cause == "wrong_link":
            causes[[found.panel.of[row], int(one.value)]] = "wrong_link"
    causes[np.abs(found.masters - 1) > _RIGHT] = "wrong_multiplier"
    causes[found.panel.of[found.causes == "suspect"]] = "suspect"
    return [str(cause) for cause in causes]
