"""The table of rules about suspicion and inspections: times, finds, budgets, hotspots."""

from functools import cache

from app.use_cases import reference
from grid_cells import inspections
from grid_cells.inspections import InspectionRules


@cache
def outcome_rules() -> InspectionRules:
    """Who is left alone for how long, and what counts as a find."""
    return inspections.rules_of(reference.table("inspection_rules"))


def figure(rule: str, name: str) -> float:
    """One figure of the table."""
    rows = reference.table("inspection_rules").set_index(["rule", "name"])
    return float(rows.loc[(rule, name), "value"])  # type: ignore[arg-type]
