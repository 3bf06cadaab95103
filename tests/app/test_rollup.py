import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app.cli import main
from app.store.lake.duckdb_engine import DuckEngine, Room
from app.store.lake.folders import Facts
from app.use_cases.rollup import Made, Wish, rollup
from grid_cells.errors import UserError
from tests.lake_town import (
    CUSTOMERS,
    DAYS,
    EAST_CELL,
    METERS,
    READINGS,
    WEST_CELL,
    facts,
    readings,
    write,
    write_lake,
)


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    return Wish(write_lake(tmp_path / "lake"), tmp_path / "facts")


def row(wish: Wish, name: str, day: date, key: Any) -> dict[str, Any]:
    found = facts(wish.facts, name)
    key_column = name.replace("_day", "_id")
    at = found[key_column].isna() if key is None else found[key_column] == key
    (one,) = found[at & (found["day"] == str(day))].to_dict("records")
    return {k: None if isinstance(v, float) and pd.isna(v) else v for k, v in one.items()}


def test_the_balance_of_a_transformer_is_worked_out_by_the_links_of_the_day(wish: Wish) -> None:
    made = rollup(wish)
    assert (made.rows_in, made.cells, made.days, made.days_standing) == (14, 2, 3, 0)
    first = row(wish, "transformer_day", DAYS[0], "T1")
    # 0.6 × 40 from the master and 0.5 × 10 fed in; 5 + 2 × 10 drawn
    assert (first["master_kwh"], first["feed_in_kwh"], first["energy_kwh"]) == (24.0, 5.0, 25.0)
    assert (first["loss_kwh"], first["supplied_kwh"], first["loss_rate"]) == (4.0, 29.0, 4 / 29)
    assert (first["meters"], first["meters_read"], first["days_known"]) == (2, 2, 1)
    second = row(wish, "transformer_day", DAYS[1], "T1")
    assert (second["meters"], second["loss_kwh"], second["loss_rate"]) == (3, 4.0, 4 / 32)


def test_a_loss_is_unknown_without_meters_or_with_too_few_measured(wish: Wish) -> None:
    rollup(wish)
    moved_away = row(wish, "transformer_day", DAYS[1], "T2")
    assert (moved_away["meters"], moved_away["loss_kwh"], moved_away["days_known"]) == (0, None, 0)
    estimated = row(wish, "transformer_day", DAYS[2], "T1")
    assert (estimated["meters"], estimated["meters_read"], estimated["energy_kwh"]) == (3, 2, 23.0)
    assert (estimated["loss_kwh"], estimated["loss_rate"], estimated["days_known"]) == (
        None,
        None,
        0,
    )


def test_a_cell_tells_its_customers_their_energy_and_the_loss_of_what_stands_there(
    wish: Wish,
) -> None:
    rollup(wish)
    west = row(wish, "cell_day", DAYS[0], WEST_CELL)
    assert (west["customers"], west["meters"], west["meters_read"], west["energy_kwh"]) == (
        2,
        2,
        2,
        25.0,
    )
    assert (west["loss_kwh"], west["supplied_kwh"], west["transformers"], west["days_known"]) == (
        4.0,
        29.0,
        1,
        1,
    )
    # customer 03 is connected on the second day only; a meter counts where its customer lives
    assert row(wish, "cell_day", DAYS[0], EAST_CELL)["customers"] == 0
    east = row(wish, "cell_day", DAYS[1], EAST_CELL)
    assert (east["customers"], east["energy_kwh"], east["feed_in_kwh"], east["loss_kwh"]) == (
        1,
        3.0,
        None,
        None,
    )
    nowhere = row(wish, "cell_day", DAYS[1], None)
    assert (nowhere["customers"], nowhere["meters"], nowhere["energy_kwh"]) == (1, 0, None)


def test_days_of_installation_before_the_lake_tell_no_meters_apart(
    wish: Wish, tmp_path: Path
) -> None:
    rollup(wish)
    plain = pd.read_parquet(wish.facts / "_work/duckdb/slices")
    since = [
        {**meter, "valid_from": meter["valid_from"] or date(2020, 1, 1 + number)}
        for number, meter in enumerate(METERS)
    ]
    gone = {**METERS[1], "valid_from": date(2012, 1, 1), "transformer_id": "T2", "multiplier": 9.0}
    write(wish.lake / "meters/part-0.parquet", [gone, *since])
    dated = replace(wish, facts=tmp_path / "dated")
    rollup(dated)
    assert len(pd.read_parquet(dated.facts / "_work/duckdb/slices")) == len(plain)
    for name in ("cell_day", "area_day", "transformer_day"):
        pd.testing.assert_frame_equal(facts(wish.facts, name), facts(dated.facts, name))


