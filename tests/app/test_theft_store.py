"""Balances and scores straight from the store: by hand, by the links of each day, kept as runs."""

import json
from datetime import date, timedelta

import pandas as pd
import pytest

from app.cli import main
from app.store import theft_readings
from app.store.database import Database
from app.store.theft_readings import Span
from app.use_cases import theft_balance, theft_runs, theft_scores
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import UserError
from tests.grid_cells.theft_town import HOMES, hide, town

ADMIN = Actor("test:anna", "Anna", role="admin")
FIRST = date(2026, 4, 1)


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "theft.duckdb") as opened:
        yield opened


def fill(db, tmp_path, **frames):
    for kind, frame in frames.items():
        path = tmp_path / f"{kind}.csv"
        frame.to_csv(path, index=False)
        load(db, ADMIN, kind, [path], LoadChoice(datum="wgs84" if "lon" in frame else None))


def day(number):
    return FIRST + timedelta(days=number)


def meters(*rows):
    names = ["meter_id", "customer_no", "transformer_id", "role", "multiplier", "valid_from"]
    return pd.DataFrame(rows, columns=names)


def readings(*rows):
    names = ["meter_id", "day", "energy_kwh", "reverse_kwh", "source"]
    return pd.DataFrame(rows, columns=names)


def balances(db, days):
    span = Span(FIRST, day(days - 1), pd.Timestamp("2026-11-01", tz="UTC").to_pydatetime())
    db.write(lambda c: theft_readings.rebuild_loss_days(c, span, 0.98, "1"))
    return db.query("SELECT * FROM loss_days ORDER BY transformer_id, day")


def small(**changed):
    """A transformer with a master × 2 and two customers, one of whom feeds in, on one day."""
    rows = {"M": (60, 1, "measured"), "A": (50, 0, "measured"), "B": (40, 10, "late")} | changed
    return [(name, FIRST, *row) for name, row in rows.items() if row is not None]


HUNG = meters(
    ("M", None, "T1", "master", 2, None), ("A", "C1", "T1", "billing", 1, None),
    ("B", "C2", "T1", "billing", 1, None),
)  # fmt: skip
PLACE = pd.DataFrame({"transformer_id": ["T1", "T2"], "kind": "public", "lon": 121.5, "lat": 29.9})


def test_a_loss_counts_multipliers_feed_in_and_what_flows_back(db, tmp_path):
    fill(db, tmp_path, transformers=PLACE, meters=HUNG, readings=readings(*small()))
    row = balances(db, 1).iloc[0]
    # (60 × 2 + 10) − (50 + 40 + 1 × 2) = 38 of 130
    assert (row["loss_kwh"], row["measured"], row["meters"]) == (38, 1.0, 2)
    assert row["loss_rate"] == pytest.approx(38 / 130)


@pytest.mark.parametrize(
    "changed", [{"A": None}, {"M": None}, {"B": (40, 10, "estimated")}, {"M": (60, 1, "estimated")}]
)
def test_what_was_not_measured_is_unknown_not_lost(db, tmp_path, changed):
    fill(db, tmp_path, transformers=PLACE, meters=HUNG, readings=readings(*small(**changed)))
    row = balances(db, 1).iloc[0]
    assert not row["is_known"]
    assert pd.isna(row["loss_kwh"])
    assert pd.isna(row["loss_rate"])


def two(moved):
    """Two transformers for four days; C1 hangs on the second from the third day if moved."""
    rows = [
        ("M1", None, "T1", "master", 1, None), ("M2", None, "T2", "master", 1, None),
        ("A", "C1", "T1", "billing", 1, None), ("B", "C2", "T1", "billing", 1, None),
        ("C", "C3", "T2", "billing", 1, None),
    ]  # fmt: skip
    if moved:
        rows.append(("A", "C1", "T2", "billing", 1, day(2)))
    read = [
        (name, day(d), kwh, 0, "measured")
        for d in range(4)
        for name, kwh in (("M1", 30), ("M2", 15), ("A", 9), ("B", 20), ("C", 14))
    ]
    return meters(*rows), readings(*read)


