"""Indices of reliability against examples worked by hand."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from grid_cells import reliability
from grid_cells.reliability import DLT_836, IEEE_1366

YEAR_MIN = 365 * 24 * 60


def lived(*rows: tuple[str, str | None, int, str, float]) -> pd.DataFrame:
    """place, who, customers, kind, minutes."""
    return pd.DataFrame(rows, columns=["place", "who", "customers", "kind", "minutes"])


FEEDERS = pd.Series({"A": 2000, "B": 1000, "C": 50})
YEAR = lived(
    ("A", None, 200, "fault", 90.0),
    ("A", None, 600, "fault", 30.0),
    ("A", None, 1000, "planned", 240.0),
    ("A", None, 2000, "fault", 0.5),
    ("A", None, 400, "fault", 5.0),
    ("B", None, 500, "fault", 12.0),
)


def test_indices_of_a_year_worked_by_hand() -> None:
    """Feeder A serves 2,000. Sustained: 200 · 90 + 600 · 30 + 1,000 · 240 = 276,000 min of 1,800.

    SAIDI = 276,000 / 2,000 = 138 min, SAIFI = 1,800 / 2,000 = 0.9, CAIDI = 138 / 0.9 = 153.33…,
    ASAI = 1 - 138 / 525,600. The one of exactly five minutes and the blink are momentary:
    MAIFI = (2,000 + 400) / 2,000 = 1.2.
    """
    found = reliability.indices(YEAR, FEEDERS, IEEE_1366, period_min=YEAR_MIN)
    a = found.loc["A"]
    assert (a["interruptions"], a["customer_minutes"]) == (1800, 276000.0)
    assert (a["saidi"], a["saifi"], a["maifi"]) == (138.0, 0.9, 1.2)
    assert a["caidi"] == 138.0 / 0.9
    assert a["asai"] == 1 - 138 / 525600
    b = found.loc["B"]
    assert (b["saidi"], b["saifi"], b["caidi"]) == (6.0, 0.5, 12.0)


def test_a_place_without_an_interruption_has_zeros_and_no_caidi() -> None:
    c = reliability.indices(YEAR, FEEDERS, IEEE_1366, period_min=YEAR_MIN).loc["C"]
    assert (c["saidi"], c["saifi"], c["asai"], c["maifi"]) == (0.0, 0.0, 1.0, 0.0)
    assert math.isnan(c["caidi"])


def test_a_small_denominator_is_marked() -> None:
    found = reliability.indices(YEAR, FEEDERS, IEEE_1366, period_min=YEAR_MIN)
    assert found["is_few"].tolist() == [False, False, True]


def test_without_planned_work_only_faults_count() -> None:
    """A: 200 · 90 + 600 · 30 = 36,000 min of 800; SAIDI 18, SAIFI 0.4, CAIDI 45."""
    rule = replace(IEEE_1366, kinds=frozenset({"fault"}))
    a = reliability.indices(YEAR, FEEDERS, rule, period_min=YEAR_MIN).loc["A"]
    assert (a["saidi"], a["saifi"], a["caidi"]) == (18.0, 0.4, 45.0)


def test_the_shorter_threshold_of_dlt_836_counts_what_lasted_five_minutes() -> None:
    """Three users (two public transformers, one dedicated): one out for 5 min, one for 2 min.

    By DL/T 836 (over 3 min) SAIDI = 5 / 3 min; by IEEE 1366 (over 5 min) nothing lasted.
    """
    users = pd.Series({"A": 3})
    held = lived(("A", "T1", 1, "fault", 5.0), ("A", "T2", 1, "fault", 2.0))
    dlt = reliability.indices(held, users, DLT_836, period_min=YEAR_MIN).loc["A"]
    assert (dlt["saidi"], dlt["saifi"], dlt["maifi"]) == (5 / 3, 1 / 3, 1 / 3)
    ieee = reliability.indices(held, users, IEEE_1366, period_min=YEAR_MIN).loc["A"]
    assert (ieee["saidi"], ieee["maifi"]) == (0.0, 2 / 3)


def test_customer_minutes_are_the_same_by_place_and_for_all() -> None:
    by_place = reliability.indices(YEAR, FEEDERS, IEEE_1366, period_min=YEAR_MIN)
    whole = reliability.indices(
        YEAR.assign(place="all"), pd.Series({"all": 3050}), IEEE_1366, period_min=YEAR_MIN
    )
    assert by_place["customer_minutes"].sum() == whole.loc["all", "customer_minutes"] == 282000.0


def test_cemi_counts_customers_with_n_or_more() -> None:
    """Of four customers one had three sustained interruptions, one two, one a blink."""
    held = lived(
        *[("A", "x", 1, "fault", 30.0)] * 3, *[("A", "y", 1, "fault", 10.0)] * 2,
        ("A", "z", 1, "fault", 1.0),
    )  # fmt: skip
    served = pd.Series({"A": 4, "B": 7})
    assert reliability.cemi(held, served, IEEE_1366, n=2).to_dict() == {"A": 0.5, "B": 0.0}
    assert reliability.cemi(held, served, IEEE_1366, n=3)["A"] == 0.25
    assert reliability.cemi(held, served, IEEE_1366, n=1)["A"] == 0.5


def began(*days: int) -> list[pd.Timestamp]:
    return [pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=day) for day in days]


@pytest.mark.parametrize(
    ("days", "worst"),
    [((0, 10, 59), 3), ((0, 10, 60), None), ((0, 30, 70, 80, 85), 4), ((5, 5, 5), 3)],
)
def test_three_within_sixty_days_is_frequent_wherever_the_days_lie(
    days: tuple[int, ...], worst: int | None
) -> None:
    """0, 30, 70, 80, 85: from 30 to 85 are four within 60 days. Day 60 lies outside of day 0's."""
    held = lived(*[("A", "x", 1, "fault", 30.0)] * len(days)).assign(began=began(*days))
    found = reliability.frequent(held, IEEE_1366, times=3, days=60)
    assert found.get("x") == worst


