"""The tables of rules about checks and reviews of readings."""

from app.use_cases import reference
from grid_cells.reading_quality import FINDINGS


def figure(name: str) -> int:
    """One figure of the table."""
    rows = reference.table("reading_rules").set_index("name")
    return int(rows.loc[name, "value"])  # type: ignore[arg-type]


def least_days() -> dict[str, int]:
    """From how many days in a row on each finding enters the queue; others never do."""
    rows = reference.table("reading_rules").set_index("name")["value"]
    return {one: int(rows[f"enter_{one}"]) for one in FINDINGS if f"enter_{one}" in rows.index}


def reasons(verdict: str, finding: str = "") -> tuple[str, ...]:
    """Codes of the reasons for accepted or corrected, the usual one of a finding first."""
    rows = reference.table("review_reasons")
    rows = rows[rows["verdict"] == verdict]
    is_usual = rows["usual_for"] == (finding or None)
    return (*rows.loc[is_usual, "reason"], *rows.loc[~is_usual, "reason"])
