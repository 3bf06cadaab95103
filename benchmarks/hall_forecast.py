"""Forecasts of halls' hours: ours beside last week's same hour and a plain seasonal mean.

    python benchmarks/hall_forecast.py --input FILE --map MAP.toml --timezone ZONE \
        --country US-CA [--figure wait_min] [--until DATE] [--json]

The file is one of hourly figures (`hall_hours`). What is before the last four weeks (or --until)
teaches; the four weeks from it on are judged from an origin every fortnight (the app's way), once
for all four weeks, and every week. The peers know everything before each origin, as ours does.
Cases are mean absolute errors in minutes or visits; `gain` is the share by which ours is lower than
the better peer. The mean of the weekday and hour over all that was known stands for the season.
`equal`: the errors of ours and of both peers are known, and of the same hours.
"""

from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from comparison import Row, arguments, installed, missing, show

from grid_cells.hall_forecast import JUDGED, ForecastFigures, judge
from grid_cells.hall_forecast_features import DayFacts
from grid_cells.hall_hours import HallHours, lay_out
from grid_cells.work_calendar import work_days
from loaders.contract import LoadOptions
from loaders.mapping import read_mapping
from loaders.registry import LOADERS

FEW, LAST_DAYS = 10, 180
"""Halls and days of a quick run."""
STEPS = {"every fortnight": 14, "once": JUDGED, "every week": 7}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--map", required=True)
    parser.add_argument("--timezone", required=True, help="IANA zone of the halls")
    parser.add_argument("--country", default="CN", help="whose public holidays hold")
    parser.add_argument("--figure", choices=("wait_min", "visits"), default="wait_min")
    parser.add_argument("--until", type=date.fromisoformat, help="the first day that is judged")
    given = parser.parse_args()
    if given.input is None:
        missing("give --input FILE of hourly figures")
    hours = read(Path(given.input), Path(given.map), given.timezone, given.figure)
    if given.until is not None:
        hours = hours.before(given.until + timedelta(days=JUDGED))
    if given.quick:
        hours = of_some(hours)
    facts = facts_of(hours, given.country)
    steps = {"every fortnight": 14} if given.quick else STEPS
    rows = [case(name, hours, facts, step, given.seed) for name, step in steps.items()]
    show(
        "hall_forecast",
        [row for pair in rows for row in pair],
        installed("lightgbm", "numpy", "pandas"),
        as_json=given.json,
    )


def read(path: Path, mapping: Path, zone: str, figure: str) -> HallHours:
    """The file as the app loads it, laid out by the clocks of the zone."""
    loaded = LOADERS["hall_hours"](path, LoadOptions(mapping=read_mapping(mapping)))
    rows = loaded.frame
    local = rows["hour"].dt.tz_convert(zone).dt.tz_localize(None).dt.floor("h")
    frame = pd.DataFrame({"hall_id": rows["hall_id"], "hour": local, "value": rows[figure]})
    laid = lay_out(frame.drop_duplicates(["hall_id", "hour"]))
    print(f"{len(rows)} rows, {rows[figure].isna().mean():.1%} empty; {len(laid.halls)} halls,"
          f" {laid.first} to {laid.end - timedelta(days=1)}")  # fmt: skip
    return laid


def of_some(hours: HallHours) -> HallHours:
    """The first halls alone, and their last days."""
    begin = max(0, len(hours.grid) - LAST_DAYS)
    return HallHours(
        hours.first + timedelta(days=begin),
        hours.hours,
        hours.halls[:FEW],
        hours.grid[begin:, :, :FEW],
    )


def facts_of(hours: HallHours, country: str) -> DayFacts:
    code, _, part = country.partition("-")
    days = work_days(hours.days, code, part or None)
    return DayFacts(
        free=frozenset(one.day for one in days if one.holiday is not None),
        unsure=frozenset(one.day for one in days if one.is_made_up is None),
    )


def case(name: str, hours: HallHours, facts: DayFacts, step: int, seed: int) -> list[Row]:
    start = perf_counter()
    figures: ForecastFigures = judge(hours, facts, step=step, seed=seed).figures
    more = {
        "gain": round(figures.gain, 4), "hours": figures.hours,
        "within the interval": round(figures.covered, 3),
        "seconds": round(perf_counter() - start, 1),
    }  # fmt: skip
    peers = {"last week's same hour": figures.last_week, "seasonal mean": figures.usual}
    whole = all(np.isfinite(one) for one in (figures.ours, *peers.values()))
    told = f"mean error, forecast {name}"
    return [
        Row(told, figures.ours, error, peer, None, whole, more, "unit of the figure")
        for peer, error in peers.items()
    ]


if __name__ == "__main__":
    main()
