"""Exceptions from a plan: when one may hold for a transformer or a customer."""

from datetime import datetime

import pandas as pd

from grid_cells.errors import UserError


def check_span(
    held: pd.DataFrame, begins: datetime | None, ends: datetime | None, *, now: datetime
) -> None:
    """Raise UserError where an exception cannot hold from `begins` (None: now) until `ends`.

    `held`: valid_from, valid_to (excluded, empty = open) of those of the same thing.
    `override_in_past`: answers already given would change; `override_ends_early`: it would end
    before it begins; `override_overlaps`: another one of the same thing holds in that time.
    """
    if begins is not None and begins < now:
        raise UserError("override_in_past", begins=begins)
    first = begins or now
    if ends is not None and ends <= first:
        raise UserError("override_ends_early", ends=ends)
    froms, tos = (pd.to_datetime(held[name], utc=True) for name in ("valid_from", "valid_to"))
    is_some = froms.isna() | tos.isna() | (froms < tos)  # one ended before it began never holds
    starts_before = froms.isna() | (ends is None) | (froms < pd.Timestamp(ends or first))
    clash = is_some & starts_before & (tos.isna() | (tos > pd.Timestamp(first)))
    if bool(clash.any()):
        raise UserError("override_overlaps", count=int(clash.sum()))


def stage(begins: datetime | None, ends: datetime | None, now: datetime) -> str:
    """Where an exception stands: coming, in_force or ended."""
    if ends is not None and (ends <= now or (begins is not None and ends <= begins)):
        return "ended"
    return "coming" if begins is not None and begins > now else "in_force"
