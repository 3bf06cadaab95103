"""The figures of the table of rules about suspicion."""

from app.use_cases import reference


def figure(name: str) -> float:
    """One figure of `data/reference/theft_rules.csv`."""
    rows = reference.table("theft_rules").set_index("name")
    return float(rows.loc[name, "value"])  # type: ignore[arg-type]
