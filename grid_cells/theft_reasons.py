"""Why a meter or a transformer has its score: codes with figures, never words."""

from typing import Any, Final

import numpy as np

from grid_cells.theft_explanations import Explanation
from grid_cells.theft_findings import Findings
from grid_cells.theft_panel import Floats

Reason = dict[str, Any]
TOLD_FROM: Final = 0.02
"""Scores from here on get the reasons of a suspicion."""
_FEW_DAYS = 3


def suspicion(found: Findings, row: int, start: int) -> list[Reason]:
    """Reasons for a suspicion since a column: own past, the loss, peers, zeros."""
    day, use = int(start), found.panel.use[row].astype(float)
    b = int(found.panel.of[row])
    fall = 1 - float(np.exp(_mean(found.own.ratio[row, day:]) - _mean(found.own.ratio[row, :day])))
    rise = found.rise(b, day)
    told: list[Reason] = [
        {"code": "fell_as_loss_rose" if fall > 0 else "loss_rose", "day": day,
         "percent": round(100 * fall), "kwh_day": round(rise, 1)},
        {"code": "loss_matches", "kwh_day": round(found.hidden_kwh(row), 1),
         "percent": round(100 * float(found.scores.taken[row]))},
    ]  # fmt: skip
    peers = found.peer_level(row)
    if peers > 0:
        told.append({"code": "peers", "percent": round(100 * _mean(use[day:]) / peers)})
    if (zeros := int((use[day:] == 0).sum())) >= _FEW_DAYS:
        told.append({"code": "zeros", "days": zeros})
    if (gaps := int(np.isnan(use[day:]).sum())) >= _FEW_DAYS:
        told.append({"code": "gaps", "days": gaps})
    return [*told, {"code": "no_curve"}]


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def explained(found: Findings, one: Explanation, names: list[str]) -> list[Reason]:
    """The reason for a mistake of the records: what moves with the loss."""
    level = round(_mean(found.panel.use[one.row].astype(float)), 1)
    odds = round(min(one.odds, 99.0), 1)
    if one.cause == "wrong_link":
        return [{"code": "fits_neighbour", "transformer": names[int(one.value)], "kwh_day": level,
                 "odds": odds}]  # fmt: skip
    if one.cause == "wrong_multiplier":
        recorded = float(found.panel.multiplier[one.row])
        return [{"code": "multiplier_differs", "recorded": round(recorded, 3),
                 "true": round(recorded * one.value, 3), "odds": odds}]  # fmt: skip
    return [{"code": "clock_off", "days": int(one.value), "odds": odds}]
