"""How the claims of a service plan change when a file or a planner states new ones."""

from datetime import datetime

import pandas as pd

CLAIM_COLUMNS = [
    "transformer_id",
    "cell_id",
    "area_id",
    "share",
    "claim_basis",
    "valid_from",
    "valid_to",
]


def revise_claims(
    held: pd.DataFrame, stated: pd.DataFrame, *, at: datetime | None, whole_areas: bool = False
) -> pd.DataFrame:
    """All claims, past and present, of every unit whose present claims change.

    `held` has CLAIM_COLUMNS and is the plan's whole history; `stated` has transformer_id, cell_id
    (one of them empty or 0), area_id and may have share, claim_basis and valid_from. A changed unit
    keeps its past: what held until now ends at `at`, the new claims begin there (or at their own
    valid_from). `at` None means since records began, for a plan that replaces nothing.
    With `whole_areas` the stated areas are complete: units they held and no longer name are freed.
    """
    held = _with_unit(held.reindex(columns=CLAIM_COLUMNS))
    new = _with_unit(stated.reindex(columns=CLAIM_COLUMNS)).drop_duplicates(["unit", "area_id"])
    is_open = held["valid_to"].isna()
    present = held[is_open]
    freed = _freed(present, new) if whole_areas else present.iloc[0:0]
    touched = _differing(present[present["unit"].isin(new["unit"])], new) | set(freed["unit"])
    if not touched:
        return held.iloc[0:0][CLAIM_COLUMNS]
    coming = _beginning(new[new["unit"].isin(touched)], set(held["unit"]), at)
    past = _ended(held[held["unit"].isin(touched)], freed, coming, at)
    return pd.concat([_typed(past), _typed(coming)], ignore_index=True)[CLAIM_COLUMNS]


def _beginning(coming: pd.DataFrame, known: set[str], at: datetime | None) -> pd.DataFrame:
    """The new claims from their own day on, else from `at`, or ever if never claimed before."""
    begins = pd.to_datetime(coming["valid_from"], utc=True)
    if at is not None:
        begins = begins.where(begins.notna() | ~coming["unit"].isin(known), pd.Timestamp(at))
    return coming.assign(valid_from=begins)


def _ended(
    past: pd.DataFrame, freed: pd.DataFrame, coming: pd.DataFrame, at: datetime | None
) -> pd.DataFrame:
    """The claims held, the open ones ended where the unit's new claims begin."""
    others = past["unit"].isin(freed["unit"]) & ~past["unit"].isin(coming["unit"])
    stays = others & ~past["area_id"].isin(freed["area_id"].unique())
    closing = past["valid_to"].isna() & ~stays
    firsts = pd.to_datetime(coming.groupby("unit")["valid_from"].min(), utc=True)
    firsts = firsts.astype("datetime64[us, UTC]")  # pandas reads nothing at all as seconds
    ends = firsts.reindex(past["unit"]).set_axis(past.index)
    if at is not None:
        ends = ends.fillna(pd.Timestamp(at))
    ended = past.assign(valid_to=pd.to_datetime(past["valid_to"], utc=True).where(~closing, ends))
    never_held = closing & (pd.to_datetime(past["valid_from"], utc=True) >= ended["valid_to"])
    return ended[~never_held]


def settle_claims(
    held: pd.DataFrame, drawn: pd.DataFrame, *, since: datetime | None
) -> pd.DataFrame:
    """All claims of the cells that customers decide for the first time, past ones included.

    `held` as for `revise_claims`; `drawn` what the polygons claim with the customers known now
    (cell_id, area_id, share, claim_basis). Only cells whose open claims are not yet on the basis
    "customers" change, and from the same moment on as before (`since` where none was held): the
    border was drawn then, only who lives in the cell was not known.
    """
    held = _with_unit(held.reindex(columns=CLAIM_COLUMNS))
    new = _with_unit(drawn.reindex(columns=CLAIM_COLUMNS))
    new = new[new["claim_basis"] == "customers"]
    present = held[held["valid_to"].isna()]
    decided = present.loc[present["claim_basis"] == "customers", "unit"]
    listed = present.loc[present["claim_basis"].isna(), "unit"]
    new = new[~new["unit"].isin(decided) & ~new["unit"].isin(listed)]
    touched = set(new["unit"])
    past = held[held["unit"].isin(touched) & held["valid_to"].notna()]
    begins = present.groupby("unit")["valid_from"].min().reindex(new["unit"])
    known = new["unit"].isin(present["unit"]).to_numpy()
    start = pd.to_datetime(begins, utc=True).set_axis(new.index)
    if since is not None:
        start = start.where(known, pd.Timestamp(since))
    coming = new.assign(valid_from=start)
    return pd.concat([_typed(past), _typed(coming)], ignore_index=True)[CLAIM_COLUMNS]


def _with_unit(claims: pd.DataFrame) -> pd.DataFrame:
    frame = claims.copy()
    cells = frame["cell_id"].astype("Int64").fillna(0)
    frame["cell_id"] = cells
    named = frame["transformer_id"].notna()
    frame["unit"] = cells.astype("str").where(~named, "t:" + frame["transformer_id"].astype("str"))
    return frame


def _freed(present: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    of_stated = present[present["area_id"].isin(new["area_id"].unique())]
    pairs = pd.MultiIndex.from_frame(new[["unit", "area_id"]])
    gone = ~pd.MultiIndex.from_frame(of_stated[["unit", "area_id"]]).isin(pairs)
    return of_stated[gone & ~of_stated["unit"].isin(new["unit"])]


def _differing(present: pd.DataFrame, new: pd.DataFrame) -> set[str]:
    pairs = [pd.MultiIndex.from_frame(f[["unit", "area_id"]]) for f in (present, new)]
    only_one_side = pairs[0].symmetric_difference(pairs[1])
    return set(only_one_side.get_level_values("unit"))


def _typed(claims: pd.DataFrame) -> pd.DataFrame:
    times = {name: pd.to_datetime(claims[name], utc=True) for name in ("valid_from", "valid_to")}
    return claims.assign(**times, share=claims["share"].astype("float64"))