@pytest.mark.parametrize("moved", [False, True])
def test_a_moved_link_moves_a_loss_and_leaves_the_sum(db, tmp_path, moved):
    hung, read = two(moved)
    fill(db, tmp_path, transformers=PLACE, meters=hung, readings=read)
    table = balances(db, 4).pivot_table(index="day", columns="transformer_id", values="loss_kwh")
    assert table.sum(axis=1).tolist() == [2, 2, 2, 2]
    assert table["T1"].tolist() == ([1, 1, 10, 10] if moved else [1, 1, 1, 1])


def files(panel):
    """The panel as the files that are loaded."""
    names = [f"T{b:02d}" for b in range(panel.transformers)]
    numbers = [f"{i:06d}" for i in range(len(panel.of))]
    hung = pd.DataFrame(
        {"meter_id": [f"B{n}" for n in numbers], "customer_no": numbers,
         "transformer_id": [names[b] for b in panel.of], "role": "billing", "multiplier": 1}
    )  # fmt: skip
    masters = pd.DataFrame(
        {"meter_id": [f"M{n}" for n in names], "customer_no": None, "transformer_id": names,
         "role": "master", "multiplier": 1}
    )  # fmt: skip
    ids = [*hung["meter_id"], *masters["meter_id"]]
    kwh = [*panel.use, *panel.supply]
    rows = [
        (ids[i], day(d), round(float(kwh[i][d]), 3), 0, "measured")
        for i in range(len(ids)) for d in range(panel.days)
    ]  # fmt: skip
    lon = [121.5 + 0.01 * b for b in range(panel.transformers)]
    places = {"transformer_id": names, "kind": "public", "lon": lon, "lat": 29.9}
    return {
        "transformers": pd.DataFrame(places),
        "customers": hung[["customer_no", "transformer_id"]].assign(use_type="residential"),
        "meters": pd.concat([hung, masters]), "readings": readings(*rows),
    }  # fmt: skip


@pytest.fixture
def robbed(db, tmp_path):
    """Six transformers; the sixth customer of the third hides 60 % from the 31st day on."""
    fill(db, tmp_path, **files(hide(town(6), 2 * HOMES + 5, 30, 0.6)))
    return db


def test_the_commands_write_scores_with_reasons_and_keep_one_run(robbed, tmp_path, capsys):
    path, out = str(robbed.path), tmp_path / "out.csv"
    robbed.close()
    assert main(["theft", "balance", "--db", path, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["transformers"], told["days_known"]) == (6, 360)
    assert pd.read_csv(out).iloc[0]["transformer_id"] == "T02"
    asked = ["theft", "score", "--unlabelled", "--db", path, "--out", str(out), "--json"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 6 * HOMES
    scores = pd.read_csv(out, dtype={"customer_no": str})
    assert list(scores.columns) == ["customer_no", "score", "cause"]
    assert scores.iloc[0][["customer_no", "cause"]].tolist() == ["000045", "suspect"]
    assert set(scores["cause"][1:]) == {"none"}
    with Database(path) as db:
        runs = db.query("SELECT method, customers, transformers FROM theft_runs")
        assert runs.to_numpy().tolist() == [["unlabelled", 6 * HOMES, 6]]


def test_a_suspect_has_reasons_with_figures(robbed):
    first = theft_runs.run(robbed, ADMIN, lambda _: None).scores.iloc[0]
    reasons = {one["code"]: one for one in json.loads(first["reasons"])}
    fell = reasons["fell_as_loss_rose"]
    assert fell["day"] in {str(day(30)), str(day(31))}
    assert fell["percent"] == pytest.approx(60, abs=6)
    assert fell["kwh_day"] == pytest.approx(first["lost_kwh_day"], rel=0.25)
    assert first["since"].isoformat()[:10] == fell["day"]


def test_facts_that_changed_make_a_new_run(robbed, tmp_path):
    before = theft_balance.balance(robbed, ADMIN).run_id
    assert theft_balance.balance(robbed, ADMIN).run_id == before
    more = [("B000000", day(60), 5, 0, "measured")]
    fill(robbed, tmp_path, readings=readings(*more))
    assert theft_balance.balance(robbed, ADMIN).run_id > before


def test_too_few_days_are_said(db, tmp_path):
    fill(db, tmp_path, transformers=PLACE, meters=HUNG, readings=readings(*small()))
    with pytest.raises(UserError, match="theft_few_days"):
        theft_scores.score(db, ADMIN)
