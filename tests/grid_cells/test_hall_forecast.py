from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grid_cells.errors import UserError
from grid_cells.hall_forecast import (
    JUDGED,
    LEAST,
    ForecastFigures,
    forecast,
    judge,
    last_week,
    table_of,
    usual,
)
from grid_cells.hall_forecast_features import (
    NO_FACTS,
    DayFacts,
    features,
    halving,
    known_quantile,
)
from grid_cells.hall_hours import HallHours, lay_out, rows_of

MONDAY = date(2026, 3, 2)
NAN = float("nan")


def grid(values: object, hours: tuple[int, ...] = (9, 10), first: date = MONDAY) -> HallHours:
    found = np.asarray(values, dtype=np.float64)
    return HallHours(first, hours, tuple(f"H{k}" for k in range(found.shape[2])), found)


def weeks(count: int, seed: int = 0) -> HallHours:
    """Open Monday to Friday; twice as full on Mondays, hall H1 three times as full as H0."""
    drawn = np.random.default_rng(seed)
    day = np.arange(7 * count)
    level = np.where(day % 7 == 0, 20.0, 10.0)[:, None, None] * np.array([1.0, 3.0])
    values = drawn.poisson(np.repeat(level, 3, axis=1)).astype(np.float64)
    values[day % 7 >= 5] = NAN
    return grid(values, (9, 10, 11))


