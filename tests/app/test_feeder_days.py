"""The balance of feeders straight from the store: heads, dedicated transformers, moved lines."""

import json
from datetime import UTC, datetime

import pandas as pd
import pytest

from app.cli import main
from app.store import feeder_days
from app.store.database import Database
from app.store.theft_readings import Span
from grid_cells.feeder_loss import feeder_losses
from tests.app.test_theft_store import FIRST, day, files, fill
from tests.grid_cells.theft_town import town

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LINES = pd.DataFrame(
    {"transformer_id": ["T1", "D1"], "kind": ["public", "dedicated"], "feeder_id": "F1"}
)
HUNG = pd.DataFrame(
    [
        ("M", None, "T1", "master", 2, None), ("A", "C1", "T1", "billing", 1, None),
        ("B", "C2", "T1", "billing", 1, None), ("X", "C3", "D1", "billing", 10, None),
    ],
    columns=["meter_id", "customer_no", "transformer_id", "role", "multiplier", "feeder_id"],
)  # fmt: skip
READ = {"M": 60.0, "A": 50.0, "B": 40.0, "X": 7.0}


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "feeders.duckdb") as opened:
        yield opened


def balance(db, tmp_path, hung=HUNG, **changed):
    rows = [
        (m, FIRST, kwh, 0.0, "measured") for m, kwh in (READ | changed).items() if kwh is not None
    ]
    names = ["meter_id", "day", "energy_kwh", "reverse_kwh", "source"]
    fill(db, tmp_path, transformers=LINES, meters=hung, readings=pd.DataFrame(rows, columns=names))
    sums = feeder_days.sums(db.read(), Span(FIRST, FIRST, NOW))
    return feeder_losses(sums, least_measured=0.98)


def test_dedicated_transformers_are_in_the_feeders_balance(db, tmp_path):
    row = balance(db, tmp_path).iloc[0]
    # 60 × 2 + 7 × 10 came in, 50 + 40 + 70 were used
    assert (row["feeder_id"], row["supply_kwh"], row["forward_kwh"]) == ("F1", 190, 160)
    assert (row["loss_kwh"], row["dedicated"], row["meters"]) == (30, 1, 3)
    assert row["loss_rate"] == pytest.approx(30 / 190)


def test_a_meter_at_the_head_tells_the_lines_own_loss(db, tmp_path):
    head = pd.DataFrame([("H", None, None, "master", 100, "F1")], columns=HUNG.columns)
    row = balance(db, tmp_path, pd.concat([HUNG, head]), H=2.0).iloc[0]
    assert (row["supply_kwh"], row["loss_kwh"]) == (200, 40)
    assert row["is_head_metered"]


@pytest.mark.parametrize("missing", ["M", "A", "X"])
def test_a_day_without_all_that_matters_is_unknown(db, tmp_path, missing):
    row = balance(db, tmp_path, **{missing: None}).iloc[0]
    assert not row["is_known"]
    assert pd.isna(row["loss_kwh"])


def test_a_transformer_counts_to_the_feeder_of_that_day(db, tmp_path):
    moved = pd.DataFrame(
        {
            "transformer_id": ["T1", "T1", "D1"], "kind": ["public", "public", "dedicated"],
            "feeder_id": ["F1", "F2", "F1"], "valid_from": [None, str(day(1)), None],
        }
    )  # fmt: skip
    rows = [(m, day(n), kwh, 0.0, "measured") for m, kwh in READ.items() for n in (0, 1)]
    names = ["meter_id", "day", "energy_kwh", "reverse_kwh", "source"]
    fill(db, tmp_path, transformers=moved, meters=HUNG, readings=pd.DataFrame(rows, columns=names))
    sums = feeder_days.sums(db.read(), Span(FIRST, day(1), NOW))
    supply = feeder_losses(sums, least_measured=0.98).set_index(["feeder_id", "day"])["supply_kwh"]
    assert supply.groupby("feeder_id").apply(list).to_dict() == {"F1": [190, 70], "F2": [120]}


def test_the_command_tells_feeders_and_writes_their_days(db, tmp_path, capsys):
    frames = files(town(4))
    path = db.path
    lines = frames["transformers"].assign(feeder_id="F9")
    fill(db, tmp_path, **frames | {"transformers": lines})
    db.close()
    out = tmp_path / "feeders.csv"
    words = [
        "theft",
        "balance",
        "--db",
        str(path),
        "--level",
        "feeder",
        "--json",
        "--out",
        str(out),
    ]
    assert main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [one["feeder_id"] for one in answer["feeders"]] == ["F9"]
    days = pd.read_csv(out)
    with Database(path) as held:
        taken = held.query("SELECT detail FROM audit_log WHERE event = 'scores_exported'")["detail"]
    assert [json.loads(one)["layer"] for one in taken] == ["feeder_days"]
    assert set(days.loc[~days["is_known"], "loss_kwh"].isna()) <= {True}
    known = days[days["is_known"]]
    assert len(known) == answer["days_known"]
    assert known["loss_kwh"].sum() == pytest.approx(
        answer["feeders"][0]["loss_kwh_day"] * answer["days_known"], rel=1e-6
    )