def test_estimates_count_in_the_energy_of_a_cell(wish: Wish) -> None:
    rollup(wish)
    west = row(wish, "cell_day", DAYS[2], WEST_CELL)
    assert (west["meters_read"], west["energy_kwh"]) == (2, 27.0)


def test_areas_follow_the_transformer_and_what_is_in_none_keeps_its_row(wish: Wish) -> None:
    rollup(wish)
    assert row(wish, "area_day", DAYS[1], "A")["energy_kwh"] == 25.0
    assert row(wish, "area_day", DAYS[1], "B")["energy_kwh"] == 3.0
    assert row(wish, "area_day", DAYS[1], None)["customers"] == 1


def test_an_area_of_the_customer_s_own_comes_before_the_transformer_and_two_claims_leave_none(
    wish: Wish,
) -> None:
    rows = [
        {"area_id": "A", "transformer_id": "T1", "cell_id": None, "customer_no": None},
        {"area_id": "C", "transformer_id": "T1", "cell_id": None, "customer_no": None},
        {"area_id": "B", "transformer_id": None, "cell_id": f"{EAST_CELL:x}", "customer_no": None},
        {"area_id": "D", "transformer_id": None, "cell_id": None, "customer_no": "02"},
    ]
    write(wish.lake / "areas/part-0.parquet", rows)
    rollup(wish)
    found = facts(wish.facts, "area_day")
    first = found[found["day"] == str(DAYS[0])].set_index("area_id")["energy_kwh"]
    assert first["D"] == 20.0
    assert first["B"] == 3.0
    assert first[first.index.isna()].tolist() == [
        5.0
    ]  # customer 01, whose transformer two areas claim


def test_all_facts_hold_the_same_sums(wish: Wish) -> None:
    rollup(wish)
    cells, areas, transformers = (
        facts(wish.facts, n) for n in ("cell_day", "area_day", "transformer_day")
    )
    for name in (
        "customers",
        "meters",
        "meters_read",
        "energy_kwh",
        "feed_in_kwh",
        "loss_kwh",
        "supplied_kwh",
    ):
        assert cells[name].sum() == areas[name].sum(), name
    for name in ("loss_kwh", "supplied_kwh", "days_known"):
        assert cells[name].sum() == transformers[name].sum(), name


def test_interruptions_and_visits_count_where_people_are_and_where_halls_stand(wish: Wish) -> None:
    day = wish.lake / f"interruptions/day={DAYS[0]}/part-0.parquet"
    write(day, [
        {"customer_no": "01", "seconds": 1800, "is_first_day": True},
        {"customer_no": "02", "seconds": 900, "is_first_day": False},
        {"customer_no": "gone", "seconds": 60, "is_first_day": True},
    ])  # fmt: skip
    write(wish.lake / "halls/part-0.parquet", [{"hall_id": "H", "lon": 112.60, "lat": 30.40}])
    write(wish.lake / f"visits/day={DAYS[0]}/part-0.parquet", [{"hall_id": "H"}, {"hall_id": "H"}])
    rollup(wish)
    west = row(wish, "cell_day", DAYS[0], WEST_CELL)
    assert (west["interruptions"], west["interrupted_h"], west["visits"]) == (1, 0.75, 0)
    assert row(wish, "cell_day", DAYS[0], EAST_CELL)["visits"] == 2
    assert row(wish, "cell_day", DAYS[0], None)["interruptions"] == 1


def test_a_second_run_has_nothing_to_do(wish: Wish) -> None:
    rollup(wish)
    again = rollup(wish)
    assert (again.rows_in, again.days, again.days_standing, again.cells) == (0, 0, 3, 2)


def test_a_late_reading_changes_its_day_alone_and_the_newest_of_a_meter_counts(wish: Wish) -> None:
    rollup(wish)
    stands = (wish.facts / f"cell_day/day={DAYS[0]}/part-0.parquet").stat().st_mtime_ns
    late = [
        {**one, "received_at": datetime(2026, 1, 9, tzinfo=UTC)}
        for one in readings(DAYS[1], [("m1", 6.0, None)])
    ]
    write(wish.lake / f"readings/day={DAYS[1]}/late.parquet", late)
    made = rollup(wish)
    assert (made.days, made.days_standing) == (1, 2)
    second = row(wish, "transformer_day", DAYS[1], "T1")
    assert (second["meters_read"], second["energy_kwh"], second["loss_kwh"]) == (3, 29.0, 3.0)
    assert (wish.facts / f"cell_day/day={DAYS[0]}/part-0.parquet").stat().st_mtime_ns == stands


