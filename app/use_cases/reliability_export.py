"""Reliability taken along: a row a place, with the rule, the days and the warnings in the file."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.store.database import Database
from app.use_cases import export, reliability, reliability_places, reliability_rules
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.export import FORMS, Form
from app.use_cases.reliability import Reliability, ReliabilityWish
from grid_cells.cells import cells_to_hex, outline
from grid_cells.errors import UserError

LAYER = "reliability"
_SHAPED = ("gpkg", "parquet", "geojson")


@needs("export_data")
def export_reliability(
    db: Database, actor: Actor, wish: ReliabilityWish, *, form: Form, purpose: str
) -> tuple[bytes, str]:
    """Bytes and file name of every place with its indices and all that they were made by.

    Shapes are the place's cells, dissolved. Few people's cells are one place, as on the map.
    """
    check(db, actor, "see_reliability", asked="reliability_export.export_reliability")
    known = reliability.asked(db, actor, wish)
    names = reliability.names(db, actor, wish.by)
    table = _table(known.found, wish, names)
    of = reliability_places.cells_of_places(known)
    held = of.groupby(of).groups
    cells = [np.asarray(held.get(one, []), dtype="int64") for one in known.found.table.index]
    table.insert(2, "cells", [len(one) for one in cells])
    shapes = np.array([outline(one) for one in cells], dtype=object) if form in _SHAPED else None
    table["as_of"] = clock_now(db).isoformat(timespec="seconds")
    data = export.file_of(db, actor, table, form=form, layer=LAYER, purpose=purpose, shapes=shapes)
    return data, f"{LAYER}-{wish.by}-{wish.first:%Y%m%d}-{wish.last:%Y%m%d}.{form}"


@needs("export_data")
def save(db: Database, actor: Actor, wish: ReliabilityWish, path: Path, *, purpose: str) -> int:
    """Places written to a file whose ending names the format."""
    form = path.suffix.lower().lstrip(".")
    if form not in FORMS:
        raise UserError("export_form_unknown", form=form, known=", ".join(FORMS))
    data, _ = export_reliability(db, actor, wish, form=form, purpose=purpose)
    path.write_bytes(data)
    return len(reliability.figures(db, actor, wish).table)


def _table(found: Reliability, wish: ReliabilityWish, names: dict[str, str]) -> pd.DataFrame:
    places = found.table.index
    ids = cells_to_hex(places.to_numpy("int64")) if wish.by == "cell" else places.astype(str)
    table = found.table.drop(columns="is_few").reset_index(drop=True)
    table.insert(0, "place", np.asarray(ids))
    table.insert(1, "name", [names.get(str(one)) for one in places])
    few = found.table["is_few"].to_numpy()
    told = f"fewer than {found.rule.few_served} served"
    table["warning"] = [told if is_few else None for is_few in few]
    return table.assign(**_rule(found, wish))


def _rule(found: Reliability, wish: ReliabilityWish) -> dict[str, Any]:
    """What every row was made by, in columns, which every format keeps."""
    rule, limit, often = found.rule, found.threshold, reliability_rules.frequent()
    return {
        "by": wish.by, "standard": rule.standard, "edition": rule.edition, "basis": rule.basis,
        "sustained_over_min": rule.sustained_min,
        "kinds": "all" if rule.kinds is None else " ".join(sorted(rule.kinds)),
        "first_day": str(wish.first), "last_day": str(wish.last), "days": found.days,
        "cemi_n": wish.n, "frequent_rule": f"{often.times} in {often.days} days",
        "major_days": " ".join(str(day) for day in found.major_days),
        "major_days_are": "counted" if wish.has_major else "left out",
        "major_over_min": limit.minutes, "major_standing": limit.standing,
        "history_days": limit.days,
    }  # fmt: skip
