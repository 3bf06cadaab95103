"""Why a meter or a transformer has its score: codes with figures, never words."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from grid_cells.theft_cell_peers import PeerLevel
from grid_cells.theft_explanations import Explanation
from grid_cells.theft_findings import Findings
from grid_cells.theft_panel import Floats, Ints
from grid_cells.theft_trend import trend

Reason = dict[str, Any]
TOLD_FROM: Final = 0.02
"""Scores from here on get the reasons of a suspicion."""
_FEW_DAYS = 3
_RIGHT = 1e-6
_TREND = 0.005
_SAYS_LITTLE = 0.5
_MUCH = 0.5


@dataclass(frozen=True)
class Beside:
    """What stands beside a row: its peers, its link to the loss, what temperature explains.

    has_weather: whether the temperature of the days is known at all.
    """

    peers: PeerLevel | None = None
    link: float = float("nan")
    has_weather: bool = False
    weather: float | None = None


def suspicion(found: Findings, row: int, start: int, beside: Beside) -> list[Reason]:
    """Reasons for a suspicion since a column: own past, the loss, peers, weather, zeros."""
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
    if not np.isnan(beside.link):
        told.append({"code": "link", "r": round(beside.link, 2)})
    if (peers := beside.peers) is not None and peers.kwh_day > 0:
        percent = round(100 * _mean(use[day:]) / peers.kwh_day)
        told.append({"code": f"peers_{peers.around}", "percent": percent, "peers": peers.count})
    told.append(_weather(beside))
    if (zeros := int((use[day:] == 0).sum())) >= _FEW_DAYS:
        told.append({"code": "zeros", "days": zeros})
    if (gaps := int(np.isnan(use[day:]).sum())) >= _FEW_DAYS:
        told.append({"code": "gaps", "days": gaps})
    return [*told, {"code": "no_curve"}]


def _weather(beside: Beside) -> Reason:
    """What the temperature explains of the fall, or that it is not known."""
    if not beside.has_weather:
        return {"code": "weather_unknown"}
    share = beside.weather or 0.0
    code = "weather_explains" if share >= _MUCH else "weather_little"
    return {"code": code, "percent": round(100 * share)}


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


def innocent(found: Findings, row: int) -> list[Reason]:
    """Reasons of a meter's own: solar power, an empty home, a standstill, gaps."""
    told: list[Reason] = []
    cause = found.causes[row]
    judged = found.quality
    if cause == "pv":
        at = int(np.searchsorted(found.panel.fed_rows, row))
        told.append({"code": "feeds_in", "kwh_day": round(_mean(found.panel.fed[at]), 1)})
    if cause == "vacancy":
        told.append({"code": "empty_home", "day": int(found.vacant_from[row])})
    if judged.frozen[row]:
        first = int(judged.frozen_from[row])
        told.append({"code": "stood_still", "days": int(judged.frozen[row]), "day": first})
        told += _of_its_maker(found, row)
    if cause == "missing_reading":
        missing = int(judged.missing[row])
        told.append({"code": "not_read", "days": missing, "of": int(judged.due[row])})
    return told


def _of_its_maker(found: Findings, row: int) -> list[Reason]:
    """That others of the maker or the terminal stand still more often than elsewhere."""
    stood = found.stood
    if stood.says[row] > _SAYS_LITTLE or np.isnan(stood.share[row]):
        return []
    share, usual = (round(100 * float(one[row]), 2) for one in (stood.share, stood.usual))
    return [{"code": "maker_stands_still", "percent": share, "usual_percent": usual}]


def of_transformer(found: Findings, b: int, rates: tuple[Ints, Floats]) -> list[Reason]:
    """Reasons of a transformer's loss: a wrong master, a step, a trend."""
    told: list[Reason] = []
    if abs(found.masters[b] - 1) > _RIGHT:
        told.append(
            {"code": "master_ratio", "recorded_over_wired": round(float(found.masters[b]), 3)}
        )
    if found.steps.start[b] >= 0:
        told.append({"code": "loss_step", "kwh_day": round(float(found.steps.kwh_day[b]), 1),
                     "sigma": round(float(found.steps.sureness[b]), 1)})  # fmt: skip
    change = trend(*rates)
    if not np.isnan(change):
        code = "loss_trend" if abs(change) >= _TREND else "loss_steady"
        told.append({"code": code, "points": round(100 * change, 1)})
    return told