class _Dies(DuckEngine):
    """Loses its machine when the balances of the second lot are to be kept."""

    kept = 0

    def keep_daily(self, name: str, text: str) -> None:
        if name == "balances":
            type(self).kept += 1
            if type(self).kept == 2:
                raise KeyboardInterrupt
        super().keep_daily(name, text)


def test_a_run_that_died_is_gone_on_with_and_ends_like_one_that_did_not(
    wish: Wish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(wish, most_rows=5)
    with monkeypatch.context() as patched:
        patched.setattr("app.use_cases.rollup.DuckEngine", _Dies)
        with pytest.raises(KeyboardInterrupt):
            rollup(small)
    assert sorted(Facts(wish.facts).note()["days"]) == [str(DAYS[0])]
    made = rollup(small)
    assert (made.days, made.days_standing) == (2, 1)
    whole = replace(wish, facts=tmp_path / "whole")
    rollup(whole)
    for name in ("cell_day", "area_day", "transformer_day"):
        pd.testing.assert_frame_equal(facts(wish.facts, name), facts(whole.facts, name))


def test_days_made_with_earlier_links_are_told_and_made_anew_on_demand(wish: Wish) -> None:
    rollup(wish)
    write(wish.lake / "customers/part-0.parquet", [{**one, "lon": 112.60} for one in CUSTOMERS[:3]])
    made = rollup(wish)
    assert (made.days, made.days_of_earlier_links) == (0, 3)
    again = rollup(replace(wish, again=True))
    assert (again.days, again.days_of_earlier_links) == (3, 0)
    assert row(wish, "cell_day", DAYS[1], EAST_CELL)["customers"] == 3


def test_facts_made_at_another_resolution_are_not_mixed(wish: Wish) -> None:
    rollup(wish)
    with pytest.raises(UserError) as caught:
        rollup(replace(wish, resolution=8))
    assert caught.value.code == "facts_made_otherwise"
    assert rollup(replace(wish, resolution=8, again=True)).days == 3


def test_two_runs_do_not_write_to_one_folder(wish: Wish) -> None:
    with Facts(wish.facts).alone(), pytest.raises(UserError) as caught:
        rollup(wish)
    assert caught.value.code == "facts_busy"


def _spoil(lake: Path, name: str, rows: Sequence[dict[str, Any]]) -> None:
    write(lake / name / "part-0.parquet", rows)


def test_whoever_stands_twice_is_refused_before_anything_is_written(wish: Wish) -> None:
    _spoil(wish.lake, "customers", [*CUSTOMERS, CUSTOMERS[1]])
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert (caught.value.code, caught.value.values) == ("lake_customer_twice", {"value": "02"})
    assert not (wish.facts / "cell_day").exists()


def test_two_links_of_a_meter_from_one_day_on_are_refused(wish: Wish) -> None:
    _spoil(wish.lake, "meters", [*METERS, {**METERS[1], "transformer_id": "T2"}])
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert (caught.value.code, caught.value.values) == ("lake_meter_twice", {"value": "m2"})


def test_a_meter_read_twice_in_one_file_is_refused(wish: Wish) -> None:
    twice = readings(DAYS[0], [*READINGS[DAYS[0]], ("m1", 9.0, None)])
    write(wish.lake / f"readings/day={DAYS[0]}/part-0.parquet", twice)
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert (caught.value.code, caught.value.values) == (
        "lake_read_twice", {"day": str(DAYS[0]), "meter": "m1"},
    )  # fmt: skip


def test_rubbish_among_readings_is_unknown_not_a_sum(wish: Wish) -> None:
    rubbish = readings(DAYS[0], [*READINGS[DAYS[0]][1:], ("m1", float("inf"), None)])
    write(wish.lake / f"readings/day={DAYS[0]}/part-0.parquet", rubbish)
    rollup(wish)
    west = row(wish, "cell_day", DAYS[0], WEST_CELL)
    assert (west["meters"], west["meters_read"], west["energy_kwh"]) == (2, 1, 20.0)
    assert row(wish, "transformer_day", DAYS[0], "T1")["days_known"] == 0


@pytest.mark.parametrize("name", ["customers", "meters", "areas", "readings"])
def test_a_lake_without_a_folder_says_which(wish: Wish, name: str) -> None:
    shutil.rmtree(wish.lake / name)
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert caught.value.code == "lake_folder_missing"
    assert name in str(caught.value.values["folder"])


def test_a_file_that_is_no_parquet_is_named(wish: Wish) -> None:
    broken = wish.lake / f"readings/day={DAYS[0]}/part-1.parquet"
    broken.write_bytes(b"not at all")
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert (caught.value.code, caught.value.values["file"]) == ("lake_file_unreadable", str(broken))


def test_theft_features_tell_levels_falls_and_peers(wish: Wish) -> None:
    rollup(replace(wish, feature_days=3))
    found = pd.read_parquet(wish.facts / "theft_features/part-0.parquet").set_index("customer_no")
    assert found.loc[
        "02", ["days_measured", "mean_kwh_day", "spread_kwh_day", "feed_in_kwh"]
    ].tolist() == [3, 20.0, 0.0, 5.0]
    assert found.loc["01", ["days_measured", "mean_kwh_day", "peers"]].tolist() == [
        2,
        5.0,
        1,
    ]  # an estimate is no measure
    assert (found.loc["01", "beside_peers"], found.loc["02", "beside_peers"]) == (0.25, 4.0)


def test_the_command_prints_what_it_did(wish: Wish, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["rollup", "--input", str(wish.lake), "--output", str(wish.facts), "--json"])
    assert code == 0
    told = json.loads(capsys.readouterr().out)
    assert {k: told[k] for k in ("rows_in", "cells", "days")} == {
        "rows_in": 14,
        "cells": 2,
        "days": 3,
    }


def test_the_command_says_in_a_line_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["rollup", "--input", str(tmp_path / "none"), "--output", str(tmp_path / "facts")])
    assert code == 1
    assert "is no folder" in capsys.readouterr().err


