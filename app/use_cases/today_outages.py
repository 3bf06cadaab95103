"""The lines of Today about outages: silent, overdue, important customers out, dark homes left."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import derived, important_customers, outage_book
from app.use_cases import outages, privacy, small_cells
from app.use_cases.outages import OutageWish
from app.use_cases.today_scene import Scene, TodayLine, managers

_NAMED: Final = 3
_AMBER: Final = frozenset({"today_no_news"})


def _open(scene: Scene) -> pd.DataFrame:
    return outages.all_of(scene.db, OutageWish("open"), scene.now)


def _silent(scene: Scene) -> list[TodayLine]:
    rows = _open(scene)
    rows = rows[rows["is_silent"]]
    if rows.empty:
        return []
    heard = rows["news_at"].fillna(rows["started_at"])
    first = rows.loc[heard.sort_values(kind="stable").index[0]]
    values = {"count": len(rows), "n": outages.rule("silent_after"), "outage": first["outage_id"]}
    return [_line(scene, "today_no_news", values, first, _moment(heard.min()))]


def _overdue(scene: Scene) -> list[TodayLine]:
    rows = _open(scene)
    rows = rows[rows["is_overdue"]].sort_values(["estimated_restore_at", "outage_id"])
    if rows.empty:
        return []
    first = rows.iloc[0]
    values = {"count": len(rows), "outage": first["outage_id"]}
    since = _moment(first["estimated_restore_at"])
    return [_line(scene, "today_overdue", values, first, since)]


def _important(scene: Scene) -> list[TodayLine]:
    """Important customers without supply; one whose second feeder is alive is not among them."""
    people = important_customers.dark_at(scene.connection, scene.now)
    seconds = sorted(set(people["second_feeder_id"].dropna()))
    dark = outage_book.dark_feeders(scene.db.whole.read(), seconds, scene.now)
    fed = people["second_feeder_id"].notna() & ~people["second_feeder_id"].isin(list(dark))
    people = _tellable(scene, people[~fed]).sort_values(["out_at", "customer_no"])
    if people.empty:
        return []
    ids = list(dict.fromkeys(people["outage_id"]))
    values = {"count": people["customer_no"].nunique(), "what": ids[:_NAMED]}
    first = people.iloc[0]
    return [_line(scene, "today_important_out", values, first, _moment(first["out_at"]))]


def _tellable(scene: Scene, people: pd.DataFrame) -> pd.DataFrame:
    """Of an outage of a few, who is important is told to those alone who may know the mark."""
    if privacy.sees(scene.actor, "customers", "importance_code"):
        return people
    rows = _open(scene)
    many = rows.loc[rows["customers_affected"] >= small_cells.least(scene.db), "outage_id"]
    return people[people["outage_id"].isin(many)]


def _left_dark(scene: Scene) -> list[TodayLine]:
    """Homes that are out behind an outage which counts as restored."""
    rows = _open(scene)
    nested = rows[rows["parent_outage_id"].notna() & (rows["customers_out"] > 0)]
    nested = nested[~nested["parent_outage_id"].isin(rows["outage_id"])]
    found = []
    for parent, group in nested.groupby("parent_outage_id"):
        wide = outage_book.one(scene.connection, str(parent), scene.now)
        back = None if wide is None else wide["restored_at"]
        if back is None or back > scene.now:
            continue
        values = {"count": int(group["customers_out"].sum()), "outage": str(parent)}
        found.append(_line(scene, "today_dark_homes", values, group.iloc[0], back))
    return found


def _line(
    scene: Scene, code: str, values: dict[str, Any], row: "pd.Series[Any]", since: datetime
) -> TodayLine:
    """A line that leads to the outage; it is the manager's of the area where it lies."""
    areas = derived.area_of_cells(scene.connection).set_index("cell_id")["area_id"]
    owner = managers(scene).get(areas.get(row["cell_id"]))
    link = {"page": "outages", "outage": str(row["outage_id"])}
    return TodayLine(code, "amber" if code in _AMBER else "red", values, since, owner, link)


def _moment(value: Any) -> datetime:
    found: datetime = pd.Timestamp(value).to_pydatetime()
    return found


QUESTIONS: Final[tuple[Callable[[Scene], list[TodayLine]], ...]] = (
    _important, _left_dark, _overdue, _silent,
)  # fmt: skip
