"""Which area of a plan each of its units is in, by what the plan claims."""

from typing import Any

import numpy as np
import pandas as pd

from grid_cells.drafts import NO_AREA, TWO_AREAS, Places


def labels(units: "pd.Index[Any]", claims: pd.DataFrame, area_ids: list[str]) -> Places:
    """Place in `area_ids` of each unit, NO_AREA without a claim, TWO_AREAS where several differ.

    claims: unit, area_id; of areas that are not asked for nothing is told.
    """
    place = pd.Series(np.arange(len(area_ids), dtype=np.int32), index=area_ids)
    known = claims[claims["area_id"].isin(place.index)].drop_duplicates(["unit", "area_id"])
    is_several = known["unit"].duplicated(keep=False)
    single = known[~is_several]
    at = pd.Index(single["unit"]).get_indexer(units)
    held = np.append(single["area_id"].map(place).to_numpy(np.int32), np.int32(NO_AREA))
    found: Places = held[at]  # units without a claim read the last one
    found[units.isin(known.loc[is_several, "unit"])] = TWO_AREAS
    return found