def test_rows_are_laid_out_and_come_back() -> None:
    rows = pd.DataFrame(
        {
            "hall_id": ["B", "A", "A"],
            "hour": pd.to_datetime(["2026-03-02 09:00", "2026-03-02 10:00", "2026-03-04 09:00"]),
            "value": [1.0, 2.0, 3.0],
        }
    )
    laid = lay_out(rows)
    assert (laid.first, laid.end, laid.hours, laid.halls) == (
        MONDAY, date(2026, 3, 5), (9, 10), ("A", "B")
    )  # fmt: skip
    assert laid.grid[0, 1, 0] == 2.0
    assert laid.grid[2, 0, 0] == 3.0
    assert np.isnan(laid.grid).sum() == 12 - 3
    back = rows_of(laid).sort_values(["hall_id", "hour"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        back, rows.sort_values(["hall_id", "hour"]).reset_index(drop=True), check_dtype=False
    )


def test_no_rows_are_no_days() -> None:
    rows = pd.DataFrame({"hall_id": [], "hour": pd.to_datetime([]), "value": []})
    assert lay_out(rows, ["A"]).days == []


def test_weekdays_begin_with_monday() -> None:
    assert list(grid(np.zeros((8, 1, 1))).weekdays) == [0, 1, 2, 3, 4, 5, 6, 0]


def test_half_the_weight_after_so_many_days() -> None:
    # ages 2, 1, 0 at a half-life of 1: weights 1/4, 1/2, 1; (4/4 + 8·1) / (1/4 + 1)
    assert halving(np.array([4.0, NAN, 8.0]), 1.0) == pytest.approx(9.0 / 1.25)
    assert halving(np.array([4.0, 2.0, 8.0]), 1.0, np.array([True, True, False])) == pytest.approx(
        (1.0 + 1.0) / 0.75
    )
    assert np.isnan(halving(np.array([NAN, NAN]), 1.0))


@given(
    arrays(np.float64, (6, 2), elements=st.one_of(st.just(NAN), st.floats(-100, 100))),
    st.floats(0, 1),
)
def test_quantiles_are_those_of_numpy(values: np.ndarray, share: float) -> None:
    some = np.vstack([values, [[1.0, 2.0]]])
    expected = np.nanquantile(some, share, axis=0)
    np.testing.assert_allclose(known_quantile(some, share), expected, atol=1e-9)
    assert np.isnan(known_quantile(np.full((3, 1), NAN), share)).all()


def test_the_last_week_and_the_usual_by_hand() -> None:
    values = np.full((15, 1, 1), NAN)
    values[[0, 7, 14], 0, 0] = [4.0, 6.0, NAN]
    values[[1, 8], 0, 0] = [1.0, NAN]
    past = grid(values, (9,))
    # 17 March is a Tuesday, 23 March a Monday
    assert last_week(past, 7)[[0, 6], 0, 0].tolist() == [1.0, 6.0]
    assert usual(past, 7)[[0, 6], 0, 0].tolist() == [1.0, 5.0]
    assert np.isnan(usual(past, 7)[1:6]).all()


def test_features_know_nothing_from_the_origin_on() -> None:
    whole, origin = weeks(8), MONDAY + timedelta(days=35)
    other = HallHours(whole.first, whole.hours, whole.halls, whole.grid.copy())
    other.grid[35:] = 999.0
    facts = DayFacts(free=frozenset({origin}), billing_days=(5,), weather={origin: 30.0})
    ours, theirs = (features(x, origin, range(7), facts) for x in (whole, other))
    assert ours.shape[0] == 7 * 3 * 2
    np.testing.assert_array_equal(ours, theirs)


def test_the_calendar_reaches_ahead() -> None:
    whole, origin = weeks(8), MONDAY + timedelta(days=35)
    plain = features(whole, origin, [0], NO_FACTS)
    bills = features(whole, origin, [0], DayFacts(billing_days=(origin.day - 2,)))
    changed = np.flatnonzero(~((plain == bills) | (np.isnan(plain) & np.isnan(bills))).all(axis=0))
    assert len(changed) == 1
    assert set(bills[:, changed[0]]) == {2.0}


def test_a_busy_monday_is_expected_busy_and_a_closed_sunday_not_at_all() -> None:
    made = forecast(weeks(16), NO_FACTS)
    expected = made.expected.grid
    assert made.expected.first == MONDAY + timedelta(days=112)
    assert expected.shape == (14, 3, 2)
    assert np.isnan(expected[[5, 6, 12, 13]]).all()
    assert expected[0, :, 0].mean() == pytest.approx(20, abs=3)
    assert expected[1, :, 0].mean() == pytest.approx(10, abs=2)
    assert expected[0, :, 1].mean() == pytest.approx(60, abs=6)
    known = np.isfinite(expected)
    assert (made.low[known] <= made.high[known]).all()
    assert (made.low[known] >= 0).all()
    assert made.figures.covered == pytest.approx(0.8, abs=0.12)


def test_the_same_past_gives_the_same_forecast() -> None:
    first, again = (table_of(forecast(weeks(8), NO_FACTS, seed=3)) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert list(first.columns) == ["hall_id", "hour", "expected", "low", "high"]
    assert len(first) == 10 * 3 * 2


def test_a_day_off_by_law_is_closed_where_such_days_were() -> None:
    past = weeks(10)
    off = MONDAY + timedelta(days=23)
    past.grid[23] = NAN
    ahead = past.end + timedelta(days=2)
    made = forecast(past, DayFacts(free=frozenset({off, ahead})))
    assert np.isnan(made.expected.grid[2]).all()
    assert np.isfinite(made.expected.grid[1]).all()


def test_the_judging_model_has_not_seen_what_it_is_judged_on() -> None:
    """What lies in the judged days changes no guess of the first origin."""
    whole = weeks(12)
    turned = HallHours(whole.first, whole.hours, whole.halls, whole.grid.copy())
    turned.grid[-JUDGED:] += 100.0
    plain = judge(whole, NO_FACTS, step=JUDGED).figures
    moved = judge(turned, NO_FACTS, step=JUDGED).figures
    assert plain.hours == moved.hours == 20 * 3 * 2
    # every guess is a hundred too low now, ours as the peers'
    assert moved.ours == pytest.approx(100.0, abs=1.5)
    assert moved.usual == pytest.approx(100.0, abs=1.5)


def test_gain_is_against_the_better_of_the_two() -> None:
    assert ForecastFigures(10, 8.0, 12.0, 10.0, 0.8).gain == pytest.approx(0.2)
    assert ForecastFigures(10, 8.0, 9.0, 10.0, 0.8).gain == pytest.approx(1 / 9)


def test_a_past_too_short_says_how_long_it_must_be() -> None:
    with pytest.raises(UserError) as said:
        forecast(weeks(5), NO_FACTS)
    assert said.value.code == "forecast_too_short"
    assert said.value.values == {"days": 33, "least": LEAST}  # the fifth Friday is the last


@pytest.mark.parametrize(
    ("kept", "days"),
    [
        (range(40), 40),  # two days short of six weeks, then nothing for four weeks
        ([*range(5), 63], 6),  # long ago and lately, hardly anything between
        ([0, *range(42, 70)], 1),  # only days that judge: nothing to learn from
    ],
)
def test_days_of_which_nothing_is_known_are_no_past(kept: object, days: int) -> None:
    full = weeks(10)
    values = np.full_like(full.grid, NAN)
    values[list(kept)] = full.grid[list(kept)]  # type: ignore[call-overload]
    with pytest.raises(UserError) as said:
        forecast(grid(values, (9, 10, 11)), NO_FACTS)
    assert (said.value.code, said.value.values) == (
        "forecast_too_short", {"days": days, "least": LEAST},
    )  # fmt: skip
