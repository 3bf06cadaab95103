"""Jobs on a lake of Parquet files: one SQL text each, the same for every engine."""

from datetime import date
from importlib import resources


def text(name: str, **values: object) -> str:
    """The job's SQL in DuckDB's dialect, with what it leaves open filled in."""
    told = (resources.files(__name__) / f"{name}.sql").read_text(encoding="utf-8")
    return told.format(**values) if values else told


def claims() -> dict[str, str]:
    """What the jobs on what has no days ask of the areas, by the name that each is defined under."""
    units = ("customer_no", "transformer_id", "cell_id")
    return {f"claimed_{unit}": text("claimed", unit=unit) for unit in units}


def standing(first: date) -> dict[str, str]:
    """The jobs on what has no days, in their order, by the name that each answer is kept under.

    `first`: the lake's first day.
    """
    plain = {name: text(name) for name in ("homes", "stands", "hall_places")}
    jobs = {**plain, "links": text("links", first=first)}
    jobs |= {name: text(name) for name in ("slices", "members")}
    places = ("cell_id", "area_id")
    return jobs | {f"settled_{p}": text("settled", place=p, first=first) for p in places}
