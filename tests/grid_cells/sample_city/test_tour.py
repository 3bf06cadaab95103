"""The tour in the documentation says what the files say."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from grid_cells.sample_city import City

TOUR = Path(__file__).parents[3] / "docs" / "sample-city.md"


def told() -> dict[str, int]:
    """The tour's last table."""
    table = TOUR.read_text(encoding="utf-8").split("## Counted from the files")[1]
    rows = re.findall(r"^\| (.+?) \| ([\d,]+) \|$", table, flags=re.MULTILINE)
    return {figure: int(count.replace(",", "")) for figure, count in rows}


def test_every_count_of_the_tour_is_that_of_the_files(linjiang: City, look: Any) -> None:
    frames = linjiang.frames
    customers, outages = frames["customers"], frames["outages"]
    storm = outages[outages["cause"].str.startswith("storm")]
    widest = storm[storm["parent_outage_id"].isna()]
    late = storm["restored_at"] > pd.Timestamp("2026-07-16 22:00", tz="Asia/Shanghai")
    unclaimed = ~customers["transformer_id"].isin(frames["areas"]["transformer_id"])
    scope = outages.loc[outages["status"] == "notified", "scope"].str.cat(sep=";")
    at_work = ("transformer:" + customers["transformer_id"]).isin(scope.split(";"))
    planned = customers[at_work]
    reports = frames["fault_reports"]
    tonight = reports["registered_at"].between("2026-07-16 10:00Z", "2026-07-16 11:40Z")
    west = look.of_places(linjiang, "Xizhou|Luwei|Shatan|Xiling")["customer_no"]
    waited = reports["arrived_at"] - reports["registered_at"]
    too_late = reports["customer_no"].isin(west) & (waited > pd.Timedelta(minutes=90))
    counted = {
        "customers": len(customers),
        "supply stations": (frames["units"]["level"] == "station").sum(),
        "service areas": frames["areas"]["area_id"].nunique(),
        "feeders": len(frames["feeders"]),
        "transformers": len(frames["transformers"]),
        "halls": len(frames["halls"]),
        "payment points": len(frames["banks"]),
        "crews": len(frames["crews"]),
        "storm outages": len(storm),
        "customers out at the peak": widest["customers_affected"].sum(),
        "homes still dark at 22:00": storm.loc[late, "customers_affected"].sum(),
        "west-bank customers": len(look.of_places(linjiang, "Xizhou|Luwei|Shatan|Xiling")),
        "customers in no area": unclaimed.sum(),
        "customers of Qingshan": len(look.of_places(linjiang, "Qingshan")),
        "customers of T-233": (customers["transformer_id"] == "T-233").sum(),
        "customers of the planned work": outages.loc[
            outages["status"] == "notified", "customers_affected"
        ].sum(),
        "confirmed contacts among them": planned["contact_confirmed_on"].notna().sum(),
        "arrivals too late on the west bank since the bridge closed": too_late.sum(),
        "days of outages before the storm": (linjiang.now - outages["started_at"].min()).days,
        "fault reports": len(reports),
        "reports of the storm evening until 19:40": tonight.sum(),
        "customers in customers_west.csv": len(linjiang.customers_west),
    }
    assert told() == counted
