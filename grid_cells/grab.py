"""Who may grab an order from the pool now, and who is preferred where several ask at once.

Four questions decide: need (on shift, skills, a part of the crew free soon), place (own area,
neighbouring area, or few minutes away), local load (open orders and minutes of work against the
others) and timeliness (there before the promise ends; grabs given back lately).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

OWN, NEIGHBOUR, OTHER = "own", "neighbour", "other"
PLACES: Final = (OWN, NEIGHBOUR, OTHER)
REFUSALS: Final = (
    "off_shift", "no_skill", "against_wishes", "no_part_free", "no_way", "too_far", "too_many_open",
    "load_above_others", "too_late", "returned_too_often",
)  # fmt: skip
PREFERENCES: Final = ("in_time", "place", "load", "arrival", "record", "number")
"""What decides between two crews that may both grab, the first difference first."""


@dataclass(frozen=True)
class GrabRules:
    """The figures of the rule; minutes, days and seconds as their names say."""

    window_s: float
    most_open: int
    above_others_min: float
    most_travel_min: float
    part_size: int
    wait_for_part_min: float
    setting_out_min: float
    returned_most: int
    returned_within_d: float
    load_step_min: float


@dataclass(frozen=True)
class Wanted:
    """What is asked about the order: skills (separated by ;), minutes left (NaN: no promise)."""

    skills: str | None
    left_min: float


def parts_of(members: object, size: int) -> int:
    """Parts of a crew that can work alone; one where nobody knows its members."""
    if not isinstance(members, str):
        return 1
    count = len([one for one in members.replace("；", ";").split(";") if one.strip()])
    return max(1, count // size)


def judged(crews: pd.DataFrame, wanted: Wanted, rules: GrabRules) -> pd.DataFrame:
    """Each crew's answer, the preferred first, those who may not after them.

    `crews`: crew_id, is_on_shift, is_skilled, place (own, neighbour, other), travel_min (NaN:
    no way), free_in_min (until a part of it is free), open_orders, held_min, returned; is_unwished
    where the customer wants or does not want certain crews. Added: why (refusal codes), may,
    arrive_in_min, spare_min (NaN: no promise), others_min (mean work of the others that could
    come), rank (1 for the preferred, 0 for who may not).
    """
    found = crews.copy().reset_index(drop=True)
    found["arrive_in_min"] = rules.setting_out_min + found["free_in_min"] + found["travel_min"]
    found["spare_min"] = wanted.left_min - found["arrive_in_min"]
    found["others_min"] = _mean_of_others(found)
    no = _refusals(found, rules)
    fits = ~no.any(axis=1)
    is_late = found["spare_min"] < 0
    no["too_late"] = is_late & bool((fits & (found["spare_min"] >= 0)).any())
    found["why"] = [[code for code in REFUSALS if row[code]] for row in no.to_dict("records")]
    found["may"] = ~no.any(axis=1)
    return _ranked(found, rules)


def _mean_of_others(found: pd.DataFrame) -> "pd.Series[float]":
    """Mean minutes of work that the other crews hold who work and have the skills; 0 without."""
    able = (found["is_on_shift"] & found["is_skilled"]).to_numpy(dtype=bool)
    held = found["held_min"].to_numpy(dtype=np.float64)
    whole, count = held[able].sum() - held * able, able.sum() - able
    return pd.Series(np.where(count > 0, whole / np.maximum(count, 1), 0.0), found.index)


def _refusals(found: pd.DataFrame, rules: GrabRules) -> pd.DataFrame:
    """For each code whether it keeps the crew from grabbing; too late is asked afterwards."""
    is_far = (found["place"] == OTHER) & (found["travel_min"] > rules.most_travel_min)
    above = found["held_min"] - found["others_min"]
    return pd.DataFrame(
        {
            "off_shift": ~found["is_on_shift"].astype(bool),
            "no_skill": ~found["is_skilled"].astype(bool),
            "against_wishes": found.get("is_unwished", False),
            "no_part_free": found["free_in_min"] > rules.wait_for_part_min,
            "no_way": found["travel_min"].isna(),
            "too_far": is_far,
            "too_many_open": found["open_orders"] >= rules.most_open,
            "load_above_others": above > rules.above_others_min,
            "too_late": False,
            "returned_too_often": found["returned"] >= rules.returned_most,
        }
    )


def _ranked(found: pd.DataFrame, rules: GrabRules) -> pd.DataFrame:
    keys = _keys(found, rules)
    order = keys.assign(no=~found["may"]).sort_values(["no", *PREFERENCES], kind="stable").index
    ranked = found.loc[order].reset_index(drop=True)
    place = np.arange(1, len(ranked) + 1)
    return ranked.assign(rank=np.where(ranked["may"], place, 0))


def _keys(found: pd.DataFrame, rules: GrabRules) -> pd.DataFrame:
    """What the preference compares, smaller is better."""
    return pd.DataFrame(
        {
            "in_time": found["spare_min"] < 0,
            "place": found["place"].map(PLACES.index),
            "load": found["held_min"] // rules.load_step_min,
            "arrival": found["arrive_in_min"],
            "record": found["returned"],
            "number": found["crew_id"].astype(str),
        }
    )


def settled(answers: pd.DataFrame, asked: "list[str]") -> str | None:
    """The crew that gets the order of those that asked, None where none of them may."""
    able = answers[answers["may"] & answers["crew_id"].isin(asked)]
    return None if able.empty else str(able["crew_id"].iloc[0])


def decided_by(answers: pd.DataFrame, winner: str, loser: str, rules: GrabRules) -> str:
    """The first of PREFERENCES in which the winner is better than the loser."""
    keys = _keys(answers, rules).set_index(answers["crew_id"].astype(str))
    better, worse = keys.loc[winner], keys.loc[loser]
    return next(name for name in PREFERENCES if better[name] != worse[name])
