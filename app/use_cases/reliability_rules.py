"""What reliability counts by, as its reference table says: thresholds, editions, frequency."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal, cast

from app.use_cases import reference
from grid_cells.major_event_days import ZeroDays
from grid_cells.reliability import DLT_836, IEEE_1366, Rule

Standard = Literal["ieee_1366", "dlt_836", "dlt_836_lv"]

_BASES: Final[dict[Standard, Rule]] = {
    "ieee_1366": IEEE_1366, "dlt_836": DLT_836, "dlt_836_lv": replace(DLT_836, basis="lv_customer"),
}  # fmt: skip
STANDARDS: Final[tuple[Standard, ...]] = tuple(_BASES)
_KNOWN_DAYS: Final = {"zero_days": ("dropped", "lowest"), "minutes_day": ("began",)}


@dataclass(frozen=True)
class Frequent:
    """From how many sustained interruptions within how many days an outage is frequent."""

    times: int
    days: int


def rule(standard: Standard) -> Rule:
    """What is counted by a standard, with the threshold and the edition of the table."""
    row = _rows()[f"{standard.removesuffix('_lv')}_sustained"]
    return replace(
        _BASES[standard], edition=row["edition"], sustained_min=float(row["value"]),
        few_served=int(_rows()["few_served"]["value"]),
    )  # fmt: skip


def frequent() -> Frequent:
    """When an outage is frequent."""
    return Frequent(*(int(_rows()[f"frequent_{one}"]["value"]) for one in ("times", "days")))


def usual_n() -> int:
    """The n of CEMI-n that is told."""
    return int(_rows()["cemi_n"]["value"])


def zero_days() -> ZeroDays:
    """What days without an interruption do to the threshold of major event days."""
    return cast("ZeroDays", _rows()["zero_days"]["value"])


@cache
def _rows() -> dict[str, dict[str, str]]:
    """The table's rows by their rule; ValueError where it wishes a way that nobody has written."""
    rows = reference.table("reliability_rules").fillna("").astype("str").to_dict("records")
    held = {row["rule"]: {str(name): str(value) for name, value in row.items()} for row in rows}
    for name, known in _KNOWN_DAYS.items():
        if held[name]["value"] not in known:
            raise ValueError(f"reliability_rules: {name} must be one of {known}")
    return held
