"""Taking a load back, and getting its rejects."""

import csv
import io
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.database import Database
from app.use_cases import batches
from app.use_cases.actors import Actor, Scope
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import AccessDenied, UserError
from loaders.contract import ColumnMap
from tests.laws import examples

ACTOR = Actor("test:anna", "Anna", role="admin")
WGS84 = LoadChoice(datum="wgs84")


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "a.duckdb") as opened:
        yield opened


def customers(db, folder, rows):
    path = folder / "customers.csv"
    lines = [f"{number},{name},112.5,30.4" for number, name in rows]
    path.write_text("\n".join(["customer_no,name,lon,lat", *lines]) + "\n", encoding="utf-8")
    return load(db, ACTOR, "customers", [path], WGS84)


def held(db):
    rows = db.read().execute("SELECT customer_no, name FROM customers ORDER BY customer_no")
    return rows.fetchall()


def test_undo_puts_back_what_was_and_takes_away_what_came(db, tmp_path):
    customers(db, tmp_path, [("1", "Li"), ("2", "Wu")])
    second = customers(db, tmp_path, [("2", "Wu Di"), ("3", "He")])
    undone = batches.undo(db, ACTOR, second.batch_id)
    assert (undone.removed, undone.restored) == (2, 1)
    assert held(db) == [("1", "Li"), ("2", "Wu")]


def test_undo_is_refused_with_the_rows_that_a_later_load_changed(db, tmp_path):
    first = customers(db, tmp_path, [("1", "Li"), ("2", "Wu")])
    later = customers(db, tmp_path, [("2", "Wu Di")])
    with pytest.raises(UserError) as refused:
        batches.undo(db, ACTOR, first.batch_id)
    assert refused.value.code == "undo_touched_later"
    assert refused.value.values["rows"] == [
        {"table": "customers", "key": {"customer_no": "2"}, "batch": later.batch_id}
    ]
    assert held(db) == [("1", "Li"), ("2", "Wu Di")]
    batches.undo(db, ACTOR, later.batch_id)
    batches.undo(db, ACTOR, first.batch_id)
    assert held(db) == []


def test_a_batch_is_undone_once(db, tmp_path):
    first = customers(db, tmp_path, [("1", "Li")])
    batches.undo(db, ACTOR, first.batch_id)
    with pytest.raises(UserError, match="batch_undone_already"):
        batches.undo(db, ACTOR, first.batch_id)
    with pytest.raises(UserError, match="batch_unknown"):
        batches.undo(db, ACTOR, 99)


names = st.sampled_from(["Li", "Wu", "He"])
files = st.dictionaries(st.sampled_from("1234"), names, min_size=1, max_size=4)


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(files, min_size=1, max_size=4))
def test_undoing_every_load_backwards_gives_each_former_state(tmp_path_factory, loads):
    folder = tmp_path_factory.mktemp("undo")
    with Database(folder / "a.duckdb") as db:
        states, numbers = [held(db)], []
        for rows in loads:
            numbers.append(customers(db, folder, sorted(rows.items())).batch_id)
            states.append(held(db))
        for number in reversed(numbers):
            assert held(db) == states.pop()
            batches.undo(db, ACTOR, number)
        assert held(db) == states.pop() == []


def test_undoing_areas_gives_the_former_claims_back(db, tmp_path):
    path = tmp_path / "areas.csv"
    path.write_text("transformer_id,area_id\nT1,A1\nT2,A2\n")
    load(db, ACTOR, "areas", [path], LoadChoice())
    before = db.read().execute("SELECT * FROM plan_units ORDER BY ALL").to_arrow_table()
    path.write_text("transformer_id,area_id\nT1,A2\n")
    second = load(db, ACTOR, "areas", [path], LoadChoice())
    batches.undo(db, ACTOR, second.batch_id)
    after = db.read().execute("SELECT * FROM plan_units ORDER BY ALL").to_arrow_table()
    assert after.equals(before)


def test_rejects_come_back_as_a_file_to_mend_and_load_again(db, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("户号,户名,经度,纬度\n0001,李,112.5,30.4\n0002,吴,abc,30.4\n", encoding="utf-8")
    outcome = load(db, ACTOR, "customers", [path], WGS84)
    data = batches.rejects_file(db, ACTOR, outcome.batch_id).decode("utf-8-sig")
    stamped = pd.read_csv(io.StringIO(data)).iloc[0]
    assert (stamped["_exported_by"], stamped["_purpose"]) == (ACTOR.id, "data_check")
    assert stamped["_classification"] == "personal"
    assert datetime.fromisoformat(stamped["_exported_at"]).tzinfo is not None
    rows = list(csv.DictReader(io.StringIO(data)))
    assert [row["户号"] for row in rows] == ["0002"]
    assert rows[0]["经度"] == "abc"
    mended = tmp_path / "mended.csv"
    mended.write_text(data.replace("abc", "112.6"), encoding="utf-8")
    again = load(db, ACTOR, "customers", [mended], WGS84)
    assert (again.loaded, again.rejected) == (1, 0)
    assert held(db) == [("0001", "李"), ("0002", "吴")]


def _brought(db: Database, folder: Path, kind: str, text: str) -> int:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    choice = LoadChoice(datum="wgs84", mapping=ColumnMap(timezone="UTC"))
    return load(db, ACTOR, kind, [path], choice).batch_id


def test_each_sees_and_takes_back_loads_of_the_kinds_that_they_may_bring(
    db: Database, tmp_path: Path
) -> None:
    assert "kind" in batches.list_batches(db, ACTOR)  # of nothing too
    first = customers(db, tmp_path, [("1", "Li")])
    _brought(db, tmp_path, "halls", "hall_id,name,lon,lat\nH1,East,112.5,30.4\n")
    hours = _brought(db, tmp_path, "hall_hours", "hall_id,hour,wait_min\nH1,2026-07-16 10:00,12\n")
    manager, planner = Actor("m", "M", "manager"), Actor("p", "P", "planner")
    told = batches.list_batches(db, manager)
    assert told["kind"].tolist() == ["hall_hours"]
    assert batches.list_batches(db, planner).empty
    assert len(batches.list_batches(db, ACTOR)) == 3
    limited = Actor("n", "N", "manager", Scope("S1"))
    assert batches.list_batches(db, limited).empty
    for actor, batch in ((manager, first.batch_id), (planner, hours), (limited, hours)):
        for act in (batches.undo, batches.rejects_file):
            with pytest.raises(AccessDenied):
                act(db, actor, batch)
    assert batches.undo(db, manager, hours).removed == 1
    assert held(db) == [("1", "Li")]