def test_days_can_be_chosen(wish: Wish) -> None:
    made: Made = rollup(replace(wish, first=DAYS[1], last=DAYS[1]))
    assert (made.days, made.rows_in) == (1, 5)
    assert sorted(path.name for path in (wish.facts / "cell_day").iterdir()) == [f"day={DAYS[1]}"]


def test_too_little_memory_is_told_in_a_line_and_what_stands_stands(wish: Wish) -> None:
    rollup(replace(wish, first=DAYS[0], last=DAYS[0]))
    with pytest.raises(UserError) as caught:
        rollup(replace(wish, room=Room("1MB", 1)))
    assert caught.value.code == "rollup_out_of_memory"
    assert sorted(Facts(wish.facts).note()["days"]) == [str(DAYS[0])]


def test_pages_of_a_file_that_are_damaged_are_told_not_summed(wish: Wish) -> None:
    path = wish.lake / f"readings/day={DAYS[1]}/part-0.parquet"
    held = bytearray(path.read_bytes())
    held[4:200] = b"\xff" * 196
    path.write_bytes(held)
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert caught.value.code == "rollup_failed"


def test_a_double_hides_behind_no_missing_reading(wish: Wish) -> None:
    told = [one for one in READINGS[DAYS[0]] if one[0] != "m2"]
    write(
        wish.lake / f"readings/day={DAYS[0]}/part-0.parquet",
        readings(DAYS[0], [*told, ("m1", 9.0, None)]),
    )
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert (caught.value.code, caught.value.values["meter"]) == ("lake_read_twice", "m1")


def test_a_double_of_one_day_is_refused_beside_a_day_of_two_files(wish: Wish) -> None:
    late = [{**one, "received_at": None} for one in readings(DAYS[1], [("m1", 6.0, None)])]
    write(wish.lake / f"readings/day={DAYS[1]}/late.parquet", late)
    twice = readings(DAYS[0], [*READINGS[DAYS[0]], ("m1", 9.0, None)])
    write(wish.lake / f"readings/day={DAYS[0]}/part-0.parquet", twice)
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert caught.value.code == "lake_read_twice"


def test_without_a_moment_the_file_written_last_counts(wish: Wish) -> None:
    for name, kwh in (("part-0", 90.0), ("a-late", 9.0)):
        told = (
            [*READINGS[DAYS[1]][1:], ("m1", kwh, None)] if name == "part-0" else [("m1", kwh, None)]
        )
        rows = [{**one, "received_at": None} for one in readings(DAYS[1], told)]
        write(wish.lake / f"readings/day={DAYS[1]}/{name}.parquet", rows)
    rollup(wish)
    assert row(wish, "transformer_day", DAYS[1], "T1")["energy_kwh"] == 32.0