@pytest.mark.parametrize(("since", "worst"), [(0, 3), (59, 3), (60, None)])
def test_days_before_a_period_count_for_its_first_interruption(
    since: int, worst: int | None
) -> None:
    """Out on days 0, 10 and 59: the third makes it three whenever the period begins by day 59."""
    held = lived(*[("A", "x", 1, "fault", 30.0)] * 3).assign(began=began(0, 10, 59))
    found = reliability.frequent(held, IEEE_1366, times=3, days=60, since=began(since)[0])
    assert found.get("x") == worst


def test_a_cell_belongs_to_the_place_of_most_of_its_customers() -> None:
    """Cell 1: two of A and one of B; cell 2: one each, so the first; cell 3: nobody placed."""
    homes = pd.DataFrame(
        {"cell_id": [1, 1, 1, 2, 2, 3, None], "place": ["A", "A", "B", "B", "A", None, "A"]}
    )
    assert reliability.places_of_cells(homes).to_dict() == {1: "A", 2: "A"}


def test_momentary_interruptions_are_each_counted_and_not_as_one_event() -> None:
    """MAIFI and not MAIFI_E: three reclosings of 1,000 customers of 2,000 are 1.5, not 0.5."""
    blinks = lived(*[("A", None, 1000, "fault", 1.0)] * 3)
    found = reliability.indices(blinks, FEEDERS, IEEE_1366, period_min=YEAR_MIN)
    assert found.loc["A", "maifi"] == 1.5


def test_five_minutes_and_a_second_are_sustained() -> None:
    held = lived(("A", None, 2000, "fault", 5.0), ("A", None, 1000, "fault", 5.0 + 1 / 60))
    a = reliability.indices(held, FEEDERS, IEEE_1366, period_min=YEAR_MIN).loc["A"]
    assert (a["saifi"], a["maifi"]) == (0.5, 1.0)
    assert a["saidi"] == 1000 * (5.0 + 1 / 60) / 2000


def test_nobody_is_frequent_where_nobody_was_out() -> None:
    none = lived().assign(began=pd.Series(dtype="datetime64[us, UTC]"))
    assert reliability.frequent(none, IEEE_1366, times=3, days=60).empty
