"""Words about suspicions: causes, reasons with their figures, widths of cells."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from app import language as words
from app.widgets import session

_SHARES: Final = ("share", "rate", "before_rate", "after_rate", "ratio_share")
_DAYS: Final = ("day", "since", "from_day", "to_day")
_WIDTH_0_M: Final = 2_215_000.0
"""Between opposite sides of a mean cell of resolution 0; each step divides by √7."""
TONES: Final = {"suspect": "risk", "none": "plain"}


def cause(code: str) -> str:
    """A cause in words."""
    return session.say(f"theft_cause_{code}")


def outcome(code: str) -> str:
    """The outcome of a visit in words."""
    return session.say(f"value_outcome_{code}")


def method(run: Mapping[str, Any]) -> str:
    """How a run was scored: by the rules, or by them and a model of some number."""
    if run["method"] != "model" or pd.isna(run["model_id"]):
        return session.say(f"theft_method_{run['method']}")
    return session.say("theft_method_by_model", model=int(run["model_id"]))


def scored_by(score: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """Whose a customer's score is: the rules', or a model's by its number."""
    if score.get("scored_by") != "model" or pd.isna(run["model_id"]):
        return session.say("theft_by_rules")
    return session.say("theft_by_model", model=int(run["model_id"]))


def reason(one: Mapping[str, Any]) -> str:
    """A reason as a sentence with its figures; a code nobody has words for stays a code."""
    code, told = f"theft_reason_{one['code']}", {**one}
    if told.pop("is_withheld", False) and words.knows(f"{code}_withheld", session.language()):
        code = f"{code}_withheld"
    values = {name: _figure(name, value) for name, value in told.items() if name != "code"}
    if not words.knows(code, session.language()):
        figures = ", ".join(f"{name} {value}" for name, value in values.items())
        return f"{str(one['code']).replace('_', ' ')} {figures}".strip()
    return session.say(code, **values)


def trend(told: Sequence[Mapping[str, Any]]) -> str | None:
    """Percentage points in 30 days that a transformer's loss rate changes by; None: not told."""
    for one in told:
        if one["code"] in ("loss_trend", "loss_steady"):
            return session.say("theft_points", points=f"{float(one['points']):+.1f}")
    return None


def grade(row: Mapping[str, Any]) -> str:
    """The grade of a transformer's loss, where its rate is told: the one tells the other."""
    is_told = not pd.isna(row["loss_rate"]) and isinstance(row["grade"], str)
    return session.say(f"theft_grade_{row['grade']}" if is_told else "unknown")


def step(row: Mapping[str, Any]) -> str:
    """The lasting step of a transformer's loss, nothing where there is none."""
    if pd.isna(row["step_kwh_day"]):
        return words.NOTHING
    size = f"{words.number(row['step_kwh_day'], 1)} kWh"
    return size if pd.isna(row["since"]) else f"{size}, {day(row['since'])}"


def _figure(name: str, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        if name in _SHARES or name.endswith("_share"):
            return words.number(100 * value, 0)
        return words.number(value, 0 if float(value).is_integer() or abs(value) >= 100 else 1)  # noqa: PLR2004
    if isinstance(value, str) and (name in _DAYS or name.endswith("_day")):
        return day(value)
    return value


def day(value: Any) -> str:
    """A day as people read it, nothing where there is none."""
    return words.NOTHING if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def share(value: float | None, digits: int = 0) -> str:
    """A share in per cent; unknown is said, never nought."""
    if value is None or pd.isna(value):
        return session.say("unknown")
    return f"{words.number(100 * float(value), digits)} %"


def head(*, is_there: bool) -> str:
    """Whether a feeder is metered at its head."""
    return session.say("theft_feeder_head_yes" if is_there else "theft_feeder_head_no")


def width_m(resolution: int) -> str:
    """The usual width of a cell in metres, rounded as people say it."""
    width = _WIDTH_0_M / math.sqrt(7) ** resolution
    step = 10 ** (len(str(int(width))) - 2)
    return words.number(round(width / step) * step, 0)