def test_a_folder_above_the_lake_says_nothing_of_its_days(tmp_path: Path) -> None:
    wish = Wish(write_lake(tmp_path / "day=2030-01-01/source=estimated/lake"), tmp_path / "facts")
    rollup(wish)
    assert row(wish, "transformer_day", DAYS[0], "T1")["loss_kwh"] == 4.0


@pytest.mark.parametrize("name", ["day=20260101", "day=2026-W01-1", "day=2026-02-30"])
def test_days_are_named_in_one_way_only(wish: Wish, name: str) -> None:
    write(wish.lake / f"readings/{name}/part-0.parquet", readings(DAYS[0], READINGS[DAYS[0]]))
    with pytest.raises(UserError) as caught:
        rollup(wish)
    assert caught.value.code == "lake_day_unreadable"


def test_a_negative_reading_is_rubbish_too(wish: Wish) -> None:
    told = readings(DAYS[0], [*READINGS[DAYS[0]][1:], ("m1", -5.0, None)])
    write(wish.lake / f"readings/day={DAYS[0]}/part-0.parquet", told)
    rollup(wish)
    assert row(wish, "cell_day", DAYS[0], WEST_CELL)["energy_kwh"] == 20.0


def test_a_link_ends_where_the_meter_s_next_one_begins(wish: Wish) -> None:
    long = [{**one, "valid_to": date(2027, 1, 1)} for one in METERS]
    write(wish.lake / "meters/part-0.parquet", long)
    rollup(wish)
    assert row(wish, "transformer_day", DAYS[1], "T2")["meters"] == 0
    assert row(wish, "cell_day", DAYS[1], EAST_CELL)["energy_kwh"] == 3.0


def test_what_a_lake_cannot_tell_is_unknown_and_not_nothing(wish: Wish) -> None:
    rollup(wish)
    west = row(wish, "cell_day", DAYS[0], WEST_CELL)
    assert (west["interruptions"], west["interrupted_h"], west["visits"]) == (None, None, None)
    assert west["meters_balanced"] == 2
    assert row(wish, "cell_day", DAYS[2], WEST_CELL)["meters_balanced"] is None


def test_areas_of_cells_of_another_size_are_refused(wish: Wish) -> None:
    write(wish.lake / "areas/part-0.parquet", [{"area": "A", "cell": WEST_CELL}])
    with pytest.raises(UserError) as caught:
        rollup(replace(wish, resolution=8))
    assert (caught.value.code, caught.value.values) == (
        "lake_areas_size",
        {"found": 9, "wanted": 8},
    )


def test_days_are_not_noted_while_they_are_put_in_place(
    wish: Wish, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollup(wish)

    def dies(*_: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(Facts, "_put_day", staticmethod(dies))
        with pytest.raises(OSError, match="no space"):
            rollup(replace(wish, again=True))
    assert Facts(wish.facts).note()["days"] == {}
    assert rollup(wish).days == 3


def test_days_of_another_resolution_do_not_stay_among_the_new_ones(wish: Wish) -> None:
    rollup(wish)
    shutil.rmtree(wish.lake / f"readings/day={DAYS[0]}")
    rollup(replace(wish, resolution=8, again=True))
    assert sorted(path.name for path in (wish.facts / "cell_day").iterdir()) == [
        f"day={day}" for day in DAYS[1:]
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--memory", "lots"], "memory_limit"),
        (["--settings", "none.conf", "--engine", "spark"], "none.conf"),
    ],
)
def test_words_that_cannot_be_are_told_in_a_line(
    wish: Wish, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code = main(["rollup", "--input", str(wish.lake), "--output", str(wish.facts), *words])
    told = capsys.readouterr().err
    assert code == 1
    assert said in told
    assert "Traceback" not in told


def test_facts_that_cannot_be_written_are_told_in_a_line(
    wish: Wish, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    code = main(["rollup", "--input", str(wish.lake), "--output", str(tmp_path / "file")])
    assert code == 1
    assert "cannot be written" in capsys.readouterr().err


def test_what_a_dead_run_staged_is_not_put_in_place(wish: Wish) -> None:
    left = wish.facts / f"_work/duckdb/staged/cell_day/day={DAYS[0]}/data_9.parquet"
    write(left, [{"cell_id": WEST_CELL, "customers": 99}])
    rollup(wish)
    assert row(wish, "cell_day", DAYS[0], WEST_CELL)["customers"] == 2
