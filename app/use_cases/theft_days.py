"""Days of balances as they were known at the moment: the last run's, or those of an earlier one."""

from datetime import date
from typing import Any, Final

import pandas as pd

from app.store import feeder_days, meta, theft_readings
from app.store import theft_hotspots as store
from app.store.database import Database
from app.store.theft_readings import Span
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import remembered
from app.use_cases.theft_rules import figure as rule
from grid_cells import feeder_loss

BY_MODEL: Final = "|model "
"""What follows the version of the balances in that of a run scored by a model, with its number."""


def feeders_of(db: Database, span: Span) -> pd.DataFrame:
    """The balance of every feeder and day of the span, worked out."""
    least = rule("least_measured")
    return feeder_loss.feeder_losses(feeder_days.sums(db.read(), span), least_measured=least)


def losses(db: Database, lines: list[str], run: dict[str, Any]) -> pd.DataFrame:
    """The balance of these transformers in sight by day of the run, as `loss_days` has it.

    Where the days held are those of another run, they are worked out as the run knew them.
    """
    first, last = run["first_day"].date(), run["last_day"].date()
    if _are_held_of(db, run):
        return store.loss_days(db.read(), lines, first, last)
    seen = sorted(set(lines) & store.lines_in_sight(db.read()))
    key = ("losses_then", tuple(seen), *_stamp(db, run))
    return remembered(key, lambda: _losses_then(db.whole, seen, _span(first, last, run)))


def _losses_then(whole: Database, lines: list[str], span: Span) -> pd.DataFrame:
    rows = theft_readings.balance(whole.read(), span, rule("least_measured"), lines)
    found: pd.DataFrame = rows.to_pandas()
    found["day"] = pd.to_datetime(found["day"])
    return found.sort_values(["transformer_id", "day"], ignore_index=True)


def feeders(db: Database) -> pd.DataFrame:
    """The balance of every feeder in sight by day, with its name, as the last run by now knew."""
    held = feeder_days.held(db.read())
    if held.empty:
        return held
    runs = store.runs(db.whole.read(), clock_now(db))
    if runs.empty:
        return held.iloc[:0]
    run = {str(name): value for name, value in runs.iloc[0].to_dict().items()}
    if _are_held_of(db, run):
        return held
    span = _span(run["first_day"].date(), run["last_day"].date(), run)
    days = remembered(("feeders_then", *_stamp(db, run)), lambda: feeders_of(db.whole, span))
    names = held.drop_duplicates("feeder_id").set_index("feeder_id")["name"]
    mine = days[days["feeder_id"].isin(names.index)]
    return mine.assign(name=mine["feeder_id"].map(names)).reset_index(drop=True)[list(held.columns)]


def _are_held_of(db: Database, run: dict[str, Any]) -> bool:
    """Whether the days held are of the very facts of the run, whatever was looked at since."""
    version = str(run["data_version"]).partition(BY_MODEL)[0]
    return version == meta.read_value(db.whole.read(), theft_readings.LOSS_DAYS)


def _span(first: date, last: date, run: dict[str, Any]) -> Span:
    return Span(first, last, pd.Timestamp(run["made_at"]).to_pydatetime())


def _stamp(db: Database, run: dict[str, Any]) -> tuple[Any, ...]:
    facts = meta.read_value(db.whole.read(), "facts_version")
    return (int(run["run_id"]), facts, db.whole.opened_as)
